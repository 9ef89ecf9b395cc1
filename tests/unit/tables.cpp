// SPDX-License-Identifier: MIT
// Tables that are read in turn, that fail, or that are left out.
#include <tickertape/tables.hpp>

#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <collector/command_line.hpp>
#include <tickertape/testkit/lines.hpp>

#include "support/catch.hpp"
#include "support/number_tables.hpp"

using namespace std::chrono_literals;
using namespace tickertape;
using test::long_wait;
using Fixture = test::NumberTables;

TEST_CASE("Tables are reported in the order in which they were added, each in its turn") {
    Fixture fixture{{{"a"}, {.name = "b", .every = 4}}};
    std::vector<std::string> runs;
    for (int i = 0; i < 6; ++i) {
        runs.push_back(fixture.run());
    }
    CHECK(runs == std::vector<std::string>{"a=1 b=1 ", "a=2 ", "a=3 ", "a=4 ", "a=5 b=2 ", "a=6 "});
}

TEST_CASE("The rate of a table that is read only sometimes is there in the second run, and covers all the time since "
          "the last") {
    Fixture fixture{{{.name = "b", .every = 4}}, {"--rate"}};
    CHECK(fixture.run().empty());
    CHECK(fixture.run() == "b=1 ");
    CHECK(fixture.run().empty());
    CHECK(fixture.run().empty());
    CHECK(fixture.run() == "b=0.3333333333333333 ");
    CHECK(fixture.run().empty());
}

TEST_CASE("A table that is not chosen is not read") {
    Fixture fixture{{{"a"}, {"b"}}, {"--exclude-table", "a"}};
    CHECK(fixture.run() == "b=1 ");
    CHECK(fixture.files[0]->reads == 0);
    Fixture other{{{"a"}, {"b"}}, {"--include-table", "a"}};
    CHECK(other.run() == "a=1 ");
}

