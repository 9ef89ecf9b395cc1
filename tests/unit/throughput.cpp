// SPDX-License-Identifier: MIT
// The traffic of devices in short buckets, with samples of any lateness.
#include <tickertape/throughput.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <tickertape/testkit/manual_clock.hpp>
#include <tickertape/testkit/readings.hpp>

#include <support/allocations.hpp>
#include <support/catch.hpp>
#include <support/seed.hpp>
#include <tickertape/proc/diskstats.hpp>
#include <tickertape/proc/net_dev.hpp>
#include <tickertape/testkit/fixture_root.hpp>

using namespace tickertape;
using namespace std::chrono_literals;
using testkit::ManualClock;

namespace {

constexpr std::uint64_t all32 = std::numeric_limits<std::uint32_t>::max();

std::optional<std::string> any_name(std::string_view device) {
    return device.starts_with("part") ? std::nullopt : std::optional{std::string{device}};
}

/// Devices whose counters the test sets, and time.
struct Fixture {
    explicit Fixture(const std::string& every = "100ms", bool each = false, std::uint64_t unit = 1,
                     std::chrono::milliseconds interval = 1s)
        : throughput{{.metric = "m", .key = "dev", .directions = {"in", "out"}, .unit = unit, .name = any_name},
                     Throughput::Flags{.every = every, .each = each},
                     interval} {}

    void look() {
        throughput.look(clock.read(), [&] {
            for (const auto& [name, totals] : counters) {
                throughput(name, totals);
            }
        });
    }
    /// Lets `in` grow by `bytes` and time pass, and takes a sample.
    void pass(std::uint64_t bytes, std::chrono::nanoseconds time = 100ms) {
        counters["a"][0] += bytes;
        clock.advance(time);
        look();
    }
    /// Returns the reported values of `in`, without their series.
    std::string told() {
        const auto run = testkit::run_once([&](Readings& out) { throughput.report(out); });
        std::string values;
        for (const Point& point : run.points) {
            if (point.series().text().find("direction=in") != std::string_view::npos) {
                values += (values.empty() ? "" : " ") + std::to_string(std::llround(point.value().as_double()));
            }
        }
        return values;
    }
    std::string lines() {
        return testkit::run_once([&](Readings& out) { throughput.report(out); }).lines;
    }

    ManualClock clock;
    std::map<std::string, std::array<std::uint64_t, 2>> counters{{"a", {1000, 0}}};
    Throughput throughput;
};

} // namespace

TEST_CASE("The highest and the median bucket of a period are reported in bytes per second, per device and direction") {
    Fixture fixture;
    fixture.counters = {{"a", {5, 7}}, {"b", {0, 1}}};
    fixture.look();
    for (const unsigned bytes : {30U, 0U, 0U, 500U, 10U, 20U}) {
        fixture.counters["a"][0] += bytes;
        fixture.counters["b"][1] += 2;
        fixture.clock.advance(100ms);
        fixture.look();
    }
    CHECK(fixture.lines() == "m.max 1700000000 5000 dev=a direction=in\nm.median 1700000000 100 dev=a direction=in\n"
                             "m.max 1700000000 0 dev=a direction=out\nm.median 1700000000 0 dev=a direction=out\n"
                             "m.max 1700000000 0 dev=b direction=in\nm.median 1700000000 0 dev=b direction=in\n"
                             "m.max 1700000000 20 dev=b direction=out\nm.median 1700000000 20 dev=b direction=out\n");
    CHECK(fixture.lines().empty()); // each bucket is reported once
}

TEST_CASE(
    "Percentiles of throughput are those of a sorted list, and the 99th is there only for samples of 10 ms and less") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    for (const int every : {1, 2, 5, 10, 20, 100, 500, 1000}) {
        CAPTURE(every);
        Fixture fixture{std::to_string(every) + "ms"};
        fixture.look();
        std::vector<std::uint64_t> all;
        for (int i = 0; i < 1000 / every; ++i) {
            all.push_back(random() % 1000);
            fixture.pass(all.back(), std::chrono::milliseconds{every});
        }
        std::sort(all.begin(), all.end());
        const auto at = [&](std::size_t percent) { // the smallest value with this percentage of values at or below it
            std::size_t rank = 1;
            while (rank * 100 < percent * all.size()) {
                ++rank;
            }
            return std::to_string(all[rank - 1] * 1000 / static_cast<std::uint64_t>(every));
        };
        CHECK(fixture.told() == at(100) + " " + at(50) + (every <= 10 ? " " + at(99) : ""));
    }
}

TEST_CASE("On request each bucket is reported in bytes") {
    Fixture fixture{"100ms", true, 512};
    fixture.look();
    CHECK(fixture.throughput.period() == 100ms);
    fixture.pass(3);
    CHECK(fixture.lines() == "m 1700000000 1536 dev=a direction=in\nm 1700000000 0 dev=a direction=out\n");
    fixture.pass(0);
    CHECK(fixture.told() == "0");
}

