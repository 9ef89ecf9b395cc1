// SPDX-License-Identifier: MIT
/// \file
/// Linter: finds the lines that a target would drop or change.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/lint/examiner.hpp"
#include "cli/lint/history.hpp"
#include "cli/lint/rule.hpp"

namespace tickertape::cli::lint {

struct LinterOptions {
    Target target = Target::opentsdb;
    /// The host tag that tcollector adds.
    std::string host{};
    /// The most series that are remembered, with up to 250 bytes each. Beyond that, those that were silent for the longest time
    /// are forgotten, and `forgotten` counts them.
    std::size_t series = 500'000;
    /// These rules are not applied.
    FaultSet ignored{};
};

/// A rule that applies to a line.
struct Finding {
    const Rule* rule = nullptr;
    std::string token{}; ///< the word with the fault, as written in the line

    /// Returns the effect and the remedy, on one line of printable ASCII.
    [[nodiscard]] std::string sentence() const { return lint::sentence(*rule, token); }
};

/// Takes lines in the order in which the target gets them, on one connection.
///
/// Thread safety: one thread at a time.
class Linter {
public:
    explicit Linter(LinterOptions options);

    /// Returns the findings about `line`, which has no newline. `has_end`: a newline followed it. For a line of
    /// `Examiner::longest_line` bytes or more, pass its beginning. `now` is in seconds since 1970. The findings are valid until
    /// the next call.
    std::span<const Finding> add(std::string_view line, bool has_end, std::int64_t now);

    [[nodiscard]] std::uint64_t lines() const noexcept { return lines_; }
    [[nodiscard]] std::uint64_t count(Fault fault) const noexcept { return counts_[static_cast<std::size_t>(fault)]; }
    [[nodiscard]] std::uint64_t findings() const noexcept { return findings_count_; }
    /// Returns the worst harm so far; nothing without a finding.
    [[nodiscard]] std::optional<Harm> worst() const noexcept { return worst_; }
    /// Returns the number of forgotten series. Findings that depend on their earlier lines may be missing.
    [[nodiscard]] std::uint64_t forgotten() const;
    /// Returns the number of lines that are older than all remembered points of their series, so that they were not compared.
    [[nodiscard]] std::uint64_t unchecked() const;

private:
    void add_part(std::string_view line, const LinePlace& place);
    void tell(const Rule* rule, std::string_view token);

    Examiner examiner_;
    std::variant<TcollectorHistory, StoreHistory> history_;
    std::vector<Finding> findings_;
    std::vector<Remark> remarks_;
    std::array<std::uint64_t, fault_count> counts_{};
    std::uint64_t findings_count_ = 0;
    std::uint64_t lines_ = 0;
    std::optional<Harm> worst_;
};

} // namespace tickertape::cli::lint
