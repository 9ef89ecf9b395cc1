// SPDX-License-Identifier: MIT
// Compiles the code of Boost.JSON, once for all our libraries. Programs that do not use it do not link it.
#include <boost/json/src.hpp>
