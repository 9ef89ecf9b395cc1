// SPDX-License-Identifier: MIT
// Boost.JSON's code, which is made here, once for all libraries of ours. Who does not use it does not get it linked in.
#include <boost/json/src.hpp>
