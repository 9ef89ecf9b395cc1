// SPDX-License-Identifier: MIT
// The readings of a series in `tickertape watch`, and their columns.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <cli/watch/series.hpp>
#include <tickertape/dedup.hpp>
#include <tickertape/testkit/memory.hpp>

#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using test::once_in;
using test::Random;
using test::up_to;
using tickertape::Value;
using tickertape::cli::watch::Column;
using tickertape::cli::watch::Grid;
using tickertape::cli::watch::Mark;
using tickertape::cli::watch::WatchSeries;
using tickertape::cli::watch::WatchSeriesOptions;

namespace {

constexpr std::int64_t origin = 1'700'000'000'000;

/// `5` is a value, `.` a gap, `~` waits, and a blank is before the first reading.
std::string drawn(const std::vector<Column>& columns) {
    std::string text;
    for (const Column& column : columns) {
        switch (column.mark) {
        case Mark::blank: text += ' '; break;
        case Mark::waiting: text += '~'; break;
        case Mark::gap: text += '.'; break;
        case Mark::value: text += std::to_string(static_cast<int>(column.max)); break;
        }
    }
    return text;
}

/// Readings at seconds.
std::string drawn(const std::vector<std::pair<int, int>>& readings, int edge, const WatchSeriesOptions& options = {}) {
    WatchSeries series;
    for (const auto& [second, value] : readings) {
        series.add(origin + second * 1000, Value{value}, options);
    }
    return drawn(series.columns({.edge = origin + edge * 1000, .columns = 12}, options));
}

} // namespace

TEST_CASE("watch: a column is the maximum of all its buckets, at any length of a column") {
    for (int trial = 0; trial < 200; ++trial) {
        const std::uint64_t seed = test::seed();
        CAPTURE(seed);
        Random random{seed};
        const WatchSeriesOptions options{.cell = once_in(random, 2) ? 1000ms : 100ms};
        const auto step = std::vector<int>{1, 7, 20, 100, 1000}[up_to(random, 4)];
        WatchSeries series;
        std::map<std::int64_t, double> readings;
        std::int64_t stamp = origin + static_cast<std::int64_t>(up_to(random, 5000));
        for (std::size_t i = up_to(random, 3000) + 2; i > 0; --i, stamp += step) {
            const double value = static_cast<double>(up_to(random, 1000)) - (once_in(random, 3) ? 500 : 0);
            readings[stamp] = value;
            series.add(stamp, Value{value}, options);
        }
        const Grid grid{.column = options.cell * static_cast<int>(up_to(random, 9) + 1),
                        .edge = readings.rbegin()->first,
                        .columns = up_to(random, 60) + 1};
        std::map<std::int64_t, double> maxima; // by column
        const std::int64_t last = grid.edge / grid.column.count();
        for (const auto& [time, value] : readings) {
            const std::int64_t column = time / grid.column.count();
            maxima.try_emplace(column, value);
            maxima[column] = std::max(maxima[column], value);
        }
        const auto columns = series.columns(grid, options);
        REQUIRE(columns.size() == grid.columns);
        const std::int64_t first = last - static_cast<std::int64_t>(grid.columns) + 1;
        for (std::int64_t i = std::max(first, maxima.begin()->first); i <= last; ++i) {
            const Column& column = columns[static_cast<std::size_t>(i - first)];
            if (!maxima.contains(i)) {
                continue; // a coarse bucket continues
            }
            const std::int64_t begin = i * grid.column.count();
            const std::int64_t last_cell = grid.edge / options.cell.count();
            const bool is_kept = begin / options.cell.count() > last_cell - static_cast<std::int64_t>(options.cells);
            REQUIRE((column.mark == Mark::value || (column.mark == Mark::blank && !is_kept)));
            REQUIRE((column.mark == Mark::blank || column.max == maxima[i]));
        }
    }
}

