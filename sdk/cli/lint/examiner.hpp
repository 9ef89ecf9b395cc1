// SPDX-License-Identifier: MIT
/// \file
/// Examiner: finds the faults of a single line, from the point of view of its target.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/lint/fault_set.hpp"
#include "cli/lint/numbers.hpp"
#include "cli/lint/rule.hpp"

namespace tickertape::cli::lint {

/// A rule of the target that applies to a line, and the word that breaks it.
struct Observation {
    const Rule* rule = nullptr;
    std::string_view token{};
};

/// A tag as written in the line.
struct LineTag {
    std::string_view word{};
    std::string_view key{};
    std::string_view value{};
};

/// The words of a line. A word that is missing is empty.
struct LineWords {
    std::string_view metric{};
    std::string_view stamp{};
    std::string_view value{};
    std::vector<LineTag> tags{}; ///< words with text on both sides of a `=`
    std::size_t characters = 0;  ///< of all words, with one blank between two words
    std::size_t bytes = 0;       ///< the same text in bytes
    Stamp time{};
    Number number{};
};

/// The place of a line in the input.
struct LinePlace {
    bool is_first = false; ///< the first line of the input
    bool has_end = true;   ///< the line ends with a newline
    std::int64_t now = 0;  ///< seconds since 1970
};

/// Splits a line into words as the target does, and checks each word.
///
/// Thread safety: one thread at a time.
class Examiner {
public:
    /// No target accepts a line of this many bytes, so the caller may pass only its beginning.
    static constexpr std::size_t longest_line = std::size_t{256} * 1024;

    /// `host` is the host tag that tcollector adds. Rules of `ignored` are not applied.
    Examiner(Target target, std::string host, const FaultSet& ignored);

    /// `line` has no newline. The result is valid until the next call.
    std::span<const Observation> examine(std::string_view line, const LinePlace& place);
    /// Returns the words of the last line. They are complete only if no observation says that the line is dropped.
    [[nodiscard]] const LineWords& words() const noexcept { return words_; }
    /// Returns whether the target drops the last line, or worse.
    [[nodiscard]] bool is_dropped() const noexcept;
    /// Returns the rule that applies to a fault; null if the target accepts the fault.
    [[nodiscard]] const Rule* rule_of(Fault fault) const noexcept { return by_fault_[static_cast<std::size_t>(fault)]; }
    [[nodiscard]] Target target() const noexcept { return target_; }

private:
    void observe(Fault fault, std::string_view token);
    void observe_first(const FaultSet& faults, std::string_view token);
    void look_at_bytes(std::string_view line, std::uint8_t kinds, const LinePlace& place);
    bool cut(std::string_view line, const LinePlace& place);
    bool take_command(std::string_view& rest);
    std::string_view next_word(std::string_view& rest) const noexcept;
    [[nodiscard]] bool is_separator(char c) const noexcept;
    void look_at_number(const FaultSet& faults, std::string_view token);
    void look_at_name(std::string_view name, std::size_t longest, Fault fault, std::string_view token);
    void take_tag(std::string_view word);
    void look_at_tags();
    std::size_t look_at_keys();
    void look_at_time_tag();
    void look_at_lengths();

    Target target_;
    std::string host_;
    std::array<const Rule*, fault_count> by_fault_{};
    FaultSet minded_;
    std::uint8_t separators_;
    std::vector<Observation> seen_;
    LineWords words_;
    std::string unicode_; // the line with blanks in place of white space beyond ASCII
    std::vector<LineTag> sorted_tags_;
    bool non_ascii_ = false;
    bool has_tags_ = false; // there are words after the value
    bool has_host_ = false;
};

} // namespace tickertape::cli::lint
