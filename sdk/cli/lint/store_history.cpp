// SPDX-License-Identifier: MIT
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "cli/lint/history.hpp"
#include "cli/lint/series_hash.hpp"

namespace tickertape::cli::lint {

namespace {

constexpr std::int64_t thousand = 1000;

/// Returns the time at which `target` stores a point: for VictoriaMetrics in seconds, for OpenTSDB in milliseconds, for InfluxDB,
/// which misreads milliseconds as microseconds, in microseconds. All times that 64 bits cannot hold share the smallest value.
std::int64_t instant_of(const Stamp& stamp, Target target) noexcept {
    constexpr double most_milliseconds = 1e13;
    constexpr double most_seconds = 9.2e12; // so that they fit in microseconds, too
    if (!(std::abs(stamp.number) < (stamp.is_milliseconds ? most_milliseconds : most_seconds))) {
        return std::numeric_limits<std::int64_t>::min();
    }
    const auto number = static_cast<std::int64_t>(stamp.number);
    if (target == Target::victoriametrics) {
        return number;
    }
    if (target == Target::influxdb) {
        return stamp.is_milliseconds ? number / thousand * thousand * thousand + number % thousand
                                     : number * thousand * thousand;
    }
    constexpr std::int64_t wraps_at = (std::int64_t{1} << 32U) * thousand; // OpenTSDB's seconds have 32 bits
    return stamp.is_milliseconds ? number % wraps_at : number * thousand;
}

constexpr std::uint8_t form = 15; // the bits of an encoding for the width of the value and for float
constexpr std::uint8_t in_seconds = 16;
constexpr std::uint8_t in_milliseconds = 32;

/// Returns how OpenTSDB encodes a point: an integer in the fewest bytes, a float in 4 bytes where that is exact, and the unit of
/// the time. The same time in both units makes two cells.
std::uint8_t encoding_of(const Number& number, bool is_milliseconds) noexcept {
    constexpr std::uint8_t real = 8;
    std::uint8_t bytes = static_cast<double>(static_cast<float>(number.number)) == number.number ? 4 : 8;
    if (number.is_integer) {
        const auto fits = [&]<class Integer>(Integer) { return std::in_range<Integer>(number.integer); };
        bytes = fits(std::int8_t{}) ? 1 : fits(std::int16_t{}) ? 2 : fits(std::int32_t{}) ? 4 : 8;
    }
    return static_cast<std::uint8_t>((bytes - 1) | (number.is_integer ? 0 : real) |
                                     (is_milliseconds ? in_milliseconds : in_seconds));
}

} // namespace

Fault StoreHistory::repetition(bool same_encoding) const noexcept {
    if (target_ == Target::victoriametrics) {
        return Fault::stamp_repeated;
    }
    return target_ == Target::opentsdb && !same_encoding ? Fault::stamp_conflict : Fault::stamp_overwritten;
}

void StoreHistory::add(const LineWords& line, std::vector<Remark>& out) {
    const Number& number = line.number;
    const bool exact = number.is_integer && target_ == Target::opentsdb;
    const Point now{instant_of(line.time, target_),
                    exact ? static_cast<std::uint64_t>(number.integer) : std::bit_cast<std::uint64_t>(number.number)};
    const std::uint8_t encoding = encoding_of(number, line.time.is_milliseconds);
    Series& series = series_.find(hash_of(line).in_any_order).state;
    std::size_t oldest = 0;
    for (std::size_t i = 0; i < series.size; ++i) {
        const Point& before = series.points[i];
        oldest = before.instant < series.points[oldest].instant ? i : oldest;
        if (before.instant != now.instant) {
            continue;
        }
        std::uint8_t& stored = series.encodings[i];
        // OpenTSDB reads two cells with equal bytes as one.
        const bool is_same = before.value == now.value && (stored & form) == (encoding & form);
        if (!is_same || target_ == Target::victoriametrics) { // VictoriaMetrics also keeps equal points
            out.push_back({repetition(stored == encoding), line.stamp});
        }
        series.points[i] = now;
        stored = is_same ? stored | encoding : encoding;
        return;
    }
    const bool is_full = series.size == remembered;
    if (is_full && now.instant < series.points[oldest].instant) {
        ++unchecked_;
        return;
    }
    // The oldest point goes, not the one that came first. So a forgotten point is older than all remembered ones.
    const std::size_t at = is_full ? oldest : series.size++;
    series.points[at] = now;
    series.encodings[at] = encoding;
}

} // namespace tickertape::cli::lint