TEST_CASE("An even flow is reported as even despite late and missed samples") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    for (const bool each : {false, true}) {
        CAPTURE(each);
        Fixture fixture{"100ms", each};
        std::chrono::nanoseconds passed{0};
        const auto go_to = [&](std::chrono::nanoseconds time) {
            fixture.clock.advance(time - passed);
            passed = time;
            fixture.counters["a"][0] = 1000 + static_cast<std::uint64_t>(passed / 1us); // 1 MB/s
            fixture.look();
        };
        go_to(0ns);
        int told = 0;
        for (int due = 1; due <= 2000; ++due) {
            const auto kind = random() % 8;
            if (kind == 0) {
                continue; // missed
            }
            const auto late = kind < 4 ? random() % 9'000'000 : random() % 99'000'000;
            go_to(due * 100ms + std::chrono::nanoseconds{late});
            const std::string values = fixture.told();
            told += values.empty() ? 0 : 1;
            const double value = values.empty() ? 0 : std::stod(values);
            const double wanted = each ? 1e5 : 1e6;
            CAPTURE(due, late, values);
            // The bytes of a slightly late sample are used unchanged; throughput is computed for the real time.
            CHECK((values.empty() || std::abs(value - wanted) <= (each ? 1e4 : 30)));
        }
        CHECK(told > 1500);
    }
}

TEST_CASE("The buckets of late samples add up to the counted bytes") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    Fixture fixture{"10ms", true};
    fixture.look();
    const std::uint64_t before = fixture.counters["a"][0];
    std::chrono::nanoseconds passed{0};
    std::uint64_t sum = 0;
    for (int due = 1; due <= 1000; ++due) {
        const std::chrono::nanoseconds late{due == 1000 || random() % 3 == 0 ? 0 : random() % 9'999'999};
        const auto time = due * 10ms + late;
        fixture.pass(random() % 2 == 0 ? 0 : random() % 100'000, time - passed);
        passed = time;
        sum += static_cast<std::uint64_t>(std::stoll(fixture.told()));
    }
    CHECK(sum == fixture.counters["a"][0] - before);
}

TEST_CASE("A late sample assigns the bytes after the end of its bucket to the next bucket") {
    Fixture fixture{"100ms", true};
    fixture.look();
    fixture.pass(150, 150ms); // due 50 ms ago
    CHECK(fixture.told() == "100");
    fixture.pass(7, 50ms);
    CHECK(fixture.told() == "57");
    fixture.pass(30, 100ms);
    CHECK(fixture.told() == "30");
}

TEST_CASE("A bucket without a sample at its end has no value, and the next one has the mean since the last sample") {
    Fixture fixture;
    fixture.look();
    fixture.pass(10);
    fixture.pass(1000, 400ms); // three are missed
    fixture.pass(20);
    CHECK(fixture.told() == "2500 200"); // of 100, 2500 and 200
}

TEST_CASE("A device has no value at the first sample, nor when its counters were reset, but across a wrap") {
    Fixture fixture;
    fixture.look();
    CHECK(fixture.told().empty());
    fixture.counters["a"][0] = all32 - 9;
    fixture.clock.advance(100ms);
    fixture.look();
    static_cast<void>(fixture.told());
    fixture.counters["a"][0] = 20;
    fixture.clock.advance(100ms);
    fixture.look();
    CHECK(fixture.told() == "300 300");
    fixture.counters["a"][0] = 5; // replaced
    fixture.clock.advance(100ms);
    fixture.look();
    CHECK(fixture.told().empty());
    fixture.pass(7);
    CHECK(fixture.told() == "70 70");
}

TEST_CASE("A device that came late in a bucket has no value before the next") {
    Fixture fixture;
    fixture.clock.advance(50ms);
    fixture.look();
    fixture.pass(1000, 50ms);
    CHECK(fixture.told().empty());
    fixture.pass(1);
    CHECK(fixture.told() == "10 10");
}

TEST_CASE("A device is reported until it goes away, and starts anew when it comes back") {
    Fixture fixture;
    fixture.look();
    fixture.pass(10);
    fixture.counters.clear();
    fixture.clock.advance(100ms);
    fixture.look();
    fixture.counters["a"][0] = 5'000'000;
    fixture.clock.advance(100ms);
    fixture.look();
    fixture.pass(20);
    CHECK(fixture.told() == "200 100");
}

TEST_CASE("A failed sample counts as missed") {
    Fixture fixture;
    fixture.look();
    fixture.clock.advance(100ms);
    fixture.throughput.look(fixture.clock.read(), [] { throw proc::ParseError{"throughput test: as it should be"}; });
    fixture.pass(40);
    CHECK(fixture.told() == "200 200");
}

