// SPDX-License-Identifier: MIT
#include "base/help_text.hpp"

#include "base/concat.hpp"

namespace tickertape::base {

namespace {

constexpr std::size_t text_column = 28;

} // namespace

void append_help_entry(std::string& help, std::string_view term, std::string_view text) {
    std::string line = concat("  ", term);
    if (line.size() + 2 > text_column) {
        help.append(line).append("\n");
        line.clear();
    }
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        text.remove_prefix(word.size() < text.size() ? word.size() + 1 : word.size());
        const bool is_first = line.size() < text_column;
        if (!is_first && line.size() + 1 + word.size() > help_width) {
            help.append(line).append("\n");
            line.assign(text_column, ' ');
        } else if (is_first) {
            line.resize(text_column, ' ');
        } else if (line.size() > text_column) {
            line += ' ';
        }
        line += word;
    }
    if (!line.empty()) {
        help.append(line).append("\n");
    }
}

std::string help_default(std::string_view value) { return value.empty() ? "" : concat(" [", value, "]"); }

} // namespace tickertape::base
