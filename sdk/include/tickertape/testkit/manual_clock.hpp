// SPDX-License-Identifier: MIT
/// \file
/// ManualClock, for tests. The class is in tickertape/manual_clock.hpp, because collectors use it, too (--once).
#pragma once

#include <tickertape/manual_clock.hpp>

namespace tickertape::testkit {

using tickertape::ManualClock;

} // namespace tickertape::testkit
