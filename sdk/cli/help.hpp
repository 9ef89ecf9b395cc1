// SPDX-License-Identifier: MIT
/// \file
/// The text of --help for the command and its subcommands, in the same form as that of collectors.
#pragma once

#include <string>

namespace CLI {
class App;
} // namespace CLI

namespace tickertape::cli {

/// Gives this form to the help of `app` and of its later subcommands. Options appear by group, in the order in which
/// they were added. The value of an option is its `type_name`: `NUMBER`, or `auto|always|never`, from which completion is made.
void use_our_help(CLI::App& app);

} // namespace tickertape::cli
