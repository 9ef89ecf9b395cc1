// SPDX-License-Identifier: MIT
// The store of lines: readings by series, in order.
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <cli/lines/line_store.hpp>
#include <tickertape/line.hpp>

#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace std::chrono_literals;
using test::once_in;
using test::Random;
using test::up_to;
using tickertape::Value;
using tickertape::cli::lines::LineStore;
using tickertape::cli::lines::Reading;
using tickertape::cli::lines::StoredSeries;

namespace {

constexpr std::int64_t origin = 1'700'000'000'000;

/// Returns the content of a store: series with their values by timestamp, in ms.
std::map<std::string, std::map<std::int64_t, double>> contents(LineStore& store) {
    std::map<std::string, std::map<std::int64_t, double>> result;
    for (StoredSeries& series : store.series()) {
        series.sort();
        for (const Reading& reading : series.readings) {
            result[series.text()][reading.stamp()] = reading.number();
        }
    }
    return result;
}

} // namespace

TEST_CASE("burst lines: metric and tags distinguish series, in whatever order and form") {
    LineStore store{{}};
    store.add("put m 1700000000 1 a=1 b=2");
    store.add("put m 1700000001 2 b=2 a=1");
    store.add("m 1700000002000 3.5  a=1  b=2\r");
    store.add("m 1700000000 -4 a=1");
    store.add("n 1700000000 5");
    CHECK(contents(store) == std::map<std::string, std::map<std::int64_t, double>>{
                                 {"m a=1 b=2", {{origin, 1}, {origin + 1000, 2}, {origin + 2000, 3.5}}},
                                 {"m a=1", {{origin, -4}}},
                                 {"n", {{origin, 5}}}});
    CHECK(store.lines() == 5);
    CHECK(store.used() == 5);
}

