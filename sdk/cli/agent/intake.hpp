// SPDX-License-Identifier: MIT
/// \file
/// Intake: turns the lines of one child into points.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <tickertape/point.hpp>
#include <tickertape/tags.hpp>
#include <tickertape/time.hpp>

#include "cli/agent/rules.hpp"
#include "cli/lines/line_memory.hpp"
#include "cli/lines/put_line.hpp"

namespace tickertape::cli::agent {

/// Reasons to refuse a line. Those of lines::LineFault come first, with the same numbers.
inline constexpr std::size_t out_of_order = lines::line_faults;
inline constexpr std::size_t bad_series = lines::line_faults + 1;
inline constexpr std::size_t bad_time = lines::line_faults + 2;
inline constexpr std::size_t too_many_series = lines::line_faults + 3;
inline constexpr std::size_t foreign_host = lines::line_faults + 4;
inline constexpr std::size_t refusals = lines::line_faults + 5;
/// Returns the words for a refusal, as in `12 out of order`.
[[nodiscard]] std::string_view describe_refusal(std::size_t refusal) noexcept;

/// The treatment of a line that has a host tag with another value than the agent's tag.
enum class ForeignHost : std::uint8_t {
    keep,    ///< the tag stays
    replace, ///< the agent's value replaces it
    refuse,  ///< the line is refused
};

/// The rules for lines of all children.
struct IntakeOptions {
    Tags tags{};          ///< a point gets those whose keys it lacks; the host tag is one of them
    std::string prefix{}; ///< of each metric
    Rules rules{};
    /// Refuses a point that is not younger than the one before of its series, as tcollector does while it deduplicates: OpenTSDB
    /// treats two values at one timestamp as damaged data.
    bool checks_order = true;
    /// Refuses a put line without tags of its own, as a TSD does. Other lines need none: they get `tags`.
    bool puts_need_tags = false;
    ForeignHost foreign_host = ForeignHost::keep;
    std::size_t max_line = 0;   ///< longer lines are refused; 0: the limit of a TSD
    std::size_t max_series = 0; ///< further series of one child are refused; 0: no limit
};

/// The counts of an intake.
struct IntakeCounts {
    std::uint64_t lines = 0; ///< lines that are not blank
    std::uint64_t points = 0;
    std::uint64_t dropped = 0; ///< by a rule
    std::array<std::uint64_t, refusals> refused{};
    IntakeCounts& operator+=(const IntakeCounts& other) noexcept;
    [[nodiscard]] std::uint64_t all_refused() const noexcept;
    /// Returns a text such as `3 bad value, 1 out of order`.
    [[nodiscard]] std::string refusals_text() const;
};

/// Thread safety: none.
class Intake {
public:
    /// A line that was refused.
    struct Refusal {
        std::size_t why = 0;
        std::string text{}; ///< `bad value 'x'`
    };
    using OnRefusal = std::function<void(const Refusal&, std::string_view line)>;

    explicit Intake(std::shared_ptr<const IntakeOptions> options) : intake_options_{std::move(options)} {}

    /// Called with each line that is refused.
    void on_refusal(OnRefusal call) { on_refusal_ = std::move(call); }

    /// Takes a line without its newline. Appends its point to `points` if it makes one. Returns false for a blank line.
    bool take(std::string_view line, WallTime now, std::vector<Point>& points);
    /// Counts a last line without a newline, left by a writer that is gone.
    void cut_off(std::string_view line);

    /// Sets the rules for all later lines.
    void set_options(std::shared_ptr<const IntakeOptions> options);
    /// Forgets all series and their last timestamps: those of a new process may be older.
    void forget() { memory_.clear(); }
    [[nodiscard]] const IntakeCounts& counts() const noexcept { return counts_; }

private:
    struct Known {
        std::optional<Series> series{};
        std::size_t why = 0; ///< the reason if there is no series; 0: a rule drops it
        std::string text{};
        WallTime last = WallTime::min();
    };

    static constexpr std::size_t most_series = 20'000;

    Known know(const lines::PutLine& line);
    [[nodiscard]] bool takes_host_of(Tags& tags) const;
    void refuse(std::size_t why, std::string_view line, std::string text);

    std::shared_ptr<const IntakeOptions> intake_options_;
    OnRefusal on_refusal_;
    lines::LineMemory<Known> memory_{most_series};
    std::unordered_set<std::size_t> accepted_; // hashes of series, if their number is limited
    IntakeCounts counts_;
    std::string squeezed_;
};

} // namespace tickertape::cli::agent
