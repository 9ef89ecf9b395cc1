// SPDX-License-Identifier: MIT
// Counters of the kernel: as they are, and per second.
#include <tickertape/totals.hpp>

#include <cstdint>
#include <limits>
#include <string>

#include <tickertape/testkit/readings.hpp>

#include "support/catch.hpp"

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t all32 = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t all64 = std::numeric_limits<std::uint64_t>::max();

/// Returns the lines of a run in which `f` reports; the run is at this time after the epoch of the steady clock.
std::string run(Totals& totals, std::chrono::milliseconds at, const std::function<void()>& f) {
    return testkit::run_once([&](Readings& out) {
               totals.begin(out, SteadyTime{at});
               f();
           })
        .lines;
}

} // namespace

TEST_CASE("A counter that grows has grown by the difference, however large it is") {
    CHECK(growth(0, 0) == 0);
    CHECK(growth(5, 12) == 7);
    CHECK(growth(0, all64) == all64);
}

TEST_CASE("A counter that wraps at 32 or 64 bits has grown across its end") {
    CHECK(growth(all32, 0) == 1);
    CHECK(growth(all32 - 9, 5) == 15);
    CHECK(growth(all64, 0) == 1);
    CHECK(growth(all64 - 9, 5) == 15);
    const std::uint64_t quarter = std::uint64_t{1} << 30U;
    CHECK(growth(all32, quarter - 1) == quarter);
    CHECK(growth(all64, (std::uint64_t{1} << 62U) - 1) == std::uint64_t{1} << 62U);
}

TEST_CASE("A counter that is smaller than it was, and did not wrap, was reset: its growth is not known") {
    CHECK_FALSE(growth(1000, 5).has_value());
    CHECK_FALSE(growth(all32 / 2, 5).has_value());
    CHECK_FALSE(growth(all32, std::uint64_t{1} << 30U).has_value());
    CHECK_FALSE(growth(all32 + 1, 0).has_value()); // more than 32 bits, and far from 64
    CHECK_FALSE(growth(all64 / 2, 5).has_value());
}

TEST_CASE("Without --rate counters are reported as totals") {
    Totals totals{false};
    CHECK(run(totals, 0s, [&] {
              totals("a", 5);
              totals("b", all64, {{"k", "v"}});
          }) == "a 1700000000 5\nb 1700000000 1.8446744073709552e+19 k=v\n");
}

TEST_CASE(
    "With --rate the first run reports nothing, and later runs report the growth per second of the steady clock") {
    Totals totals{true};
    CHECK(run(totals, 10s, [&] { totals("a", 5, {{"k", "v"}}); }).empty());
    CHECK(run(totals, 12s, [&] { totals("a", 11, {{"k", "v"}}); }) == "a 1700000000 3 k=v\n");
    CHECK(run(totals, 16s, [&] { totals("a", 12, {{"k", "v"}}); }) == "a 1700000000 0.25 k=v\n");
    CHECK(run(totals, 17s, [&] { totals("a", 12, Tags{{"k", "v"}}); }) == "a 1700000000 0 k=v\n");
    CHECK(run(totals, 17s, [&] { totals("a", 13, {{"k", "v"}}); }).empty()); // no time has passed
}

TEST_CASE("With --rate all tags together identify a series") {
    Totals totals{true};
    const auto both = [&](std::uint64_t first, std::uint64_t second) {
        totals("a", first, {{"k", "1"}, {"l", "2"}});
        totals("a", second, {{"k", "1"}, {"l", "3"}});
    };
    run(totals, 0s, [&] { both(0, 100); });
    CHECK(run(totals, 1s, [&] { both(1, 107); }) == "a 1700000000 1 k=1 l=2\na 1700000000 7 k=1 l=3\n");
}

TEST_CASE("With --rate a wrap is growth, and a reset leaves out one run") {
    Totals totals{true};
    run(totals, 0s, [&] { totals("a", all32); });
    CHECK(run(totals, 1s, [&] { totals("a", 9); }) == "a 1700000000 10\n");
    CHECK(run(totals, 2s, [&] { totals("a", 3); }).empty());
    CHECK(run(totals, 3s, [&] { totals("a", 4); }) == "a 1700000000 1\n");
}

TEST_CASE("With --rate a series that was missing for a run starts anew") {
    Totals totals{true};
    run(totals, 0s, [&] { totals("a", 1); });
    run(totals, 1s, [] {});
    CHECK(run(totals, 2s, [&] { totals("a", 100); }).empty());
    CHECK(run(totals, 3s, [&] { totals("a", 101); }) == "a 1700000000 1\n");
}