TEST_CASE("watch: a bucket that is missing is a gap, and is counted") {
    CHECK(drawn({{0, 1}, {1, 2}, {2, 3}, {5, 4}, {6, 5}}, 6) == "     123..45");
    WatchSeries series;
    for (const int second : {0, 1, 2, 5, 6, 9}) {
        series.add(origin + second * 1000, Value{second}, {});
    }
    CHECK(series.gaps() == 2);
}

TEST_CASE("watch: equal neighbours up to the interval of dedup are a value that was held") {
    CHECK(drawn({{0, 1}, {1, 2}, {7, 2}, {8, 3}}, 8) == "   122222223");
    CHECK(drawn({{0, 1}, {1, 2}, {7, 2}, {8, 3}}, 8, {.dedup = 0ms}) == "   12.....23");
    CHECK(drawn({{0, 1}, {1, 2}, {7, 2}, {8, 3}}, 8, {.dedup = 5s}) == "   12.....23");
    CHECK(drawn({{0, 1}, {1, 2}, {7, 4}, {8, 3}}, 8) == "   12.....43");
}

TEST_CASE("watch: a late sample is pending while dedup may hold it back, and then missing") {
    CHECK(drawn({{0, 1}, {1, 2}}, 8) == "   12~~~~~~~");
    CHECK(drawn({{0, 1}, {1, 2}}, 8, {.dedup = 6s}) == "   12~~~~~~~");
    CHECK(drawn({{0, 1}, {1, 2}}, 9, {.dedup = 6s}) == "  12........");
    // Without dedup it waits for the collector's next dump.
    CHECK(drawn({{0, 1}, {1, 2}}, 11, {.dedup = 0ms}) == "12~~~~~~~~~~");
    CHECK(drawn({{0, 1}, {1, 2}}, 22, {.dedup = 0ms}) == "............");
}

TEST_CASE("watch: a bucket that is longer than a column fills its columns") {
    CHECK(drawn({{0, 1}, {3, 2}, {6, 3}}, 8) == "   111222333");
    CHECK(drawn({{0, 1}, {3, 2}, {9, 3}}, 11) == "111222...333");
    CHECK(drawn({{0, 1}, {4, 2}}, 4, {.granularity = 2s}) == "       11..2");
}

TEST_CASE("watch: buckets that are missing within a column mark it") {
    WatchSeries series;
    for (const int ms : {0, 100, 200, 300, 800, 900, 1000, 1100}) {
        series.add(origin + ms, Value{1}, {.cell = 100ms});
    }
    const auto columns = series.columns({.column = 1s, .edge = origin + 1100, .columns = 2}, {.cell = 100ms});
    CHECK(columns[0].has_gap);
    CHECK(!columns[1].has_gap);
    CHECK(drawn(columns) == "11");
    CHECK(series.gaps() == 1);
}

TEST_CASE("watch: a stray pair of near stamps makes gaps only for a while") {
    WatchSeries series;
    const WatchSeriesOptions options{.dedup = 0ms};
    series.add(origin - 14'000, Value{0}, options);
    for (int i = 0; i < 200; ++i) {
        series.add(origin + (i * 15 - 1) * 1000, Value{i}, options);
        REQUIRE(series.step(options) == (i < 127 ? 13s : 15s));
    }
}

TEST_CASE("watch: a late reading gets its place, unless that is kept no longer") {
    const WatchSeriesOptions options{.cells = 5};
    WatchSeries series;
    for (const int second : {0, 1, 3, 4}) {
        CHECK(series.add(origin + second * 1000, Value{second}, options));
    }
    CHECK(series.add(origin + 2000, Value{9}, options));
    CHECK(drawn(series.columns({.edge = origin + 4000, .columns = 5}, options)) == "01934");
    CHECK(series.newest() == Value{4});
    CHECK(series.add(origin + 1000, Value{7}, options)); // this second has its own column
    CHECK(!series.add(origin - 1000, Value{7}, options));
    CHECK(drawn(series.columns({.edge = origin + 4000, .columns = 6}, options)) == " 07934");
}

TEST_CASE("watch: the change is per second, and from one time to another") {
    WatchSeries series;
    series.add(origin, Value{10}, {});
    CHECK(!series.change_per_second());
    series.add(origin + 500, Value{20}, {});
    CHECK(series.change_per_second() == 20.0);
    series.add(origin + 500, Value{30}, {}); // instead of the 20
    CHECK(series.change_per_second() == 40.0);
    series.add(origin + 4500, Value{22}, {});
    CHECK(series.change_per_second() == -2.0);
}

TEST_CASE("watch: a series keeps at most the configured number of cells") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    Random random{seed};
    const WatchSeriesOptions options{.cells = up_to(random, 90) + 10};
    WatchSeries series;
    for (int i = 0; i < 2000; ++i) {
        const auto second = once_in(random, 5) ? static_cast<int>(up_to(random, 2000)) : i;
        series.add(origin + second * 1000, Value{i}, options);
        REQUIRE(series.cells() <= options.cells);
    }
    CHECK(series.cells() == options.cells);
}