TEST_CASE("burst lines: the fast path accepts exactly the lines that the strict parser accepts") {
    for (int trial = 0; trial < 300; ++trial) {
        const std::uint64_t seed = test::seed();
        CAPTURE(seed);
        Random random{seed};
        const std::vector<std::string> heads{"put m ", "put m.n ", "m ", "put  m ", "bad! "};
        const std::vector<std::string> tails{"", " a=1", " a=1 b=2", " b=2  a=1", " a", "\r", " a=1\r", " x=1.5"};
        const std::vector<std::string> values{
            "1",   "-1", "+1", "1.5", "1e3", "1e999", "-", "", "nan", "-inf", "9223372036854775808",
            "0x1", ".5", "5.", "1 2", "-0",  "00012"};
        const std::string alphabet = "0123456789 .=-+eput\rax";
        LineStore store{{}};
        std::map<std::string, std::map<std::int64_t, double>> expected;
        std::uint64_t used = 0;
        std::vector<std::uint64_t> faults(tickertape::cli::lines::line_faults);
        std::string history;
        for (int i = 0; i < 60; ++i) {
            // Repeats the same few shapes, so that the fast path is used; some of them are damaged.
            std::string line = heads[up_to(random, once_in(random, 4) ? 4 : 1)];
            line += std::to_string(1'700'000'000 + i) + (once_in(random, 4) ? "123" : "");
            line += " " + values[up_to(random, once_in(random, 2) ? values.size() - 1 : 1)];
            line += tails[up_to(random, once_in(random, 4) ? tails.size() - 1 : 1)];
            if (once_in(random, 5)) {
                line[up_to(random, line.size() - 1)] = alphabet[up_to(random, alphabet.size() - 1)];
            }
            if (once_in(random, 50)) {
                line.insert(up_to(random, line.size()), 1000, '1');
            }
            history += line + "\n";
            store.add(line);
            tickertape::cli::lines::PutLine fields;
            const auto error = tickertape::cli::lines::read_put_line(line, fields);
            ++faults[static_cast<std::size_t>(error.fault)];
            if (error.fault == tickertape::cli::lines::LineFault::none) {
                LineStore one{{}};
                one.add(line);
                const auto name = one.series().at(0).text();
                expected[name]
                        [std::chrono::floor<std::chrono::milliseconds>(fields.time()).time_since_epoch().count()] =
                            fields.number().as_double();
                ++used;
            }
        }
        CAPTURE(history);
        REQUIRE(contents(store) == expected);
        REQUIRE(store.used() == used);
        for (std::size_t fault = 1; fault < faults.size(); ++fault) {
            REQUIRE(store.faults()[fault] == faults[fault]);
        }
    }
}

TEST_CASE("burst lines: a line that is nothing but the ends of a known one is not taken for it") {
    LineStore store{{}};
    for (const char* line : {"m 1700000000 1 a=1", "m 1700000001 2 a=1", "m a=1", "m  a=1", "m 1700000002 3 a=1"}) {
        store.add(line);
    }
    CHECK(contents(store)["m a=1"].size() == 3);
    CHECK(store.used() == 3);
}

TEST_CASE("burst lines: lines out of order are put in order, and the last of one time stays") {
    LineStore store{{}};
    for (const char* line : {"m 1700000005 5", "m 1700000001 1", "m 1700000003 3", "m 1700000001 7"}) {
        store.add(line);
    }
    CHECK(store.series()[0].sort() == 1);
    CHECK(contents(store)["m"] ==
          std::map<std::int64_t, double>{{origin + 1000, 7}, {origin + 3000, 3}, {origin + 5000, 5}});
}

TEST_CASE("burst lines: beyond the memory the readings of the older half of the time are forgotten, and counted") {
    LineStore store{{.memory = 100'000}};
    constexpr std::uint64_t lines = 50'000;
    for (std::uint64_t i = 0; i < lines; ++i) {
        store.add("put m " + std::to_string(1'700'000'000 + i / 5) + " 1 n=" + std::to_string(i % 5));
        REQUIRE(store.bytes() <= 100'000);
    }
    store.finish();
    std::uint64_t kept = 0;
    for (const StoredSeries& series : store.series()) {
        kept += series.readings.size();
        CHECK(series.readings.front().stamp() >= store.kept_since());
        CHECK(series.readings.back().stamp() == origin + (lines / 5 - 1) * 1000);
    }
    CHECK(store.forgotten() > 0);
    CHECK(kept > 1000);
    CHECK(kept + store.forgotten() == lines);
    CHECK(store.without_room() == 0);
}

TEST_CASE("burst lines: series for which there is no room are counted") {
    LineStore store{{.memory = 100'000}};
    for (int i = 0; i < 1000; ++i) {
        store.add("put m 1700000000 1 n=" + std::to_string(i));
        REQUIRE(store.bytes() <= 100'000);
    }
    CHECK(store.without_room() > 0);
    CHECK(store.used() + store.without_room() == 1000);
}

TEST_CASE("burst lines: if names take all of their part of the memory, the newest readings are kept") {
    LineStore store{{.memory = 100'000}};
    constexpr std::uint64_t lines = 300'000;
    for (std::uint64_t i = 0; i < lines; ++i) {
        store.add("put m " + std::to_string(1'700'000'000'000 + i) + " 1 n=" + std::to_string(i % 1000));
        REQUIRE(store.bytes() <= 100'000);
    }
    store.finish();
    std::uint64_t kept = 0;
    for (const StoredSeries& series : store.series()) {
        kept += series.readings.size();
        CHECK(series.readings.back().stamp() >= origin + static_cast<std::int64_t>(lines) - 1000);
    }
    CHECK(kept > 500);
    CHECK(kept + store.forgotten() == store.used());
    CHECK(store.used() + store.without_room() == lines);
}

TEST_CASE("burst lines: a repeated timestamp takes no room, and is counted") {
    LineStore store{{.memory = 10'000}};
    for (int i = 0; i < 5000; ++i) {
        store.add("m 1700000000 " + std::to_string(i));
    }
    REQUIRE(store.series().size() == 1);
    CHECK(store.series()[0].sort() == 4999);
    CHECK(store.series()[0].readings.at(0).integer() == 4999);
    CHECK(store.without_room() == 0);
}

TEST_CASE("burst lines: a pattern and an age select the lines to keep") {
    LineStore store{{.last = 10s, .metric = "a.*"}};
    for (int i = 0; i < 1000; ++i) {
        store.add("a.b " + std::to_string(1'700'000'000 + i) + " 1");
        store.add("b.a " + std::to_string(1'700'000'000 + i) + " 1");
        REQUIRE(store.bytes() < 10'000);
    }
    store.add("a.old 1700000000 1");
    store.finish();
    REQUIRE(store.series().size() == 1);
    CHECK(store.series()[0].readings.size() == 10);
    CHECK(store.not_asked_for() == 1000);

    CHECK(tickertape::cli::lines::matches("a*c?", "abbccd"));
    CHECK(tickertape::cli::lines::matches("*", ""));
    CHECK(!tickertape::cli::lines::matches("a*c?", "abbcc d"));
    CHECK(!tickertape::cli::lines::matches("", "a"));
}

TEST_CASE("burst lines: timestamps whose bucket would end beyond the range of time are refused") {
    LineStore store{{}};
    for (const char* line : {"m 9000000000001 1", "m 9000000000002 1", "m 9000000000000 1", "m 9000000000001 1"}) {
        store.add(line);
    }
    CHECK(store.used() == 1);
    CHECK(store.faults()[static_cast<std::size_t>(tickertape::cli::lines::LineFault::stamp)] == 3);
}

TEST_CASE("burst lines: tags are found by their whole key") {
    const StoredSeries series{.metric = "m", .tags = "ab=1 abc=2 c="};
    CHECK(series.tag("ab") == "1");
    CHECK(series.tag("abc") == "2");
    CHECK(series.tag("c") == "");
    CHECK(!series.tag("a"));
    CHECK(!series.tag("b"));
}
