// SPDX-License-Identifier: MIT
/// \file
/// PutRules: OpenTSDB's rules for put lines, and its words for lines that it refuses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickertape::push {

using PutTags = std::vector<std::pair<std::string, std::string>>;

/// OpenTSDB's rules, in the order in which it checks them.
///
/// Thread safety: none.
class PutRules {
public:
    /// Checks the line of a put. Returns the error, without `put: ` and newline; empty if the line is accepted.
    std::string check(std::string_view line);
    /// Checks a point that came in parts. Letters beyond ASCII are accepted here.
    std::string check(std::string_view metric, std::string_view timestamp, std::string_view value, const PutTags& tags);

    /// Returns the last accepted line with the time at which it is stored. Milliseconds wrap in 2106; the changed line is in
    /// `buffer`.
    [[nodiscard]] std::string_view as_stored(std::string_view line, std::string& buffer) const;

private:
    using Tag = std::pair<std::string_view, std::string_view>;

    std::string add_tag(std::string_view word);
    std::string check_head(std::string_view metric, std::string_view timestamp, std::string_view value);
    [[nodiscard]] std::string check_rest(std::string_view metric, std::string_view value) const;
    [[nodiscard]] std::string tags_text() const;

    std::vector<Tag> tags_;
    std::int64_t time_ = 0;
    bool ascii_ = true;
};

/// Parses a number by Java's grammar: signs, digits on at least one side of the point, an exponent, a suffix. Java trims the text
/// first.
[[nodiscard]] std::optional<double> java_number(std::string_view text);

} // namespace tickertape::push
