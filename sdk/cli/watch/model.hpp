// SPDX-License-Identifier: MIT
/// \file
/// WatchModel: the series that `tickertape watch` shows, in bounded memory.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/circular_buffer.hpp>

#include <tickertape/time.hpp>

#include "cli/lines/line_shapes.hpp"
#include "cli/watch/series.hpp"

namespace tickertape::cli::watch {

struct WatchOptions {
    WatchSeriesOptions series{};
    /// Further series are not kept; their lines are counted.
    std::size_t max_series = 10'000;
    /// A series that was silent for this time is removed.
    std::chrono::milliseconds forget{900'000};
    /// Only metrics that match this pattern (`*` and `?`). Empty: all.
    std::string metric{};
};

/// A series and its name.
struct WatchedSeries {
    std::string text{};          ///< `metric k=v …`, sorted by key
    std::size_t metric_size = 0; ///< the metric is what it begins with
    WatchSeries data{};
    SteadyTime heard{};
    std::optional<std::size_t> max{}; ///< of a distribution's p99: the index of its maxima in `WatchModel::series()`
    std::optional<std::size_t> p99{}; ///< of a distribution's maxima: the index of its p99

    [[nodiscard]] std::string_view metric() const noexcept { return std::string_view{text}.substr(0, metric_size); }
};

/// Counts of lines that did not become readings, and of forgotten series.
struct WatchLosses {
    std::array<std::uint64_t, lines::line_faults> faults{};
    std::uint64_t without_room = 0; ///< lines of series beyond `max_series`
    std::uint64_t too_old = 0;      ///< readings from before what is kept of their series
    std::uint64_t forgotten = 0;    ///< series that fell silent

    [[nodiscard]] std::uint64_t unusable() const noexcept;
};

/// A copy is a snapshot.
///
/// Thread safety: one thread at a time.
class WatchModel {
public:
    explicit WatchModel(WatchOptions options) : options_{std::move(options)} {}

    /// Sets the current time; call it before lines are added, and every second. Forgets silent series; their
    /// neighbours in `series()` then change places, and `generation()` changes.
    void set_time(SteadyTime now, WallTime wall);
    void add(std::string_view line);

    [[nodiscard]] const std::vector<WatchedSeries>& series() const noexcept { return series_; }
    [[nodiscard]] std::uint64_t generation() const noexcept { return losses_.forgotten; }
    [[nodiscard]] const WatchOptions& options() const noexcept { return options_; }

    /// The newest stamp, in milliseconds since 1970, but none that is more than a minute ahead of the clock, as one of
    /// those would push everything else out of the picture.
    [[nodiscard]] std::int64_t edge() const noexcept;

    [[nodiscard]] std::uint64_t lines() const noexcept { return lines_; }
    /// Over the last ten seconds.
    [[nodiscard]] double lines_per_second() const noexcept;
    /// Since the last line, or the first call of `set_time`.
    [[nodiscard]] std::chrono::nanoseconds silence() const noexcept { return now_ - heard_; }
    [[nodiscard]] const WatchLosses& losses() const noexcept { return losses_; }

private:
    struct Count {
        SteadyTime time;
        std::uint64_t lines;
    };
    static constexpr std::size_t not_asked = static_cast<std::size_t>(-1); // the series of lines that are passed over

    void take(const lines::LineShapes::Line& line);
    std::optional<std::size_t> learn(std::string_view line, const lines::PutLine& fields);
    void pair_up(std::size_t place);
    void forget_silent();

    WatchOptions options_;
    std::vector<WatchedSeries> series_;
    std::unordered_map<std::string, std::size_t> series_by_text_;
    lines::LineShapes shapes_;
    WatchLosses losses_;
    std::uint64_t lines_ = 0;
    std::int64_t newest_ = INT64_MIN;
    bool has_time_ = false;
    SteadyTime now_{};
    WallTime wall_{};
    SteadyTime heard_{};
    SteadyTime looked_{}; // for silent series
    boost::circular_buffer<Count> counts_{21};
};

} // namespace tickertape::cli::watch
