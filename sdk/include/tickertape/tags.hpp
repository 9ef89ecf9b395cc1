// SPDX-License-Identifier: MIT
/// \file
/// Tags: the `key=value` pairs that distinguish the series of one metric.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tickertape/name.hpp>

namespace tickertape {

/// One `key=value` pair as an argument; borrows its texts. The compiler checks a literal
/// key; a value is run-time text: `{{"code", ok ? "200" : "500"}}`.
struct Tag {
    Name key;
    std::string_view value;
};

/// An owned set of tags, kept sorted by key. `{{"service", "ssh"}, {"zone", zone}}` makes one.
///
/// Thread safety: as a standard container.
class Tags {
public:
    using Pair = std::pair<std::string, std::string>;

    Tags() = default;
    /// Throws UsageError for a repeated key or an illegal text.
    Tags(std::initializer_list<Tag> tags);

    /// Sets a tag and replaces the key's old value. Throws UsageError for an illegal text.
    Tags& set(Name key, std::string_view value);

    /// These tags with all of `other`; on a common key `other` wins.
    [[nodiscard]] Tags merged_with(const Tags& other) const;

    /// The value of `key`, or nullptr.
    [[nodiscard]] const std::string* find(std::string_view key) const noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return pairs_.size(); }
    [[nodiscard]] bool empty() const noexcept { return pairs_.empty(); }
    [[nodiscard]] auto begin() const noexcept { return pairs_.begin(); }
    [[nodiscard]] auto end() const noexcept { return pairs_.end(); }

    friend bool operator==(const Tags&, const Tags&) = default;

private:
    std::vector<Pair> pairs_; // sorted by key, keys distinct
};

} // namespace tickertape
