// SPDX-License-Identifier: MIT
// The series of `tickertape watch`, and their order.
#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <cli/watch/model.hpp>
#include <cli/watch/view.hpp>

#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace std::chrono_literals;
using tickertape::SteadyTime;
using tickertape::Value;
using tickertape::WallTime;
using tickertape::cli::lines::LineFault;
using tickertape::cli::watch::ordered;
using tickertape::cli::watch::SortBy;
using tickertape::cli::watch::WatchModel;
using tickertape::cli::watch::WatchOptions;
using tickertape::cli::watch::WatchView;

namespace {

constexpr std::int64_t origin = 1'700'000'000;

WallTime wall(std::chrono::nanoseconds since) { return WallTime{std::chrono::seconds{origin}} + since; }

/// Returns a model whose time has been set.
WatchModel model_of(const WatchOptions& options = {}) {
    WatchModel model{options};
    model.set_time(SteadyTime{}, wall(0s));
    return model;
}

std::string line(const std::string& series, int second, const std::string& value) {
    const std::size_t blank = series.find(' ');
    return "put " + series.substr(0, blank) + " " + std::to_string(origin + second) + " " + value +
           series.substr(blank);
}

std::vector<std::string> names(const WatchModel& model, const WatchView& view = {}) {
    std::vector<std::string> result;
    for (const std::size_t index : ordered(model, view, {.edge = model.edge(), .columns = 60})) {
        result.push_back(model.series()[index].text);
    }
    return result;
}

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("watch: lines of a series are one row, in whatever order their tags are") {
    WatchModel model = model_of();
    model.add("put m 1700000000 1 b=2 a=1");
    model.add("m 1700000001 2 a=1 b=2");
    model.add("put m 1700000002123 3 a=1  b=2");
    CHECK(names(model) == Names{"m a=1 b=2"});
    CHECK(model.series().front().data.newest() == Value{3});
    CHECK(model.lines() == 3);
}

TEST_CASE("watch: each line that it cannot use is counted by its fault") {
    WatchModel model = model_of();
    for (const char* bad : {"put m 1700000000 x a=1", "put m 17 1 a=1", "", "put m 1700000000 1"}) {
        model.add(bad);
    }
    CHECK(model.losses().faults[static_cast<std::size_t>(LineFault::value)] == 1);
    CHECK(model.losses().faults[static_cast<std::size_t>(LineFault::stamp)] == 1);
    CHECK(model.losses().faults[static_cast<std::size_t>(LineFault::empty)] == 1);
    CHECK(model.losses().faults[static_cast<std::size_t>(LineFault::no_tags)] == 1);
    CHECK(model.losses().unusable() == 4);
    CHECK(model.lines() == 4);
}

TEST_CASE("watch: series beyond the limit are not kept, and their lines are counted") {
    WatchModel model = model_of({.max_series = 3});
    for (int second = 0; second < 4; ++second) {
        for (int i = 0; i < 5; ++i) {
            model.add(line("m n=" + std::to_string(i), second, "1"));
        }
    }
    CHECK(model.series().size() == 3);
    CHECK(model.losses().without_room == 8);
}

TEST_CASE("watch: a series that fell silent is forgotten and makes room, and others go on") {
    WatchModel model = model_of({.max_series = 2, .forget = 60s});
    model.add(line("gone a=1", 0, "1"));
    for (int second = 0; second <= 120; ++second) {
        model.set_time(SteadyTime{std::chrono::seconds{second}}, wall(std::chrono::seconds{second}));
        model.add(line("m a=1", second, std::to_string(second)));
        if (second == 50) {
            model.add(line("late a=1", second, "7"));
            CHECK(model.losses().without_room == 1);
        }
    }
    CHECK(names(model) == Names{"m a=1"});
    CHECK(model.losses().forgotten == 1);
    model.add(line("late a=1", 121, "7"));
    CHECK(names(model, {.sort = SortBy::name}) == Names{"late a=1", "m a=1"});
    CHECK(model.series().front().data.newest() == Value{120});
    CHECK(model.series().front().data.gaps() == 0);
}

TEST_CASE("watch: only metrics that were asked for are rows") {
    WatchModel model = model_of({.metric = "net.*"});
    model.add(line("net.bytes dev=lo", 0, "1"));
    model.add(line("disk.bytes dev=a", 0, "1"));
    model.add(line("disk.bytes dev=a", 1, "1"));
    CHECK(names(model) == Names{"net.bytes dev=lo"});
    CHECK(model.losses().unusable() + model.losses().without_room == 0);
}

TEST_CASE("watch: a stamp far ahead of the clock does not push the others out of the picture") {
    WatchModel model = model_of();
    model.add(line("m a=1", 0, "1"));
    CHECK(model.edge() == origin * 1000);
    model.add(line("far a=1", 40'000, "1"));
    CHECK(model.edge() == (origin + 60) * 1000);
}

TEST_CASE("watch: lines per second are those of the last ten seconds") {
    WatchModel model = model_of();
    CHECK(model.lines_per_second() == 0);
    for (int i = 1; i <= 300; ++i) {
        const auto now = i * 100ms;
        model.set_time(SteadyTime{now}, wall(now));
        for (int line_count = i <= 200 ? 10 : 30; line_count > 0; --line_count) {
            model.add(line("m a=1", i / 10, "1"));
        }
        if (i == 200) {
            CHECK(model.lines_per_second() == Catch::Approx{100}.epsilon(0.02));
        }
    }
    CHECK(model.lines_per_second() == Catch::Approx{300}.epsilon(0.02));
    CHECK(model.silence() == 0s);
    model.set_time(SteadyTime{42s}, wall(42s));
    CHECK(model.silence() == 12s);
}

TEST_CASE("watch: rows are sorted by the chosen order, and equal rows by name") {
    WatchModel model = model_of();
    for (int second = 0; second < 20; ++second) {
        model.add(line("even b=1", second, "5"));
        model.add(line("even a=1", second, "5"));
        model.add(line("burst a=1", second, second == 10 ? "100" : "1"));
        model.add(line("total a=1", second, std::to_string(second * 3)));
    }
    model.add(line("single a=1", 20, "-4"));
    const auto by = [&](SortBy sort, bool reverse = false) { return names(model, {.sort = sort, .reverse = reverse}); };
    CHECK(by(SortBy::peak) == Names{"burst a=1", "total a=1", "even a=1", "even b=1", "single a=1"});
    CHECK(by(SortBy::value) == Names{"total a=1", "even a=1", "even b=1", "burst a=1", "single a=1"});
    CHECK(by(SortBy::value, true) == Names{"single a=1", "burst a=1", "even a=1", "even b=1", "total a=1"});
    CHECK(by(SortBy::change) == Names{"total a=1", "burst a=1", "even a=1", "even b=1", "single a=1"});
    CHECK(by(SortBy::change, true) == Names{"burst a=1", "even a=1", "even b=1", "total a=1", "single a=1"});
    CHECK(by(SortBy::name) == Names{"burst a=1", "even a=1", "even b=1", "single a=1", "total a=1"});
    CHECK(by(SortBy::name, true) == Names{"total a=1", "single a=1", "even b=1", "even a=1", "burst a=1"});
    CHECK(by(SortBy::newest).front() == "single a=1");
}

TEST_CASE("watch: a filter is a part of a name, or a pattern for the metric or all of it") {
    WatchModel model = model_of();
    for (const char* name : {"net.in dev=eth0", "net.out dev=eth1", "disk.net a=b"}) {
        model.add(line(name, 0, "1"));
    }
    const auto with = [&](const std::string& filter) { return names(model, {.sort = SortBy::name, .filter = filter}); };
    CHECK(with("").size() == 3);
    CHECK(with("net") == Names{"disk.net a=b", "net.in dev=eth0", "net.out dev=eth1"});
    CHECK(with("net.*") == Names{"net.in dev=eth0", "net.out dev=eth1"});
    CHECK(with("*.?n") == Names{"net.in dev=eth0"});
    CHECK(with("*eth1") == Names{"net.out dev=eth1"});
    CHECK(with("dev=eth") == Names{"net.in dev=eth0", "net.out dev=eth1"});
    CHECK(with("nothing").empty());
}

TEST_CASE("watch: the fast path for known lines keeps the newest value of each series") {
    for (int trial = 0; trial < 50; ++trial) {
        const std::uint64_t seed = test::seed();
        CAPTURE(seed);
        test::Random random{seed};
        WatchModel model = model_of({.max_series = 20, .forget = 20s});
        std::vector<std::uint64_t> counts(30);
        std::uint64_t without_room = 0;
        for (int i = 0; i < 2000; ++i) {
            model.set_time(SteadyTime{i * 20ms}, wall(i * 20ms));
            const std::size_t series = test::up_to(random, test::once_in(random, 9) ? 29 : 9);
            const std::string name = "m n=" + std::to_string(series);
            model.add(line(name, i / 50, std::to_string(i)));
            const auto found = std::find_if(model.series().begin(), model.series().end(),
                                            [&](const auto& known) { return known.text == name; });
            without_room += found == model.series().end() ? 1 : 0;
            REQUIRE((found == model.series().end() || found->data.newest() == Value{i}));
        }
        REQUIRE(model.series().size() <= 20);
        REQUIRE(model.losses().without_room == without_room);
    }
}
