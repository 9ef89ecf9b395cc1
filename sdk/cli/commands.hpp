// SPDX-License-Identifier: MIT
/// \file
/// The subcommands. Each adds itself to the command line, and runs while that is read; `result` is the exit code.
#pragma once

namespace CLI {
class App;
} // namespace CLI

namespace tickertape::cli {

void add_push(CLI::App& app, int& result);
void add_burst(CLI::App& app, int& result);
void add_lint(CLI::App& app, int& result);
void add_watch(CLI::App& app, int& result);

} // namespace tickertape::cli
