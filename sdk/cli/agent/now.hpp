// SPDX-License-Identifier: MIT
/// \file
/// now: the time of the agent's clock.
#pragma once

#include <chrono>

#include <tickertape/time.hpp>

namespace tickertape::cli::agent {

[[nodiscard]] inline SteadyTime now() { return std::chrono::steady_clock::now(); }

} // namespace tickertape::cli::agent