TEST_CASE("watch: a series thinned out by dedup looks the same, and has the same peak and mean") {
    for (int trial = 0; trial < 100; ++trial) {
        const std::uint64_t seed = test::seed();
        CAPTURE(seed);
        Random random{seed};
        tickertape::Memory memory;
        tickertape::Dedup dedup{memory, {.interval = 20s}};
        const tickertape::Series name{"m", {{"a", "b"}}, {.step = 1s}};
        const WatchSeriesOptions options{.dedup = 20s, .granularity = 1s};
        WatchSeries raw;
        double sum = 0;
        double max = 0;
        const int seconds = static_cast<int>(up_to(random, 100)) + 2;
        int value = 0;
        for (int i = 0; i < seconds; ++i) {
            value = once_in(random, 8) ? static_cast<int>(up_to(random, 9)) : value;
            sum += value;
            max = std::max<double>(max, value);
            raw.add(origin + i * 1000, Value{value}, options);
            const tickertape::Point point{name, tickertape::WallTime{milliseconds{origin + i * 1000}}, value};
            dedup.publish({&point, 1});
        }
        dedup.flush(tickertape::SteadyTime::max());
        WatchSeries thin;
        for (const tickertape::Point& point : memory.points()) {
            const auto stamp = std::chrono::floor<milliseconds>(point.time()).time_since_epoch().count();
            thin.add(stamp, point.value(), options);
        }
        const Grid grid{.edge = origin + (seconds - 1) * 1000, .columns = 120};
        REQUIRE(drawn(thin.columns(grid, options)) == drawn(raw.columns(grid, options)));
        REQUIRE(thin.gaps() == 0);
        for (const WatchSeries* series : {&raw, &thin}) {
            const auto extent = series->extent(grid, options);
            REQUIRE(extent.has_value());
            REQUIRE(extent->max == max);
            if (sum > 0) {
                REQUIRE(extent->peak_to_mean == Catch::Approx{max * seconds / sum}.epsilon(1e-5));
            } else {
                REQUIRE(!extent->peak_to_mean);
            }
        }
    }
}

TEST_CASE("watch: peak and mean are those of the picture") {
    WatchSeries series;
    for (int i = 0; i < 100; ++i) {
        series.add(origin + i * 1000, Value{i == 10 ? 1000 : i == 95 ? 30 : 10}, {});
    }
    CHECK(series.extent({.edge = origin + 99'000, .columns = 20}, {}).value().max == 30);
    CHECK(series.extent({.edge = origin + 99'000, .columns = 20}, {}).value().peak_to_mean == Catch::Approx{30.0 / 11});
    CHECK(series.extent({.edge = origin + 99'000, .columns = 100}, {}).value().max == 1000);
    CHECK(!series.extent({.edge = origin + 500'000, .columns = 20}, {}));
}
