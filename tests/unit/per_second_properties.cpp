// SPDX-License-Identifier: MIT
// PerSecond with any clock: no count is lost, and no timestamp repeats, except where timestamps start anew.
#include <tickertape/per_second.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <tickertape/testkit/memory.hpp>

#include "support/catch.hpp"
#include "support/counting.hpp"
#include "support/seed.hpp"

using namespace std::chrono_literals;
using namespace tickertape;
using testkit::ManualClock;

namespace {

std::chrono::milliseconds random_time(test::Random& random, std::chrono::milliseconds most) {
    return std::chrono::milliseconds{test::up_to(random, static_cast<std::size_t>(most.count()))};
}

} // namespace

TEST_CASE(
    "per second: with a clock that goes back and forth no count is lost, and timestamps go up until they begin anew") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    // Series are forgotten, or the clock is set back by more than a minute: then their timestamps also start anew.
    const bool is_forgetful = GENERATE(false, true);
    CAPTURE(is_forgetful);
    for (int round = 0; round < 100; ++round) {
        ManualClock clock{test::epoch};
        WallTime latest = test::epoch;
        Memory memory;
        std::map<std::string, std::int64_t> taken;
        PerSecond::Stats stats;
        {
            PerSecond stage{memory, {.max_series = is_forgetful ? std::size_t{3} : 100, .clock = &clock}};
            for (int i = 0; i < 300; ++i) {
                const std::size_t what = test::up_to(random, 100);
                if (what < 60) {
                    const std::string name = "m" + std::to_string(test::up_to(random, 5));
                    const auto count = static_cast<std::int64_t>(test::up_to(random, 5));
                    const Point point{Series{std::string_view{name}, {}, {.merge = SeriesOptions::Merge::sum}},
                                      clock.read().wall - random_time(random, 1500ms), count};
                    taken[name] += stage.publish({&point, 1}).accepted() == 1 ? count : 0;
                } else if (what < 85) {
                    clock.advance(random_time(random, 2500ms));
                } else if (what < 94) {
                    latest = std::max(latest, clock.read().wall);
                    const WallTime earliest = is_forgetful ? latest - 40s : latest - 1h;
                    const auto back =
                        std::min(random_time(random, what < 92 ? 50s : 200s),
                                 std::chrono::floor<std::chrono::milliseconds>(clock.read().wall - earliest));
                    clock.step(test::once_in(random, 2) ? -back : random_time(random, 100s));
                } else if (what < 97) {
                    memory.take_only(test::up_to(random, 3));
                } else {
                    static_cast<void>(stage.flush(SteadyTime::max()));
                }
            }
            while (!stage.flush(SteadyTime::max())) {
                clock.advance(1s); // until timestamps ahead of time are due
            }
            stats = stage.stats();
        }
        std::map<std::string, std::int64_t> came;
        std::map<std::string, WallTime> last;
        std::uint64_t repeated = 0;
        for (const Point& point : memory.points()) {
            const std::string name{point.series().metric()};
            came[name] += point.value().integer();
            const auto before = last.find(name);
            repeated += before != last.end() && point.time() <= before->second ? 1 : 0;
            last.insert_or_assign(name, point.time());
        }
        std::erase_if(came, [](const auto& count) { return count.second == 0; });
        std::erase_if(taken, [](const auto& count) { return count.second == 0; });
        REQUIRE(came == taken);
        REQUIRE(repeated <= stats.reanchored);
        REQUIRE((!is_forgetful || stats.reanchored == 0));
        REQUIRE(stats.held + stats.dropped + stats.refused == 0);
    }
}

TEST_CASE("per second: timestamps that begin anew do so for series, too, that made others be forgotten") {
    ManualClock clock{test::epoch};
    const Memory memory;
    PerSecond stage{memory, {.max_series = 2, .clock = &clock}};
    const auto add = [&](Name name) {
        const Point point{Series{name, {}, {.merge = SeriesOptions::Merge::sum}}, clock.read().wall, 1};
        CHECK(stage.publish({&point, 1}).accepted() == 1);
    };
    add("first");
    add("second");
    clock.advance(2s);
    add("third"); // the others are forgotten
    clock.advance(2s);
    clock.step(-100s);
    add("third");
    clock.advance(50s); // less than a minute behind the timestamps of the others
    add("fourth");
    clock.advance(2s);
    CHECK(memory.points().back().series().metric() == "fourth");
    CHECK(memory.points().back().time() == test::epoch - 46s);
}
