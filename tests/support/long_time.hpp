// SPDX-License-Identifier: MIT
/// \file
/// The time after which a test takes a program or a connection as stuck.
#pragma once

#include <chrono>

namespace test {

inline constexpr std::chrono::milliseconds long_time = std::chrono::minutes{1};

} // namespace test
