// SPDX-License-Identifier: MIT
#include <push/line_series.hpp>
#include <push/put_body.hpp>
#include <push/quarantine.hpp>
#include <push/trouble.hpp>

#include <chrono>
#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using namespace tickertape;
using namespace tickertape::push;

namespace {

constexpr SteadyTime start{1000s};

std::vector<std::string> all_of(const PutPoints& points) {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < points.size(); ++i) {
        all.emplace_back(points.object(i));
    }
    return all;
}

} // namespace

TEST_CASE("a series that is refused is held with its points, and no other is") {
    Quarantine quarantine;
    CHECK(quarantine.empty());
    CHECK(quarantine.refused("m a=b", "put m 1 1 a=b", start) == 0);
    CHECK(quarantine.holds("m a=b"));
    CHECK_FALSE(quarantine.holds("m a=c"));
    CHECK(quarantine.add("m a=b", "put m 2 1 a=b") == 0);
    CHECK(quarantine.points() == 2);
    CHECK(all_of(quarantine.release("m a=b")) == std::vector<std::string>{"put m 1 1 a=b", "put m 2 1 a=b"});
    CHECK(quarantine.empty());
    CHECK(quarantine.points() == 0);
    CHECK(quarantine.release("m a=b").empty());
}

TEST_CASE(
    "the newest point of a series is its probe, and probes come at growing distances, at most twelve in any hour") {
    Quarantine quarantine;
    (void)quarantine.refused("s", "old", start);
    (void)quarantine.add("s", "new");
    CHECK(quarantine.take_probes(start + 999ms, 10).empty());
    std::vector<SteadyTime> times;
    for (SteadyTime now = start; now < start + 3h; now += 250ms) {
        const auto probes = quarantine.take_probes(now, 10);
        REQUIRE(probes.size() <= 1);
        if (!probes.empty()) {
            CHECK(probes[0].series == "s");
            CHECK(probes[0].point == "new");
            CHECK(quarantine.take_probes(now + 1h, 10).empty()); // one at a time
            (void)quarantine.refused("s", "new", now);
            times.push_back(now);
        }
    }
    REQUIRE(times.size() > 20);
    CHECK(times[0] == start + 1s);
    CHECK(times[1] == start + 4s);
    for (std::size_t i = 12; i < times.size(); ++i) {
        CHECK(times[i] - times[i - 12] > 1h);
    }
    CHECK(quarantine.points() == 2);
}

TEST_CASE("a probe without an answer is put back, and its series asked for again") {
    Quarantine quarantine;
    (void)quarantine.refused("s", "one", start);
    REQUIRE(quarantine.take_probes(start + 1s, 10).size() == 1);
    CHECK(quarantine.points() == 0);
    CHECK(quarantine.holds("s"));
    CHECK(quarantine.put_back("s", "one") == 0);
    CHECK(quarantine.take_probes(start + 1s, 10).size() == 1);
}

TEST_CASE("all series are due when another target is in use, and a removed series is forgotten") {
    Quarantine quarantine;
    (void)quarantine.refused("a", "1", start);
    (void)quarantine.refused("b", "2", start);
    CHECK(quarantine.take_probes(start, 10).empty());
    quarantine.all_due();
    CHECK(quarantine.take_probes(start, 1).size() == 1); // not more than that
    CHECK(quarantine.take_probes(start, 10).size() == 1);
    (void)quarantine.refused("a", "1", start);
    CHECK(quarantine.give_up("a") == 1);
    CHECK_FALSE(quarantine.holds("a"));
}

