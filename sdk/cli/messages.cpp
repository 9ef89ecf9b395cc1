// SPDX-License-Identifier: MIT
#include "cli/messages.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>

#include <tickertape/name.hpp>

#include "base/concat.hpp"
#include "base/quote.hpp"

namespace tickertape::cli {

void print_message(base::Level level, std::string_view sentence) {
    if (!base::is_written(level)) {
        return;
    }
    std::string line = base::concat(base::journal_prefix(level), "tickertape: ", sentence);
    std::replace(line.begin(), line.end(), '\n', ' ');
    line += '\n';
    std::fwrite(line.data(), 1, line.size(), stderr);
}

void add_log_level_flag(CLI::App& command) {
    command
        .add_option_function<std::string>(
            "--log-level", [](const std::string& text) { base::set_level(log_level_of(text)); },
            "Print messages of this level and more serious ones")
        ->type_name("error|warning|notice|info")
        ->default_str("notice");
}

base::Level log_level_of(std::string_view text) {
    const std::optional<base::Level> level = base::level_of(text);
    if (!level) {
        throw UsageError{
            base::concat("--log-level: ", base::quote(text), " is none of error, warning, notice and info")};
    }
    return *level;
}

} // namespace tickertape::cli
