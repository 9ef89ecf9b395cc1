// SPDX-License-Identifier: MIT
#include "cli/push/words.hpp"

#include <unistd.h>

#include <string_view>

#include <tickertape/name.hpp>

#include "base/quote.hpp"

namespace tickertape::cli::push {

namespace {

/// `host:4242`, `unix:/path`, or with a scheme.
bool has_form_of_target(std::string_view word) {
    const std::size_t colon = word.rfind(':');
    const std::string_view port = colon == std::string_view::npos ? std::string_view{} : word.substr(colon + 1);
    return word.find("://") != std::string_view::npos || word.starts_with("unix:/") ||
           (!port.empty() && port.find_first_not_of("0123456789") == std::string_view::npos);
}

} // namespace

void sort_words(const std::vector<std::string>& words, std::vector<Target>& targets, std::vector<std::string>& files) {
    for (const std::string& word : words) {
        const bool exists = word == "-" || access(word.c_str(), F_OK) == 0;
        if (targets.empty() && exists && !has_form_of_target(word)) {
            throw UsageError{base::quote(word).append(
                word == "-" ? " is standard input; name the target first"
                            : " exists as a file; name the target first (or write it as tsd://NAME)")};
        }
        if (!files.empty() && !exists && has_form_of_target(word)) {
            throw UsageError{base::quote(word).append(" is a target behind a file; targets come first")};
        }
        const bool looks_like_file = exists || (word.find(':') == std::string::npos && !targets.empty());
        if (files.empty() && !(looks_like_file && !targets.empty())) {
            targets.emplace_back(word);
        } else {
            files.push_back(word);
        }
    }
    if (files.empty()) {
        files.emplace_back("-");
    }
}

} // namespace tickertape::cli::push
