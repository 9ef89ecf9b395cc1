// SPDX-License-Identifier: MIT
/// \file
/// The message for a command line that cannot be parsed.
#pragma once

#include <string>

namespace CLI {
class App;
class ParseError;
} // namespace CLI

namespace tickertape::cli {

/// Returns one sentence: the fault of the command line, the nearest flag or command for a mistyped one, and where to find help.
[[nodiscard]] std::string parse_error_message(const CLI::App& app, const CLI::ParseError& error);

} // namespace tickertape::cli
