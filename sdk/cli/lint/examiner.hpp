// SPDX-License-Identifier: MIT
/// \file
/// Examiner: finds the faults of a single line, as its target reads it.
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

/// A rule of the target's that a line falls under, and the word that does.
struct Observation {
    const Rule* rule = nullptr;
    std::string_view token{};
};

/// A tag as it stands in the line.
struct LineTag {
    std::string_view word{};
    std::string_view key{};
    std::string_view value{};
};

/// The words of a line. A word that was not found is empty.
struct LineWords {
    std::string_view metric{};
    std::string_view stamp{};
    std::string_view value{};
    std::vector<LineTag> tags{}; ///< those with `=` and something on either side of it
    std::size_t characters = 0;  ///< of all words, with a blank between two
    std::size_t bytes = 0;       ///< the same in bytes
    Stamp time{};
    Number number{};
};

/// Where a line stands.
struct LinePlace {
    bool is_first = false; ///< of the input
    bool has_end = true;   ///< a newline
    std::int64_t now = 0;  ///< seconds since 1970
};

/// Cuts a line in words as the target does and looks at each.
///
/// Thread safety: one thread at a time.
class Examiner {
public:
    /// A line of so many bytes or more is no line to any target: it need not be given whole.
    static constexpr std::size_t longest_line = std::size_t{256} * 1024;

    /// `host` is the host tag that tcollector adds. Rules of `ignored` are not applied.
    Examiner(Target target, std::string host, const FaultSet& ignored);

    /// `line` has no newline. Views in what is returned hold until the next call.
    std::span<const Observation> examine(std::string_view line, const LinePlace& place);
    /// Of the last line. Of use if no observation says that it is dropped.
    [[nodiscard]] const LineWords& words() const noexcept { return words_; }
    /// Whether some observation of the last line says so, or worse.
    [[nodiscard]] bool is_dropped() const noexcept;
    /// The rule that is applied to a fault; null if the target does not mind it.
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
    std::string unicode_; // the line without white space beyond ASCII
    std::vector<LineTag> sorted_tags_;
    bool non_ascii_ = false;
    bool has_tags_ = false; // words behind the value
    bool has_host_ = false;
};

} // namespace tickertape::cli::lint
