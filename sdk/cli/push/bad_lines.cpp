// SPDX-License-Identifier: MIT
#include "cli/push/bad_lines.hpp"

#include <algorithm>

#include "base/concat.hpp"
#include "cli/messages.hpp"

namespace tickertape::cli::push {

namespace {

constexpr std::uint64_t most_named = 20; // further ones are only counted

} // namespace

std::string printable(std::string text) {
    std::replace_if(text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return text;
}

void BadLines::add(const lines::LineInput& input, const lines::LineError& error) {
    ++counts_[static_cast<std::size_t>(error.fault)];
    ++all_;
    if (!names_them_) {
        return;
    }
    if (all_ <= most_named) {
        // Message: FILE:LINE: REASON
        // Cause: The line is no put line, or one that no TSD stores. It is not sent.
        // Remedy: Correct the program that wrote it; tickertape lint explains the rules.
        print_message(base::Level::warning,
                      base::concat(printable(input.name()), ":", input.lines(), ": ", lines::to_string(error)));
    } else if (all_ == most_named + 1) {
        // Message: lines: more than 20 are unusable: further ones are only counted
        // Cause: The input has more than 20 lines that are no put lines.
        // Remedy: tickertape lint shows what is wrong with each kind.
        print_message(base::Level::warning, "lines: more than 20 are unusable: further ones are only counted");
    }
}

std::string BadLines::text() const {
    std::string text;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        if (counts_[i] > 0) {
            text.append(text.empty() ? "" : ", ").append(std::to_string(counts_[i])).append(" ");
            text.append(describe(static_cast<lines::LineFault>(i)));
        }
    }
    return text;
}

} // namespace tickertape::cli::push
