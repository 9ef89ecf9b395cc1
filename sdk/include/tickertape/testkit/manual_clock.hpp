// SPDX-License-Identifier: MIT
/// \file
/// ManualClock, for tests. The class stands in tickertape/manual_clock.hpp, as collectors run on it, too (--once).
#pragma once

#include <tickertape/manual_clock.hpp>

namespace tickertape::testkit {

using tickertape::ManualClock;

} // namespace tickertape::testkit
