// SPDX-License-Identifier: MIT
#include <tickertape/choice.hpp>

#include <fnmatch.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include <tickertape/name.hpp>

#include "base/concat.hpp"

namespace tickertape {

namespace {

bool any_matches(const std::vector<std::string>& patterns, std::string_view value) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [value](const std::string& pattern) { return matches_glob(pattern, value); });
}

void check_pattern(const std::string& pattern) {
    if (pattern.empty()) {
        throw UsageError{"'' is no pattern; write '*' for all"};
    }
}

} // namespace

bool matches_glob(const std::string& pattern, std::string_view value) {
    static thread_local std::string text; // a C string, in memory that is used again
    text.assign(value);
    return fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

Choice::Choice(Options options) : options_{std::move(options)} {}

std::vector<Collector::Flag> Choice::flags() {
    const auto flag = [this](const char* verb, const std::string& help, std::vector<std::string>& list) {
        Collector::Flag one{.name = base::concat(verb, options_.name), .help = help, .kind = "PATTERN"};
        one.check = check_pattern;
        one.list = &list;
        one.candidates = options_.candidates;
        return one;
    };
    Collector::Flag include =
        flag("--include-", "Report only " + options_.what + " that match PATTERN; may be repeated", include_);
    Collector::Flag exclude =
        flag("--exclude-", "Leave out " + options_.what + " that match PATTERN; may be repeated", exclude_);
    exclude.own = [this] { return include_.empty() ? options_.exclude : std::vector<std::string>{}; };
    return {std::move(include), std::move(exclude)};
}

bool Choice::operator()(std::string_view value, bool own_patterns) const {
    if (any_matches(exclude_, value)) {
        return false;
    }
    if (!include_.empty()) {
        return any_matches(include_, value);
    }
    return !own_patterns || !any_matches(options_.exclude, value);
}

std::vector<Collector::Flag> operator+(std::vector<Collector::Flag> first, std::vector<Collector::Flag> more) {
    first.insert(first.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    return first;
}

} // namespace tickertape
