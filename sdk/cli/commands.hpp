// SPDX-License-Identifier: MIT
/// \file
/// The subcommands. Each one adds itself to the command line, and runs while the command line is parsed; `result` gets the exit
/// code.
#pragma once

namespace CLI {
class App;
} // namespace CLI

namespace tickertape::cli::push {
void add_command(CLI::App& app, int& result);
} // namespace tickertape::cli::push

namespace tickertape::cli::burst {
void add_command(CLI::App& app, int& result);
} // namespace tickertape::cli::burst

namespace tickertape::cli::lint {
void add_command(CLI::App& app, int& result);
} // namespace tickertape::cli::lint

namespace tickertape::cli::watch {
void add_command(CLI::App& app, int& result);
} // namespace tickertape::cli::watch

namespace tickertape::cli::spool {
void add_command(CLI::App& app, int& result);
} // namespace tickertape::cli::spool

namespace tickertape::cli::agent {
void add_command(CLI::App& app, int& result);
} // namespace tickertape::cli::agent
