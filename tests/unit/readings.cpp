// SPDX-License-Identifier: MIT
// The readings of a run become points, or are counted by their fault.
#include <tickertape/readings.hpp>
#include <tickertape/sketch.hpp>
#include <tickertape/testkit/lines.hpp>
#include <tickertape/testkit/readings.hpp>

#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <support/allocations.hpp>
#include <support/catch.hpp>

using namespace tickertape;
using namespace std::chrono_literals;
using testkit::run_once;

namespace {

constexpr double no_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

std::string run_of(Readings& out, WallTime due, const std::function<void(Readings&)>& f) {
    out.begin(due);
    f(out);
    return testkit::lines(out.points());
}

} // namespace

TEST_CASE("Each reading of a run is a point with the time at which the run was due, in the order of the calls") {
    const std::string disk = "sda";
    const Tags made_at_run_time{{"b", "2"}, {"a", "1"}};
    const auto result = run_once(
        [&](Readings& out) {
            CHECK(out.time() == WallTime{1'700'000'007s});
            out("z.integer", 12);
            out("a.unsigned", std::uint64_t{1} << 62U);
            out("a.double", 0.25, {{"disk", disk}, {"bus", "scsi"}});
            out(std::string{"a.float"}, 1.5F, made_at_run_time);
            out("a.double", -1, {{"disk", "sdb"}, {"bus", "scsi"}});
        },
        WallTime{1'700'000'007s});
    CHECK(result.lines == "z.integer 1700000007 12\n"
                          "a.unsigned 1700000007 4611686018427387904\n"
                          "a.double 1700000007 0.25 bus=scsi disk=sda\n"
                          "a.float 1700000007 1.5 a=1 b=2\n"
                          "a.double 1700000007 -1 bus=scsi disk=sdb\n");
    CHECK(result.points.size() == 5);
    CHECK(result.stats == Readings::Stats{.accepted = 5});
}

TEST_CASE("Stamps are whole seconds if the distance of runs is, else milliseconds") {
    const auto tick = [](Readings& out) { out("m", 1); };
    CHECK(run_once(tick, WallTime{1'700'000'000s}, {.step = 5s}).lines == "m 1700000000 1\n");
    CHECK(run_once(tick, WallTime{1'700'000'000'500ms}, {.step = 500ms}).lines == "m 1700000000500 1\n");
    CHECK(run_once(tick, WallTime{1'700'000'001'500ms}, {.step = 1500ms}).lines == "m 1700000001500 1\n");
    CHECK(run_once(tick, WallTime{1'700'000'000s}, {.step = 5s}).points.front().series().step() == 5s);
}

TEST_CASE("Tags of the options are on every reading") {
    const auto result = run_once(
        [](Readings& out) {
            out("m", 1, {{"disk", "sda"}});
            out("n", 2);
        },
        testkit::default_due, {.step = 1s, .tags = {{"zone", "b"}, {"app", "x"}}});
    CHECK(result.lines == "m 1700000000 1 app=x disk=sda zone=b\nn 1700000000 2 app=x zone=b\n");
}

TEST_CASE("A reading that is no point is counted by its reason and does not harm the others") {
    const auto result = run_once([&](Readings& out) {
        out("before", 1);
        out(std::string{"has blank"}, 1);
        out(std::string{}, 1);
        out(std::string{"x\nput y 1 1"}, 1);
        out("m", 1, {{"disk", std::string{"a=b"}}});
        out("m", 1, {{std::string{"a b"}, "c"}});
        out("m", 1, {{"twice", "1"}, {"once", "1"}, {"twice", "2"}});
        out("m", 1, {{"a", "1"}, {"b", "1"}, {"c", "1"}, {"d", "1"}, {"e", "1"}, {"f", "1"}, {"g", "1"}, {"h", "1"}});
        out(std::string(900, 'm'), 1);
        out(std::string(5000, 'm'), 1);
        out("nan", no_number);
        out("inf", infinity);
        out("inf", -infinity);
        out("inf", 3);
        out("after", 2);
    });
    CHECK(result.lines == "before 1700000000 1\ninf 1700000000 3\nafter 1700000000 2\n");
    CHECK(result.stats == Readings::Stats{.accepted = 3, .illegal = 9, .not_finite = 3});
    CHECK(result.stats.refused() == 12);
}

TEST_CASE("A name that was refused is refused in later runs, too") {
    Readings out;
    for (int run = 0; run < 3; ++run) {
        CHECK(run_of(out, testkit::default_due + run * 1s, [](Readings& r) { r(std::string{"a b"}, 1); }).empty());
    }
    CHECK(out.stats() == Readings::Stats{.illegal = 3});
}

TEST_CASE("Texts stay distinct even if an illegal one contains a separator") {
    // With a separator instead of lengths, these texts could be one key.
    const std::string nul(1, '\0');
    const auto result = run_once([&](Readings& out) {
        out("m", 1, {{"k", "v"}});
        out("m" + nul + "k" + nul + "v", 2);
        out("m", 3, {{"k" + nul + "v", std::string{}}});
    });
    CHECK(result.lines == "m 1700000000 1 k=v\n");
    CHECK(result.stats == Readings::Stats{.accepted = 1, .illegal = 2});
}

TEST_CASE("Of two readings of one series in a run the first one counts, in whatever order their tags stand") {
    Readings out;
    const auto run = [](Readings& r) {
        r("m", 1, {{"a", "1"}, {"b", "2"}});
        r("m", 2, {{"b", "2"}, {"a", "1"}});
        r("m", 3, {{"b", "2"}, {"a", "2"}});
    };
    CHECK(run_of(out, testkit::default_due, run) == "m 1700000000 1 a=1 b=2\nm 1700000000 3 a=2 b=2\n");
    CHECK(run_of(out, testkit::default_due + 1s, run) == "m 1700000001 1 a=1 b=2\nm 1700000001 3 a=2 b=2\n");
    CHECK(out.stats() == Readings::Stats{.accepted = 4, .repeated = 2});
}

TEST_CASE("At the limit of series those of earlier runs make room, and no others") {
    Readings out{{.step = 1s, .max_series = 2}};
    const auto report = [](std::initializer_list<int> numbers) {
        return [=](Readings& r) {
            for (const int number : numbers) {
                r("m", number, {{"number", std::to_string(number)}});
            }
        };
    };
    const WallTime due = testkit::default_due;
    CHECK(run_of(out, due, report({1, 2, 3})) == "m 1700000000 1 number=1\nm 1700000000 2 number=2\n");
    CHECK(out.stats().over_limit == 1);
    // 1 and 2 may still come in this run.
    CHECK(run_of(out, due + 1s, report({3, 4})).empty());
    CHECK(out.stats().over_limit == 3);
    CHECK(run_of(out, due + 2s, report({3, 4, 1})) == "m 1700000002 3 number=3\nm 1700000002 4 number=4\n");
    CHECK(out.stats() == Readings::Stats{.accepted = 4, .over_limit = 4});
}

TEST_CASE("A reading that sets the key of a common tag is a wrong setting in the first run, and left out later") {
    Readings out{{.step = 1s, .tags = {{"disk", "all"}}}};
    out.begin(testkit::default_due);
    CHECK_THROWS_WITH(out("m", 1, {{"disk", "sda"}}), "--tag: 'disk=all' sets a key that the reading 'm' sets itself");
    CHECK(run_of(out, testkit::default_due + 1s, [](Readings& r) {
              r("n", 1, {{"disk", "sda"}});
              r("o", 1);
          }) == "o 1700000001 1 disk=all\n");
    CHECK(out.stats() == Readings::Stats{.accepted = 1, .illegal = 1});
}

TEST_CASE("A reading that has been seen before does not allocate") {
    Readings out{{.step = 1s, .tags = {{"zone", "somewhere-far-beyond-the-small-string"}}}};
    std::vector<std::string> disks;
    for (int i = 0; i < 100; ++i) {
        disks.push_back("a-disk-whose-name-is-longer-than-a-small-string-" + std::to_string(i));
    }
    const auto run = [&] {
        out.begin(testkit::default_due);
        const std::size_t before = test::allocations();
        for (const std::string& disk : disks) {
            out("a.metric.whose.name.is.longer.than.a.small.string", 1.5, {{"disk", disk}, {"bus", "scsi"}});
        }
        const std::size_t after = test::allocations();
        CHECK(out.points().size() == disks.size());
        return after - before;
    };
    CHECK(run() > disks.size());
    CHECK(run() == 0);
    CHECK(run() == 0);
}

TEST_CASE("Invalid options of Readings are refused at construction") {
    CHECK_THROWS_WITH((Readings{{.step = -1s}}), "the step of Readings is negative; it is 0 (none) or positive");
    CHECK_THROWS_WITH((Readings{{.max_series = 0}}), "the max_series of Readings is 0; it is at least 1");
}

TEST_CASE("An exception passes through run_once") {
    CHECK_THROWS_AS(run_once([](Readings& /*out*/) { throw std::runtime_error{"gone"}; }), std::runtime_error);
}

TEST_CASE("A sketch is read as its count, sum, maximum and p99, an empty one as its count") {
    Sketch sketch;
    for (int i = 1; i <= 1000; ++i) {
        sketch.record(i * 0.001);
    }
    const Tags tags{{"device", "sda"}};
    const auto result = run_once(
        [&](Readings& out) {
            out("disk.latency", sketch, {{"device", "sda"}});
            out("disk.idle", Sketch{}, tags);
            out(std::string{"no name"}, sketch);
        },
        WallTime{1'700'000'000s});
    const std::string p99 = to_string(Value{sketch.quantile(0.99)});
    CHECK(result.lines == "disk.latency.count 1700000000 1000 device=sda\n"
                          "disk.latency.sum 1700000000 500.5 device=sda\n"
                          "disk.latency.max 1700000000 1 device=sda\n"
                          "disk.latency.p99 1700000000 " +
                              p99 +
                              " device=sda\n"
                              "disk.idle.count 1700000000 0 device=sda\n");
    CHECK(result.stats == Readings::Stats{.accepted = 5, .illegal = 4});
}