TEST_CASE("An unreadable table is missing only from that run") {
    Tables tables{{{"a"}, {"b"}}};
    bool fails = true;
    tables.add<int>(
        "a",
        [&fails](int& value) {
            if (std::exchange(fails, false)) {
                throw std::runtime_error{"tables test: as it should be"};
            }
            value = 7;
        },
        [](int& value, Readings& out, Totals&) { out("a", value); });
    tables.add<int>("b", [](int& value) { value = 1; }, [](int& value, Readings& out, Totals&) { out("b", value); });
    Readings out{{.step = 1s}};
    const auto run = [&](std::chrono::seconds time) {
        out.begin(WallTime{1'700'000'000s + time});
        tables.run(out, SteadyTime{time}, 1s, long_wait);
        return testkit::lines(out.points());
    };
    CHECK(run(1s) == "b 1700000001 1\n");
    CHECK(run(2s) == "a 1700000002 7\nb 1700000002 1\n");
}

TEST_CASE("If lines are limited, tables are left out by their priority, and each time is counted") {
    Fixture fixture{{{"a"}, {"b", 1, 1}, {"c", 1, 2}, {"d", 1, 3}}};
    CHECK(fixture.run(long_wait, 0.8) == "a=1 b=1 c=1 d=1 ");
    CHECK(fixture.run(long_wait, 0.7) == "a=2 b=2 c=2 ");
    CHECK(fixture.run(long_wait, 0.3) == "a=3 b=3 ");
    CHECK(fixture.run(long_wait, 0) == "a=4 ");
    CHECK(fixture.out.stats().thinned == 6);
}

TEST_CASE("A table that was left out for minutes gets its turn when a quarter of the lines is left") {
    Fixture fixture{{{"a"}, {"b", 1, 1}, {"c", 1, 2}, {"d", 1, 3}}};
    CHECK(fixture.run() == "a=1 b=1 c=1 d=1 ");
    std::map<std::string, std::vector<int>> turns; // in seconds since then
    for (int second = 1; second <= 130; ++second) {
        const std::string run = fixture.run(long_wait, 0.3);
        for (const std::string name : {"b", "c", "d"}) {
            if (run.find(name + "=") != std::string::npos) {
                turns[name].push_back(second);
            }
        }
    }
    CHECK(turns["b"].size() == 130);
    CHECK(turns["c"] == std::vector<int>{60, 120});
    CHECK(turns["d"] == std::vector<int>{120});
    for (int second = 1; second <= 130; ++second) { // with less a table would have to wait
        REQUIRE(fixture.run(long_wait, 0.2).find_first_of("bcd") == std::string::npos);
    }
}

TEST_CASE("A table that has more lines than are left is left out as a whole, and no more important one is") {
    Tables tables{{{"few"}, {"many", 1, 1}, {"more", 1, 2}}};
    const auto add = [&](const std::string& name, int lines) {
        tables.add<int>(
            name, [](int&) {},
            [name, lines](int&, Readings& out, Totals&) {
                for (int i = 0; i < lines; ++i) {
                    out(name + std::to_string(i), i);
                }
            });
    };
    add("few", 2);
    add("many", 30);
    add("more", 40);
    Readings out{{.step = 1s}};
    const auto run = [&](std::chrono::seconds time, double lines) {
        out.begin(WallTime{1'700'000'000s + time}, {}, {.lines = lines, .most = 100});
        tables.run(out, SteadyTime{time}, 1s, long_wait);
        return out.size();
    };
    CHECK(run(1s, 60) == 32); // the number of its lines is known after the report: it is taken back
    CHECK(out.spare() == 30);
    CHECK(out.stats().thinned == 1);
    CHECK(run(2s, 60) == 32); // known by now, so it is not read
    CHECK(run(3s, 31) == 2);
    CHECK(out.spare() == 0);
    CHECK(run(4s, 72) == 72);
    CHECK(run(5s, 60) == 32);
    // A table that was left out for a minute comes first, and less important ones wait until it has room.
    CHECK(run(65s, 60) == 42);
    CHECK(run(125s, 35) == 32);
    CHECK(run(126s, 41) == 2);
    CHECK(run(127s, 42) == 42);
}

TEST_CASE("A part of a table is chosen and thinned out by its own name") {
    Tables tables{{{"whole"}, {.name = "part", .thins_at = 2, .part_of = "whole"}}};
    tables.add<int>(
        "whole", [](int& value) { ++value; },
        [&tables](int& value, Readings& out, Totals& totals) {
            totals("whole", static_cast<std::uint64_t>(value));
            if (Totals* const part = tables.part("part", out)) {
                (*part)("part", static_cast<std::uint64_t>(value));
            }
        });
    Readings out{{.step = 1s}};
    const auto run = [&](double room) {
        out.begin(WallTime{1'700'000'001s}, {}, {.lines = room * 100, .most = 100});
        tables.run(out, SteadyTime{1s}, 1s, long_wait);
        return testkit::lines(out.points());
    };
    CHECK(run(1) == "whole 1700000001 1\npart 1700000001 1\n");
    CHECK(run(0.4) == "whole 1700000001 2\n");
}

TEST_CASE("A part and its table are reported independently, as the flags choose") {
    const auto run = [](const std::vector<std::string>& arguments) {
        Tables tables{{{"whole"}, {.name = "part", .part_of = "whole"}}};
        static_cast<void>(collector::parse_command_line(arguments, {.name = "c", .flags = tables.flags()}));
        tables.add<int>(
            "whole", [](int& value) { value = 7; },
            [&tables](int& value, Readings& out, Totals&) {
                for (const char* const name : {"whole", "part"}) {
                    if (Totals* const totals = tables.part(name, out)) {
                        (*totals)(name, static_cast<std::uint64_t>(value));
                    }
                }
            });
        Readings out{{.step = 1s}};
        out.begin(WallTime{1'700'000'001s});
        tables.run(out, SteadyTime{1s}, 1s, long_wait);
        return testkit::lines(out.points());
    };
    CHECK(run({}) == "whole 1700000001 7\npart 1700000001 7\n");
    CHECK(run({"--include-table", "part"}) == "part 1700000001 7\n");
    CHECK(run({"--exclude-table", "whole"}) == "part 1700000001 7\n");
    CHECK(run({"--exclude-table", "part"}) == "whole 1700000001 7\n");
    CHECK(run({"--exclude-table", "*"}).empty());
}

TEST_CASE("A table that the constructor did not get is refused") {
    Tables tables{{{"a"}}};
    CHECK_THROWS_AS(tables.add<int>("b", [](int&) {}, [](int&, Readings&, Totals&) {}), UsageError);
}
