// SPDX-License-Identifier: MIT
// The agent starts and ends programs by tcollector's rules, on a clock that the test moves.
#include <chrono>
#include <string>
#include <vector>

#include <cli/agent/roster.hpp>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using tickertape::SteadyTime;
using tickertape::cli::agent::Ended;
using tickertape::cli::agent::Program;
using tickertape::cli::agent::Roster;
using tickertape::cli::agent::RosterOptions;
using tickertape::cli::agent::Scan;

namespace {

using Orders = std::vector<Roster::Order>;

Program program(const std::string& name, std::chrono::seconds interval = 0s, std::int64_t changed = 1'700'000'000) {
    return {.name = name, .interval = interval, .path = "/c/" + name, .changed = changed};
}

Scan directory(std::vector<Program> programs) { return {.programs = std::move(programs)}; }

Orders start(const std::string& name) { return {{.action = Roster::Action::start, .name = name}}; }
Orders terminate(const std::string& name) { return {{.action = Roster::Action::terminate, .name = name}}; }
Orders kill(const std::string& name) { return {{.action = Roster::Action::kill, .name = name}}; }

/// A roster on a clock that the test moves.
struct Day {
    explicit Day(const RosterOptions& options = {})
        : roster{options, [this](tickertape::base::Level, const std::string& sentence) { said.push_back(sentence); }} {}

    Orders look(const Scan& scan) { return roster.look(scan, now); }
    Orders due() { return roster.due(now); }
    void pass(SteadyTime::duration time) { now += time; }
    void start(const std::string& name) {
        REQUIRE(look(files) == ::start(name));
        roster.started(name, now);
    }
    /// Lets `wait` pass, and checks that the program is due then, and not earlier.
    void check_start_after(const std::string& name, std::chrono::seconds wait) {
        CAPTURE(wait.count());
        pass(wait - 1s);
        CHECK(due().empty());
        pass(1s);
        CHECK(due() == ::start(name));
    }
    Roster::State state(const std::string& name) { return roster.members().at(name).state; }