TEST_CASE("the quarantine is bounded: the largest series loses its oldest points, and each is counted") {
    Quarantine quarantine{{.most_bytes = 20'000}};
    (void)quarantine.refused("small", "1", start);
    std::size_t gone = quarantine.refused("large", "0", start);
    for (int i = 1; i < 10'000; ++i) {
        gone += quarantine.add("large", std::to_string(i));
    }
    CHECK(gone > 0);
    CHECK(quarantine.points() + gone == 10'001);
    const std::vector<std::string> kept = all_of(quarantine.release("large"));
    CHECK(kept.back() == "9999");
    CHECK(kept.size() > 1'000);
    CHECK(quarantine.release("small").size() == 1);
}

TEST_CASE("points of series beyond the limit are removed at once") {
    Quarantine quarantine{{.most_series = 2}};
    CHECK(quarantine.refused("a", "1", start) == 0);
    CHECK(quarantine.refused("b", "1", start) == 0);
    CHECK(quarantine.refused("c", "1", start) == 1);
    CHECK(quarantine.points() == 2);
}

TEST_CASE("three failures of a request are caused by its points if others were taken in between") {
    Trouble down;
    for (int i = 0; i < 10; ++i) {
        down.failed(7); // it accepts nothing at all
    }
    CHECK_FALSE(down.is_of_the_points());
    CHECK_FALSE(down.is_proven());
    Trouble own;
    own.failed(7);
    CHECK_FALSE(own.is_of_the_points());
    own.failed(8);
    CHECK(own.is_of_the_points());
    CHECK_FALSE(own.is_proven());
    own.failed(8);
    CHECK(own.is_proven());
    Trouble half = Trouble::of_a_half(8);
    half.failed(8);
    CHECK_FALSE(half.is_proven());
    half.failed(9);
    CHECK(half.is_proven());
}

TEST_CASE("the series of a line, an object and a line of InfluxDB is all but time and value") {
    std::string buffer;
    CHECK(series_of_line("put m 1700000000 1 a=b c=d", buffer) == "m a=b c=d");
    const std::string object = R"({"metric":"m","timestamp":1700000000,"value":1,"tags":{"a":"b"}})";
    const std::string later = R"({"metric":"m","timestamp":1700000001500,"value":2.5,"tags":{"a":"b"}})";
    const std::string key{series_of(object, HttpDialect::opentsdb, buffer)};
    CHECK(key == R"({"metric":"m","tags":{"a":"b"}})");
    CHECK(series_of(later, HttpDialect::opentsdb, buffer) == key);
    CHECK(series_of("m,a=b value=1 1700000000000000000", HttpDialect::influx, buffer) == "m,a=b");
    CHECK(seconds_of(object, HttpDialect::opentsdb) == 1'700'000'000);
    CHECK(seconds_of(later, HttpDialect::opentsdb) == 1'700'000'001);
    CHECK(seconds_of("m,a=b value=1 1700000000000000000", HttpDialect::influx) == 1'700'000'000);
    CHECK(seconds_of("", HttpDialect::influx) == 0);
    CHECK(seconds_of("", HttpDialect::opentsdb) == 0);
}

TEST_CASE("a name unknown to a TSD is found in its answer, and in the series with that name") {
    const UnknownName metric = unknown_name("put: unknown metric: No such name for 'metrics': 'a.metric'");
    CHECK(metric == UnknownName{"metrics", "a.metric"});
    CHECK(has_name("a.metric k=v", metric));
    CHECK_FALSE(has_name("a.metric.more k=v", metric));
    CHECK_FALSE(has_name("b k=a.metric", metric));
    const UnknownName key = unknown_name("put: unknown metric: No such name for 'tagk': 'k'");
    CHECK(has_name("m k=v", key));
    CHECK_FALSE(has_name("k x=k", key));
    const UnknownName value = unknown_name("put: unknown metric: No such name for 'tagv': 'v'");
    CHECK(has_name("m k=v l=w", value));
    CHECK_FALSE(has_name("m v=k", value));
    for (const char* text :
         {"", "put: unknown metric", "No such name for 'metrics", "No such name for 'metrics': 'a"}) {
        CHECK(unknown_name(text) == UnknownName{});
    }
}
