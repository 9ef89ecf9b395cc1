// SPDX-License-Identifier: MIT
/// \file
/// The subcommand `host`, which is given the collectors that it can run.
#pragma once

#include <span>

#include "collector/body.hpp"

namespace CLI {
class App;
} // namespace CLI

namespace tickertape::cli::host {

/// Adds itself to the command line, and runs while that is read; `result` is the exit code.
void add_command(CLI::App& app, int& result, std::span<const collector::Body> collectors);

} // namespace tickertape::cli::host
