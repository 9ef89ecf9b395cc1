// SPDX-License-Identifier: MIT
/// \file
/// Quarantine: series that a target refuses, with their points.
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
    /// Of all points, with their series' names. Beyond it the series with the most gives up its oldest points.
    std::size_t most_bytes = std::size_t{16} * 1024 * 1024;
    /// Beyond it the points of further series are not set aside, but given up.
    std::size_t most_series = 50'000;
    /// Before the first probe of a series; each further one comes three times as late, up to `last_distance`: eleven in the
    /// first hour, six in any later one.
    std::chrono::milliseconds first_distance{1'000};
    std::chrono::milliseconds last_distance{600'000};
};

/// Keeps the points of series that a target refuses away from the points that it takes. They wait here, unsent; now and then
/// the newest point of each series goes out as a probe. A probe that is taken releases its series.
///
/// Points are kept as they are rendered, in order, under the name of their series as the protocol writes it.
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

    /// The target refused the point: its series waits from now on, or longer than before if that was a probe. Returns how
    /// many points are given up, as they find no room; it may be this one.
    [[nodiscard]] std::size_t refused(std::string_view series, std::string_view point, SteadyTime now,
                                      const Receipts& receipts = {});
    /// A new point of a series that is held. Returns as `refused`.
    [[nodiscard]] std::size_t add(std::string_view series, std::string_view point, const Receipts& receipts = {});

    struct Probe {
        std::string series;
        std::string point;
        Receipts receipts{};
    };
    /// The newest point of each series that is to be asked for now; they are no longer kept here.
    [[nodiscard]] std::vector<Probe> take_probes(SteadyTime now, std::size_t at_most);
    /// Puts back a probe whose fate is not known: it is kept in front of the others, and the series may be asked for again.
    [[nodiscard]] std::size_t put_back(std::string_view series, std::string_view point, const Receipts& receipts = {});
    /// The target took a point of the series. Returns all points of it; they are no longer kept.
    [[nodiscard]] PutPoints release(std::string_view series);
    /// Gives a series up. Returns how many points it had.
    std::size_t give_up(std::string_view series);
    /// Every series is to be asked for at once: another target is in use, or it is the end of the input.
    void all_due() noexcept;

private:
    struct Entry {
        PutPoints points{};
        SteadyTime due{};
        std::chrono::milliseconds distance{};
        bool is_asked = false; // a probe is under way
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
