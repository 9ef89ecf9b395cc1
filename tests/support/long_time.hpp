// SPDX-License-Identifier: MIT
/// \file
/// The time after which a test assumes that a program or a connection is stuck.
#pragma once

#include <chrono>

namespace test {

inline constexpr std::chrono::milliseconds long_time = std::chrono::minutes{1};

} // namespace test