TEST_CASE("A clock that is set makes no burst and no lull") {
    const auto by = GENERATE(50ms, -50ms, 100ms, -100ms, 10000ms, -10000ms, 150ms, 5ms);
    const bool each = GENERATE(false, true);
    CAPTURE(by.count(), each);
    Fixture fixture{"100ms", each};
    fixture.look();
    fixture.pass(100'000);
    static_cast<void>(fixture.told());
    fixture.clock.advance(40ms);
    fixture.clock.step(by);
    fixture.counters["a"][0] += 40'000;
    int told = 0;
    for (int i = 0; i < 5; ++i) { // samples continue at the multiples of the new time
        const auto wait = 100ms - fixture.clock.read().wall.time_since_epoch() % 100ms;
        fixture.pass(static_cast<std::uint64_t>(wait / 1us), wait);
        const std::string values = fixture.told();
        if (each && !values.empty()) {
            CHECK(std::abs(std::stoi(values) - 100'000) <= 5'000);
        } else if (!values.empty()) {
            CHECK(values == "1000000 1000000");
        }
        told += values.empty() ? 0 : 1;
    }
    CHECK(told >= 4);
}

TEST_CASE("Time that stood still, as on a suspended machine, gives no value") {
    Fixture fixture;
    fixture.look();
    fixture.clock.suspend(100ms);
    fixture.counters["a"][0] += 5;
    fixture.look();
    CHECK(fixture.told().empty());
}

TEST_CASE("An unused device is not reported before its first use, and then from its first bucket on") {
    Fixture fixture;
    fixture.counters["a"] = {0, 0};
    fixture.look();
    fixture.pass(0);
    CHECK(fixture.lines().empty());
    fixture.pass(3);
    CHECK(fixture.told() == "30 30");
}

TEST_CASE("A device without a name is left out") {
    Fixture fixture;
    fixture.counters["part1"] = {1, 1};
    fixture.look();
    fixture.pass(1);
    CHECK(fixture.lines().find("part1") == std::string::npos);
}

TEST_CASE("Samples of known devices do not allocate, and reading their files does not either") {
    testkit::FixtureRoot files{
        {"net/dev", "a|b\nc|d\na-device-with-a-long-name: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"},
        {"diskstats", "8 0 another-device-with-a-long-name 1 2 3 4 5 6 7 8 9 10 11\n"}};
    const proc::Root root{files.path()};
    std::string text;
    std::vector<proc::NetDevice> devices;
    std::vector<proc::DiskStats> disks;
    Fixture fixture{"10ms"};
    const auto look = [&] {
        fixture.throughput.look(fixture.clock.read(), [&] {
            devices = proc::read_net_dev(root, text, std::move(devices));
            for (const proc::NetDevice& device : devices) {
                fixture.throughput(device.name, {device.received[0], device.sent[0]});
            }
            disks = proc::read_diskstats(root, text, std::move(disks));
            for (const proc::DiskStats& disk : disks) {
                fixture.throughput(disk.name, {disk.values[0], disk.values[4]});
            }
        });
    };
    for (int period = 0; period < 3; ++period) {
        const std::size_t before = test::allocations();
        for (int i = 0; i < 100; ++i) {
            look();
            fixture.clock.advance(10ms);
        }
        CHECK((period == 0) == (test::allocations() != before));
        CHECK(fixture.lines().find("m.max 1700000000 0 dev=a-device-with-a-long-name") == 0);
    }
}

TEST_CASE("The sample interval divides a second, from a millisecond up, and the report interval is a multiple of it") {
    Throughput::Flags flags;
    const Collector::Flag every = flags.flags().front();
    for (const std::string good : {"1ms", "8ms", "0.5", "100ms", "1"}) {
        CAPTURE(good);
        CHECK_NOTHROW(every.check(good));
    }
    CHECK_THROWS_WITH(every.check("30ms"), "'30ms' does not divide a second, as 10ms, 100ms and 0.5 do");
    CHECK_THROWS_WITH(every.check("2"), "'2' does not divide a second, as 10ms, 100ms and 0.5 do");
    CHECK_THROWS_WITH(every.check("0"), "'0' is too short; the shortest is 0.001 s");
    CHECK_THROWS_WITH(every.check("often"), Catch::Matchers::ContainsSubstring("'often' is no duration"));
    CHECK_THROWS_WITH((Fixture{"100ms", false, 1, 250ms}), "--interval: '0.25' is no multiple of --every, 0.1 s");
    CHECK_THROWS_WITH((Fixture{"1ms", false, 1, 101s}),
                      "--interval: '101' makes more than 100000 samples, one --every 0.001 s");
    CHECK_NOTHROW(Fixture{"100ms", true, 1, 250ms}); // means nothing then
}
