// SPDX-License-Identifier: MIT
#include "cli/agent/rules.hpp"

#include <cstddef>

#include <tickertape/name.hpp>

#include "base/concat.hpp"
#include "base/quote.hpp"

namespace tickertape::cli::agent {

namespace {

constexpr std::size_t most_stars = 8; // so that matching is cheap for any name

/// Returns whether `glob` matches `text`. `stars` gets the text that each `*` matches, as short as possible from the left.
bool matches(std::string_view glob, std::string_view text, std::vector<std::string_view>& stars) {
    const std::size_t star = glob.find('*');
    if (star == std::string_view::npos) {
        return glob == text;
    }
    if (!text.starts_with(glob.substr(0, star))) {
        return false;
    }
    text.remove_prefix(star);
    glob.remove_prefix(star + 1);
    if (glob.empty()) {
        stars.push_back(text);
        return true;
    }
    for (std::size_t length = 0; length <= text.size(); ++length) {
        stars.push_back(text.substr(0, length));
        const std::size_t depth = stars.size();
        if (matches(glob, text.substr(length), stars)) {
            return true;
        }
        stars.resize(depth - 1);
    }
    return false;
}

std::string renamed(std::string_view to, const std::vector<std::string_view>& stars) {
    std::string name;
    std::size_t next = 0;
    for (const char c : to) {
        if (c == '*' && next < stars.size()) {
            name.append(stars[next++]);
        } else {
            name.push_back(c);
        }
    }
    return name;
}

Tags without(const Tags& tags, std::string_view key) {
    Tags left;
    for (const auto& [name, value] : tags) {
        if (name != key) {
            left.set(Name{name}, value);
        }
    }
    return left;
}

std::size_t stars_in(std::string_view text) {
    std::size_t stars = 0;
    for (const char c : text) {
        stars += c == '*' ? 1 : 0;
    }
    return stars;
}

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
    throw UsageError{base::concat("the rule ", base::quote(text), " ", why)};
}

void check_glob(std::string_view text, std::string_view glob) {
    if (glob.empty()) {
        refuse(text, "names no metric");
    }
    if (stars_in(glob) > most_stars) {
        refuse(text, "has more than 8 stars");
    }
}

} // namespace

bool Rules::apply(std::string& metric, Tags& tags) const {
    for (const Rule& rule : rules_) {
        std::vector<std::string_view> stars;
        if (!matches(rule.glob, metric, stars)) {
            continue;
        }
        switch (rule.kind) {
        case Rule::Kind::drop: return false;
        case Rule::Kind::rename: metric = renamed(rule.to, stars); break;
        case Rule::Kind::retag:
            if (rule.value.empty()) {
                tags = without(tags, rule.key);
            } else {
                tags.set(Name{rule.key}, rule.value);
            }
        }
    }
    return true;
}

std::string to_string(const Rule& rule) {
    switch (rule.kind) {
    case Rule::Kind::drop: return base::concat("drop ", rule.glob);
    case Rule::Kind::rename: return base::concat("rename ", rule.glob, "=", rule.to);
    default: return base::concat("retag ", rule.glob, ":", rule.key, "=", rule.value);
    }
}

Rule drop_rule(std::string_view text) {
    check_glob(text, text);
    return {.kind = Rule::Kind::drop, .glob = std::string{text}};
}

Rule rename_rule(std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals + 1 == text.size()) {
        refuse(text, "is no GLOB=NAME");
    }
    const std::string_view glob = text.substr(0, equals);
    const std::string_view to = text.substr(equals + 1);
    check_glob(text, glob);
    if (stars_in(to) > stars_in(glob)) {
        refuse(text, "has more stars in the new name than in the old one");
    }
    std::string written{to};
    std::erase(written, '*');
    if (const std::size_t illegal = find_illegal(written); illegal != std::string::npos) {
        refuse(text,
               base::concat("has the illegal character ", base::quote(written.substr(illegal, 1)), " in the new name"));
    }
    return {.kind = Rule::Kind::rename, .glob = std::string{glob}, .to = std::string{to}};
}

Rule retag_rule(std::string_view text) {
    const std::size_t colon = text.find(':');
    const std::size_t equals = text.find('=', colon == std::string_view::npos ? 0 : colon);
    if (colon == std::string_view::npos || equals == std::string_view::npos || equals == colon + 1) {
        refuse(text, "is no GLOB:KEY=VALUE");
    }
    const std::string_view glob = text.substr(0, colon);
    check_glob(text, glob);
    const std::string key{text.substr(colon + 1, equals - colon - 1)};
    std::string value{text.substr(equals + 1)};
    Tags checked;
    checked.set(Name{key}, value.empty() ? std::string_view{"x"} : std::string_view{value});
    return {.kind = Rule::Kind::retag, .glob = std::string{glob}, .key = key, .value = std::move(value)};
}

} // namespace tickertape::cli::agent
