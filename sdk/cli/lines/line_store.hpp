// SPDX-License-Identifier: MIT
/// \file
/// LineStore: the readings of put lines, by series, in bounded memory.
#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <tickertape/value.hpp>

#include "cli/lines/line_shapes.hpp"
#include "cli/lines/put_line.hpp"

namespace tickertape::cli::lines {

/// A value of a series, in 16 bytes.
class Reading {
public:
    Reading(std::int64_t stamp_ms, Value value) noexcept
        : stamp_{stamp_ms * 2 + (value.is_integer() ? 0 : 1)},
          bits_{value.is_integer() ? static_cast<std::uint64_t>(value.integer())
                                   : std::bit_cast<std::uint64_t>(value.as_double())} {}

    /// Milliseconds since 1970.
    [[nodiscard]] std::int64_t stamp() const noexcept { return stamp_ >> 1; }
    [[nodiscard]] bool is_integer() const noexcept { return (stamp_ & 1) == 0; }
    [[nodiscard]] std::int64_t integer() const noexcept { return static_cast<std::int64_t>(bits_); }
    [[nodiscard]] double number() const noexcept {
        return is_integer() ? static_cast<double>(integer()) : std::bit_cast<double>(bits_);
    }
    [[nodiscard]] bool equals(const Reading& other) const noexcept {
        return bits_ == other.bits_ && is_integer() == other.is_integer();
    }

private:
    std::int64_t stamp_;
    std::uint64_t bits_;
};

/// A series of the input.
struct StoredSeries {
    std::string metric{};
    std::string tags{}; ///< `k=v k=v`, sorted by key
    std::vector<Reading> readings{};
    bool is_asked_for = true; ///< its metric matches `StoreOptions::metric`
    bool is_sorted = true;
    std::size_t replaced = 0; ///< readings that a later line with the same time replaced

    /// Returns `metric k=v …`.
    [[nodiscard]] std::string text() const;
    /// The value of the tag `key`, or nothing.
    [[nodiscard]] std::optional<std::string_view> tag(std::string_view key) const;
    /// Sorts the readings by time, and of several with the same time keeps
    /// that of the last line. Returns how many were replaced in all.
    std::size_t sort();
};

struct StoreOptions {
    /// The most bytes of readings and names. Beyond it, all series forget the readings of the older
    /// half of the time. Names take at most half of the bytes; series beyond that are not kept.
    std::size_t memory = std::size_t{512} << 20U;
    /// Keep readings up to this age, counted from the newest stamp of the input. 0: all.
    std::chrono::milliseconds last{0};
    /// Only metrics that match this pattern (`*` and `?`) are kept. Empty: all.
    std::string metric{};
    /// This metric is kept in addition, although it is not asked for, because it describes the others.
    std::string metric_beside{};
};

/// Takes lines.
///
/// Thread safety: one thread at a time.
class LineStore {
public:
    explicit LineStore(StoreOptions options) : options_{std::move(options)} {}

    void add(std::string_view line);

    /// Removes readings older than `last`, and series without readings. Call it once, after the last line.
    void finish();

    [[nodiscard]] std::vector<StoredSeries>& series() noexcept { return series_; }
    [[nodiscard]] const std::vector<StoredSeries>& series() const noexcept { return series_; }
    [[nodiscard]] std::uint64_t lines() const noexcept { return lines_; }
    [[nodiscard]] std::uint64_t used() const noexcept { return used_; }
    /// Lines of metrics that `metric` does not match.
    [[nodiscard]] std::uint64_t not_asked_for() const noexcept { return not_asked_for_; }
    /// Readings that were older than `last`.
    [[nodiscard]] std::uint64_t too_old() const noexcept { return too_old_; }
    /// Lines that could not be read, by their fault.
    [[nodiscard]] const std::array<std::uint64_t, line_faults>& faults() const noexcept { return faults_; }
    /// Readings that were forgotten because of `memory`, and the time from which readings were kept, in ms since 1970.
    [[nodiscard]] std::uint64_t forgotten() const noexcept { return forgotten_; }
    [[nodiscard]] std::int64_t kept_since() const noexcept { return kept_since_; }
    /// Lines of series for which there was no room.
    [[nodiscard]] std::uint64_t without_room() const noexcept { return without_room_; }
    /// The present bytes of readings and names.
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

private:
    static constexpr std::size_t not_asked = static_cast<std::size_t>(-1); // the series of lines that are skipped

    [[nodiscard]] std::optional<std::size_t> learn(std::string_view line, const PutLine& fields);
    void fetch_ahead() const noexcept;
    void take(const LineShapes::Line& line);
    [[nodiscard]] bool is_asked_for(std::string_view metric) const noexcept;
    std::size_t series_of(const PutLine& line);
    void append(std::size_t index, std::int64_t stamp, Value value);
    void drop_too_old(StoredSeries& series);
    void make_room();
    void forget_before(std::int64_t stamp);

    StoreOptions options_;
    std::vector<StoredSeries> series_;
    std::unordered_map<std::string, std::size_t> series_by_name_;
    LineShapes shapes_;
    std::array<std::uint64_t, line_faults> faults_{};
    std::uint64_t lines_ = 0;
    std::uint64_t used_ = 0;
    std::uint64_t not_asked_for_ = 0;
    std::uint64_t too_old_ = 0;
    std::uint64_t forgotten_ = 0;
    std::uint64_t without_room_ = 0;
    std::int64_t newest_ = INT64_MIN;
    std::int64_t kept_since_ = INT64_MIN;
    std::int64_t oldest_ = INT64_MAX; // no reading is older
    std::size_t bytes_ = 0;
    std::size_t names_ = 0; // the part of names in `bytes_`
};

/// Returns whether `text` matches `pattern`, in which `*` matches any characters and `?` one character.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view text) noexcept;

} // namespace tickertape::cli::lines
