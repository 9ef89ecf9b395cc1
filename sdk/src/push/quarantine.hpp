// SPDX-License-Identifier: MIT
/// \file
/// Quarantine: series that a target refuses, and their points.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <tickertape/time.hpp>

#include "push/put_body.hpp"

namespace tickertape::push {

struct QuarantineOptions {
    /// The most bytes of all points and the names of their series. Beyond that, the series with the most bytes loses its oldest
    /// points.
    std::size_t most_bytes = std::size_t{16} * 1024 * 1024;
    /// The most series. Points of further series are not kept.
    std::size_t most_series = 50'000;
    /// The wait before the first probe of a series. Each later wait is three times as long, up to `last_distance`: eleven probes
    /// in the first hour, six in each later one.
    std::chrono::milliseconds first_distance{1'000};
    std::chrono::milliseconds last_distance{600'000};
};

/// Separates the points of series that a target refuses from the points that it accepts. They wait here unsent. Now and then the
/// newest point of each series is sent as a probe. An accepted probe releases its series.
///
/// Points are kept as they were rendered, in order, under the name of their series in the protocol.
///
/// Thread safety: none.
class Quarantine {
public:
    explicit Quarantine(QuarantineOptions options = {}) : options_{options} {}

    [[nodiscard]] bool empty() const noexcept { return series_.empty(); }
    [[nodiscard]] bool holds(std::string_view series) const { return series_.find(series) != series_.end(); }
    [[nodiscard]] std::size_t points() const noexcept { return points_; }
    [[nodiscard]] std::size_t series() const noexcept { return series_.size(); }
    [[nodiscard]] std::vector<std::string> names() const;

    /// The target refused the point: its series waits from now on, or longer if the point was a probe.
    /// Returns the number of points that were removed for lack of room; this point may be among them.
    [[nodiscard]] std::size_t refused(std::string_view series, std::string_view point, SteadyTime now,
                                      const Receipts& receipts = {});
    /// Adds a new point of a quarantined series. Returns the same as `refused`.
    [[nodiscard]] std::size_t add(std::string_view series, std::string_view point, const Receipts& receipts = {});

    struct Probe {
        std::string series;
        std::string point;
        Receipts receipts{};
    };
    /// Returns the newest point of each series whose probe is due. The points are no longer kept here.
    [[nodiscard]] std::vector<Probe> take_probes(SteadyTime now, std::size_t at_most);
    /// Puts back a probe whose result is unknown: before the other points of its series, which may be probed again.
    [[nodiscard]] std::size_t put_back(std::string_view series, std::string_view point, const Receipts& receipts = {});
    /// The target accepted a point of the series. Returns all its points, which are no longer kept.
    [[nodiscard]] PutPoints release(std::string_view series);
    /// Removes a series and its points. Returns their number.
    std::size_t give_up(std::string_view series);
    /// Makes the probes of all series due at once: another target is in use, or the input has ended.
    void all_due() noexcept;

private:
    struct Entry {
        PutPoints points{};
        SteadyTime due{};
        std::chrono::milliseconds distance{};
        bool is_asked = false; // a probe has no answer yet
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
    };
    using All = std::unordered_map<std::string, Entry, Hash, std::equal_to<>>;

    [[nodiscard]] static std::size_t size_of(std::string_view point) noexcept;
    [[nodiscard]] static std::size_t size_of(const PutPoints& points) noexcept;
    std::size_t keep(Entry& entry, std::string_view point, const Receipts& receipts);
    std::size_t make_room();

    QuarantineOptions options_;
    All series_;
    std::size_t bytes_ = 0;
    std::size_t points_ = 0;
};

} // namespace tickertape::push
