// SPDX-License-Identifier: MIT
// Boost.JSON's code, which is made here, once for all libraries of ours. Programs that do not use it do not link it.
#include <boost/json/src.hpp>
