// SPDX-License-Identifier: MIT
/// \file
/// Findings about a line that depend on earlier lines: the rules of tcollector, and those of a server that stores it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "cli/lint/examiner.hpp"
#include "cli/lint/series_memory.hpp"

namespace tickertape::cli::lint {

/// A fault and the word that has it. The views are valid until the next line.
struct Remark {
    Fault fault{};
    std::string_view token{};
};

/// Replays tcollector's dedup, its check of the order, its queue, and its limit for silence.
///
/// Thread safety: one thread at a time.
class TcollectorHistory {
public:
    explicit TcollectorHistory(std::size_t series) : series_{series}, orders_{series} {}

    void add(const LineWords& line, std::vector<Remark>& out);
    [[nodiscard]] std::uint64_t forgotten() const noexcept { return series_.forgotten(); }
    [[nodiscard]] std::uint64_t unchecked() const noexcept { return 0; }

private:
    struct Series {
        std::uint64_t text = 0; // hash of the text of the value
        double number = 0;
        double stamp = 0; // timestamp of the last line that was forwarded, except repeated old values
        bool repeated = false;
        bool is_milliseconds = false;
    };

    /// Returns how many lines tcollector forwards because of this line.
    std::size_t dedup(const LineWords& line, std::uint64_t key, std::vector<Remark>& out);
    void pass_time(double seconds, std::vector<Remark>& out);
    void forward(std::size_t lines, std::vector<Remark>& out);
    void count_new_series(const LineWords& line, std::vector<Remark>& out);

    SeriesMemory<Series> series_;        // by the tags in their written order
    SeriesMemory<std::uint64_t> orders_; // by the tags in any order; holds the first written order
    double first_ = std::numeric_limits<double>::quiet_NaN();
    double newest_ = 0;
    double waiting_ = 0; // lines
    bool is_late_ = false;
    bool is_full_ = false;
    std::size_t late_series_ = 0;
    std::array<std::string, 2> texts_; // texts of numbers in remarks
};

/// The four newest points of each series on a server, by timestamp.
///
/// Thread safety: one thread at a time.
class StoreHistory {
public:
    static constexpr std::size_t remembered = 4;

    StoreHistory(Target target, std::size_t series) : target_{target}, series_{series} {}

    void add(const LineWords& line, std::vector<Remark>& out);
    [[nodiscard]] std::uint64_t forgotten() const noexcept { return series_.forgotten(); }
    /// Returns the number of lines that are older than the remembered points of their series. Whether they repeat a timestamp is
    /// unknown.
    [[nodiscard]] std::uint64_t unchecked() const noexcept { return unchecked_; }

private:
    struct Point {
        std::int64_t instant = 0;
        std::uint64_t value = 0;
    };
    struct Series {
        std::array<Point, remembered> points{};
        std::array<std::uint8_t, remembered> encodings{};
        std::uint8_t size = 0;
    };

    [[nodiscard]] Fault repetition(bool same_encoding) const noexcept;

    Target target_;
    SeriesMemory<Series> series_;
    std::uint64_t unchecked_ = 0;
};

} // namespace tickertape::cli::lint
