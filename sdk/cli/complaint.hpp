// SPDX-License-Identifier: MIT
/// \file
/// The answer to a wrong command line.
#pragma once

#include <string>

namespace CLI {
class App;
class ParseError;
} // namespace CLI

namespace tickertape::cli {

/// A sentence about the fault of a command line of `app`: the nearest flag or command if one is mistyped, and where to find help.
[[nodiscard]] std::string complaint(const CLI::App& app, const CLI::ParseError& error);

} // namespace tickertape::cli
