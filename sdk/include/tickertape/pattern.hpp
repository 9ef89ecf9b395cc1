// SPDX-License-Identifier: MIT
/// \file
/// Pattern: a regular expression whose search time is bounded, whatever the line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tickertape {

/// A regular expression of PCRE2 (Perl's syntax, bytes). The cost of a search is bounded: a search that
/// needs more than `most_steps` steps is abandoned. It then counts as no match, and is counted and reported.
///
/// Thread safety: none; one thread at a time.
class Pattern {
public:
    /// Throws UsageError: `'(' is no regular expression: …`.
    explicit Pattern(const std::string& expression);
    Pattern(Pattern&&) noexcept;
    Pattern& operator=(Pattern&&) noexcept;
    ~Pattern();

    /// Returns whether there is a match in `text`. Does not allocate.
    [[nodiscard]] bool matches(std::string_view text);

    /// The text of group `number` of the first match.
    /// Nothing without a match, or if the match does not use the group.
    /// The result points into `text`.
    [[nodiscard]] std::optional<std::string_view> group(std::string_view text, std::size_t number);

    /// Returns the number of abandoned searches.
    [[nodiscard]] std::uint64_t given_up() const noexcept { return given_up_; }

    static constexpr std::uint32_t most_steps = 100'000; ///< some milliseconds

private:
    struct State;

    [[nodiscard]] bool search(std::string_view text);

    std::unique_ptr<State> state_;
    std::uint64_t given_up_ = 0;
};

} // namespace tickertape