    Scan files = directory({program("a")});
    SteadyTime now{1'000h};
    std::vector<std::string> said;
    Roster roster;
};

constexpr Ended in_order{.code = 0};
constexpr Ended crash{.code = 1};
constexpr Ended on_request{.code = 13};
constexpr Ended segv{.signal = 11};

} // namespace

TEST_CASE("agent: a long-lived program is started once, and again at the next look after it has ended in order") {
    Day day;
    day.start("a");
    CHECK(day.look(day.files).empty());
    day.pass(3s);
    day.roster.heard("a", day.now);
    day.roster.ended("a", in_order, day.now);
    CHECK(day.due().empty());
    day.pass(12s);
    CHECK(day.look(day.files) == start("a"));
}

TEST_CASE("agent: a program that fails, is killed or asks for it restarts an hour after its last start") {
    const Ended how = GENERATE(crash, on_request, segv);
    Day day;
    day.start("a");
    day.pass(100s);
    day.roster.ended("a", how, day.now);
    CHECK(day.state("a") == Roster::State::dead);
    day.pass(3'499s);
    CHECK(day.look(day.files).empty());
    day.pass(1s);
    CHECK(day.look(day.files) == start("a"));
}

TEST_CASE("agent: a program that fails after more than an hour restarts at the next look") {
    Day day;
    day.start("a");
    day.pass(2h);
    (void)day.look(day.files);
    day.roster.ended("a", segv, day.now);
    day.pass(15s);
    CHECK(day.look(day.files) == start("a"));
}

TEST_CASE("agent: a dead program whose file is newer is started at once, one whose file is older is not") {
    Day day;
    day.start("a");
    day.roster.ended("a", on_request, day.now);
    day.pass(15s);
    CHECK(day.look(directory({program("a", 0s, 1'600'000'000)})).empty());
    CHECK(day.look(directory({program("a", 0s, 1'700'000'001)})) == start("a"));
}

TEST_CASE("agent: with --retry-after a program that fails again and again waits ever longer, up to an hour") {
    Day day{{.retry_after = 15s}};
    day.start("a");
    for (const auto wait : {15s, 30s, 60s, 120s, 240s, 480s, 960s, 1'920s, 3'600s, 3'600s}) {
        day.roster.ended("a", crash, day.now);
        day.check_start_after("a", wait);
        day.roster.started("a", day.now);
    }
    day.pass(2h);
    day.roster.ended("a", crash, day.now);
    day.pass(15s);
    CHECK(day.due() == start("a"));
}

TEST_CASE("agent: a program that ends in order at once and without a line is started ever more rarely") {
    Day day;
    day.start("a");
    for (const auto wait : {15s, 30s, 60s, 120s, 240s, 480s, 600s, 600s}) {
        day.roster.ended("a", in_order, day.now);
        day.check_start_after("a", wait);
        day.roster.started("a", day.now);
    }
}

TEST_CASE("agent: ten minutes of silence end a long-lived program, which is then restarted") {
    const bool removes = GENERATE(false, true);
    Day day{{.remove_inactive = removes}};
    day.start("a");
    day.pass(500s);
    day.roster.heard("a", day.now);
    day.pass(600s);
    CHECK(day.look(day.files).empty());
    day.pass(1s);
    CHECK(day.look(day.files) == terminate("a"));
    day.pass(2s);
    day.roster.ended("a", segv, day.now);
    CHECK(day.due() == (removes ? Orders{} : start("a")));
    day.pass(2h);
    CHECK(day.look(day.files) == (removes ? Orders{} : start("a")));
    CHECK(day.look(directory({program("a", 0s, 1'700'000'009)})) == start("a"));
}

TEST_CASE("agent: an inactivity time of 0 means never") {
    Day day{{.inactivity = 0s}};
    day.start("a");
    day.pass(1'000h);
    CHECK(day.due().empty());
    CHECK(day.roster.next() == SteadyTime::max());
}

TEST_CASE("agent: a program that does not end five seconds after TERM is killed") {
    Day day;
    day.start("a");
    CHECK(day.look(directory({program("a", 0s, 1'700'000'001)})) == terminate("a"));
    CHECK(day.roster.next() == day.now + 5s);
    day.pass(4s);
    CHECK(day.due().empty());
    day.pass(1s);
    CHECK(day.due() == kill("a"));
    day.roster.ended("a", {.signal = 9}, day.now);
    CHECK(day.due() == start("a"));
}

TEST_CASE("agent: a program whose file is gone is ended and forgotten") {
    Day day;
    day.start("a");
    CHECK(day.look(directory({})) == terminate("a"));
    day.roster.ended("a", crash, day.now);
    CHECK(day.roster.members().empty());
}

TEST_CASE("agent: a directory or a folder that cannot be read ends nothing") {
    Day day;
    day.start("a");
    CHECK(day.look({.is_complete = false}).empty());
    CHECK(day.look({.unreadable = {0s}}).empty());
    CHECK(day.state("a") == Roster::State::running);
}

TEST_CASE("agent: a program with an interval is started once an interval, and at most every 15 s") {
    const auto interval = GENERATE(1s, 15s, 60s);
    Day day;
    day.files = directory({program("a", interval)});
    day.start("a");
    for (int run = 0; run < 3; ++run) {
        const auto period = std::max<std::chrono::seconds>(interval, 15s);
        day.pass(1s);
        day.roster.ended("a", in_order, day.now);
        CHECK(day.roster.next() == day.now + period - 1s);
        day.check_start_after("a", period - 1s);
        day.roster.started("a", day.now);
    }
}

TEST_CASE("agent: a program that runs longer than its interval is ended, and started again") {
    Day day;
    day.files = directory({program("a", 60s)});
    day.start("a");
    day.pass(60s);
    CHECK(day.due() == terminate("a"));
    day.pass(5s);
    CHECK(day.due() == kill("a"));
    day.roster.ended("a", {.signal = 9}, day.now);
    CHECK(day.due() == start("a"));
}

TEST_CASE("agent: a newer file of a program with an interval waits for the next run") {
    Day day;
    day.files = directory({program("a", 60s)});
    day.start("a");
    CHECK(day.look(directory({program("a", 60s, 1'700'000'001)})).empty());
}

TEST_CASE("agent: of two programs with one name the first runs, and the second replaces it when it is gone") {
    Day day;
    day.start("a");
    CHECK(day.look(directory({program("a"), program("a", 15s)})).empty());
    CHECK(day.said.size() == 1);
    CHECK(day.look(directory({program("a", 15s)})) == terminate("a"));
    day.roster.ended("a", in_order, day.now);
    CHECK(day.look(directory({program("a", 15s)})) == start("a"));
}

TEST_CASE("agent: a program that cannot be started is retried ever more rarely, and at once when its file is newer") {
    Day day;
    REQUIRE(day.look(day.files) == start("a"));
    for (const auto wait : {15s, 30s, 60s}) {
        day.roster.failed("a", "Exec format error", day.now);
        day.check_start_after("a", wait);
    }
    day.roster.failed("a", "Exec format error", day.now);
    CHECK(day.look(directory({program("a", 0s, 1'700'000'001)})) == start("a"));
}

TEST_CASE("agent: a program that failed is down until its next start, and its failed runs are counted") {
    Day day;
    const auto failed_runs = [&] { return day.roster.members().at("a").failed_runs; };
    const auto is_down = [&] { return day.roster.members().at("a").is_down; };
    day.start("a");
    SECTION("after a failure, or the signal of another process") {
        day.roster.ended("a", GENERATE(crash, segv), day.now);
        CHECK((is_down() && failed_runs() == 1));
        day.check_start_after("a", 3'600s);
        day.roster.failed("a", "Exec format error", day.now); // not started: it stays down
        CHECK((is_down() && failed_runs() == 2));
        day.check_start_after("a", 30s);
        day.roster.started("a", day.now);
        CHECK((!is_down() && failed_runs() == 2));
    }
    SECTION("not after an end in order or on request, and not after the agent ended it for a newer file") {
        const Ended how = GENERATE(in_order, on_request, segv);
        if (how.code < 0) {
            REQUIRE(day.look(directory({program("a", 0s, 1'700'000'001)})) == terminate("a"));
        }
        day.roster.ended("a", how, day.now);
        CHECK((!is_down() && failed_runs() == 0));
    }
    SECTION("a silent one that the agent ended failed, but is started again") {
        day.pass(601s);
        REQUIRE(day.look(day.files) == terminate("a"));
        day.roster.ended("a", segv, day.now);
        CHECK((!is_down() && failed_runs() == 1));
    }
}

TEST_CASE("agent: a silent program that is not started again is down") {
    Day day{{.remove_inactive = true}};
    day.start("a");
    day.pass(601s);
    REQUIRE(day.look(day.files) == terminate("a"));
    day.roster.ended("a", segv, day.now);
    CHECK(day.roster.members().at("a").is_down);
}

TEST_CASE("agent: a run that is longer than its interval failed") {
    Day day;
    day.files = directory({program("a", 60s)});
    day.start("a");
    day.pass(60s);
    REQUIRE(day.due() == terminate("a"));
    CHECK(day.roster.members().at("a").failed_runs == 1);
}

TEST_CASE("agent: at the end all are ended and none is started") {
    Day day{{.kill_after = 4s}};
    day.files = directory({program("a"), program("b", 60s)});
    REQUIRE(day.look(day.files).size() == 2);
    day.roster.started("a", day.now);
    day.roster.started("b", day.now);
    day.roster.ended("b", in_order, day.now);
    CHECK(day.roster.end_all(day.now) == terminate("a"));
    CHECK(day.roster.has_processes());
    day.pass(4s);
    CHECK(day.due() == kill("a"));
    day.roster.ended("a", {.signal = 9}, day.now);
    CHECK_FALSE(day.roster.has_processes());
    day.pass(2h);
    CHECK(day.look(day.files).empty());
}
