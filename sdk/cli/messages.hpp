// SPDX-License-Identifier: MIT
/// \file
/// The messages of subcommands, and their flag --log-level.
#pragma once

#include <string_view>

#include "base/log.hpp"

namespace CLI {
class App;
} // namespace CLI

namespace tickertape::cli {

/// Prints `tickertape: SENTENCE` on one line of stderr, unless messages of this level are left out. In systemd's journal its priority
/// is in front (`<4>`).
void print_message(base::Level level, std::string_view sentence);

/// Adds `--log-level`, which has its effect while the command line is read.
void add_log_level_flag(CLI::App& command);

/// Reads the value of --log-level. Throws UsageError.
[[nodiscard]] base::Level log_level_of(std::string_view text);

} // namespace tickertape::cli
