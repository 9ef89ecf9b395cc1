// SPDX-License-Identifier: MIT
/// \file
/// The subcommand `host`, which runs some of the collectors that it gets.
#pragma once

#include <span>

#include "collector/body.hpp"

namespace CLI {
class App;
} // namespace CLI

namespace tickertape::cli::host {

/// Adds the subcommand to the command line. It runs while the command line is parsed; `result` gets the exit code.
void add_command(CLI::App& app, int& result, std::span<const collector::Body> collectors);

} // namespace tickertape::cli::host
