// SPDX-License-Identifier: MIT
// The runs of a collector's tick, from the schedule to the output.
#include <collector/readings_tick.hpp>

#include <condition_variable>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <tickertape/collector.hpp>
#include <tickertape/dedup.hpp>
#include <tickertape/schedule.hpp>
#include <tickertape/testkit/lines.hpp>
#include <tickertape/testkit/manual_clock.hpp>
#include <tickertape/testkit/memory.hpp>
#include <tickertape/testkit/runs.hpp>

#include <counter/dumper.hpp>
#include <support/catch.hpp>

using namespace tickertape;
using namespace std::chrono_literals;
using collector::ReadingsTick;
using counter::Dumper;
using testkit::ManualClock;
using testkit::run_times;

namespace {

/// A tick on a clock that the test moves.
struct Fixture {
    explicit Fixture(std::function<void(Readings&)> called)
        : f{std::move(called)}, tick{std::in_place, f, Readings::Options{.step = 1s}, Memory{memory}, clock} {}

    void run(int times) { run_times(clock, 1s, times, std::ref(*tick)); }
    [[nodiscard]] std::string lines() const { return testkit::lines(memory.points()); }

    ManualClock clock;
    Memory memory;
    std::function<void(Readings&)> f;
    std::optional<ReadingsTick> tick;
};

Point point(int number) { return {Series{"m"}, WallTime{1'700'000'000s + number * 1s}, number}; }

std::vector<Point> points(int from, int to) {
    std::vector<Point> all;
    for (int i = from; i < to; ++i) {
        all.push_back(point(i));
    }
    return all;
}

/// Accepts nothing until it is opened.
class Gate final : public Transmitter {
public:
    Outcome publish(std::span<const Point> points) override {
        std::unique_lock lock{state_->mutex};
        state_->waiting = true;
        state_->changed.notify_all();
        state_->changed.wait(lock, [this] { return state_->open; });
        state_->taken += points.size();
        return Outcome::all(points);
    }
    [[nodiscard]] bool wait_until_it_blocks() const {
        std::unique_lock lock{state_->mutex};
        return state_->changed.wait_for(lock, 20s, [this] { return state_->waiting; });
    }
    void open() const {
        const std::lock_guard lock{state_->mutex};
        state_->open = true;
        state_->changed.notify_all();
    }
    [[nodiscard]] std::size_t taken() const {
        const std::lock_guard lock{state_->mutex};
        return state_->taken;
    }

private:
    struct State {
        std::mutex mutex;
        std::condition_variable changed;
        bool waiting = false;
        bool open = false;
        std::size_t taken = 0;
    };
    std::shared_ptr<State> state_ = std::make_shared<State>();
};

/// Runs of three lines. Only `room` lines may be written now, and at most `most` ever.
struct ThreeLines {
    ThreeLines(double lines, double at_most) : room{lines}, most{at_most} {}

    void times(int count) { run_times(clock, 1s, count, std::ref(tick)); }
    void report(Readings& out) {
        ++runs;
        CHECK(out.room().part() == room / most);
        for (const char* const metric : {"a", "b", "c"}) {
            out(metric, runs);
        }
        out.count_spare(spare);
    }

    double room;
    double most;
    std::size_t spare = 0; // of these three lines
    int runs = 0;
    Memory memory;
    ManualClock clock;
    std::function<void(Readings&)> f = [this](Readings& out) { report(out); };
    ReadingsTick tick{
        f, {.step = 1s}, Memory{memory}, clock, [this] { return Readings::Room{.lines = room, .most = most}; }};
};

void hand_over(Dumper& dumper, std::vector<Point> readings) { dumper.hand_over(readings); }

} // namespace

TEST_CASE("The readings of each run go out with its due time, as one batch, before the next run") {
    int runs = 0;
    Memory memory;
    const std::function<void(Readings&)> f = [&](Readings& out) {
        CHECK(memory.publishes() == static_cast<std::size_t>(runs));
        ++runs;
        out("a", runs);
        out("b", -runs);
    };
    ManualClock clock{WallTime{1'700'000'000'300ms}};
    ReadingsTick tick{f, {.step = 1s}, Memory{memory}, clock};
    run_times(clock, 1s, 2, std::ref(tick));
    clock.stall(2500ms); // delayed: two due times are missed
    run_times(clock, 1s, 1, std::ref(tick));
    clock.advance(1ms);
    CHECK(testkit::lines(memory.points()) == "a 1700000001 1\nb 1700000001 -1\n"
                                             "a 1700000002 2\nb 1700000002 -2\n"
                                             "a 1700000005 3\nb 1700000005 -3\n");
    CHECK(memory.publishes() == 3);
}

TEST_CASE("Readings of the last run are published at the end, although no more time passes") {
    Fixture fixture{[](Readings& out) { out("m", 1); }};
    fixture.run(1);
    CHECK(fixture.memory.size() == 0);
    fixture.tick.reset();
    CHECK(fixture.lines() == "m 1700000001 1\n");
    CHECK(fixture.memory.flushes() == 1);
}

TEST_CASE("Readings that come after all dumps have finished, as at a stop, are still published at the end") {
    Fixture fixture{[](Readings& out) { out("m", 1); }};
    fixture.run(1);
    CHECK(counter::finish_all_dumps(std::chrono::steady_clock::now() + 20s));
    CHECK(fixture.memory.size() == 1);
    fixture.run(1); // in progress
    fixture.tick.reset();
    CHECK(fixture.lines() == "m 1700000001 1\nm 1700000002 1\n");
}

TEST_CASE("An exception passes through, and earlier readings are published") {
    Fixture fixture{[](Readings& out) {
        out("m", 1);
        throw std::runtime_error{"gone"};
    }};
    CHECK_THROWS_WITH(fixture.run(1), "gone");
    fixture.tick.reset();
    CHECK(fixture.lines() == "m 1700000001 1\n");
}

TEST_CASE("Readings of a rehearsal are not published") {
    int runs = 0;
    Fixture fixture{[&](Readings& out) { out("m", ++runs); }};
    fixture.tick->rehearse(fixture.clock.read().wall);
    fixture.run(1);
    fixture.tick.reset();
    CHECK(fixture.lines() == "m 1700000001 2\n");
}

TEST_CASE("After a step back of up to a minute no timestamp repeats") {
    int runs = 0;
    Fixture fixture{[&](Readings& out) { out("m", ++runs); }};
    fixture.run(3);
    fixture.clock.step(-2s); // from 3 to 1: the due times 2 and 3 come again
    fixture.run(3);
    fixture.tick.reset();
    CHECK(fixture.lines() == "m 1700000001 1\nm 1700000002 2\nm 1700000003 3\nm 1700000004 6\n");
}

TEST_CASE("Readings with an already written timestamp are counted as refused") {
    Fixture fixture{[](Readings& out) {
        out("m", 1);
        out("nan", std::numeric_limits<double>::quiet_NaN());
    }};
    fixture.run(2);
    fixture.clock.step(-1s);
    fixture.run(1);
    CHECK_FALSE(fixture.tick->reanchored());
    CHECK(fixture.tick->losses()->refused == 4); // three times nan, and m at second 2
    CHECK(fixture.tick->losses()->lost == 0);
}

TEST_CASE("After the clock was set back by more than a minute times start anew, which is known") {
    Fixture fixture{[](Readings& out) { out("m", 1); }};
    fixture.run(1);
    fixture.clock.step(-62s);
    CHECK_FALSE(fixture.tick->reanchored());
    fixture.run(1);
    CHECK(fixture.tick->reanchored());
    fixture.tick.reset();
    CHECK(fixture.lines() == "m 1700000001 1\nm 1699999940 1\n");
}

TEST_CASE("Deduplication sees that a due time was skipped, and takes it for a gap") {
    ManualClock clock;
    Memory memory;
    const std::function<void(Readings&)> f = [](Readings& out) { out("m", 7); };
    {
        ReadingsTick tick{f, {.step = 1s}, Dedup{Memory{memory}}, clock};
        run_times(clock, 1s, 3, std::ref(tick));
        clock.stall(2500ms);
        run_times(clock, 1s, 3, std::ref(tick));
    }
    CHECK(testkit::lines(memory.points()) == "m 1700000001 7\nm 1700000003 7\nm 1700000006 7\nm 1700000008 7\n");
}

TEST_CASE("Runs go on while the output blocks, and nothing is lost when it goes on in time") {
    Gate gate;
    int runs = 0;
    {
        const std::function<void(Readings&)> f = [&](Readings& out) {
            out("m", ++runs);
            if (runs == 2) {
                CHECK(gate.wait_until_it_blocks()); // with the first run's, until the last run is over
            }
        };
        Stop stop;
        ReadingsTick tick{f, {.step = 1ms}, Gate{gate}, Clock::system()};
        run_every_n_seconds(1ms,
                            [&] {
                                tick();
                                if (runs == 20) {
                                    stop.request();
                                }
                            },
                            {.stop = &stop});
        CHECK(gate.taken() == 0);
        gate.open();
    }
    CHECK(gate.taken() == 20);
}

TEST_CASE("An output that never recovers loses the waiting points, which are counted, but does not prevent the end") {
    ManualClock clock;
    Memory memory;
    memory.fail(1'000'000);
    const auto dumper = std::make_shared<Dumper>(Memory{memory}, clock);
    dumper->start();
    hand_over(*dumper, points(0, 3));
    const autodump::Report report = dumper->finish(clock.read().steady + 20s);
    CHECK(report.unsent == 3);
    CHECK_FALSE(report.complete);
}

TEST_CASE("Of more points than may wait the oldest are lost and counted") {
    ManualClock clock;
    Memory memory;
    const auto dumper = std::make_shared<Dumper>(Memory{memory}, clock);
    dumper->start();
    const int most = static_cast<int>(Dumper::most_handed);
    hand_over(*dumper, points(0, most));
    CHECK(dumper->lost() == 0);
    hand_over(*dumper, points(most, most + 5));
    CHECK(dumper->lost() == 5);
    CHECK(dumper->finish(clock.read().steady + 20s).complete);
    const auto all = memory.points();
    REQUIRE(all.size() == Dumper::most_handed);
    CHECK(all.front().value() == Value{5});
    CHECK(all.back().value() == Value{most + 4});
}

TEST_CASE("An output that fails gets the points again, in order, with those that came since") {
    ManualClock clock;
    Memory memory;
    const auto dumper = std::make_shared<Dumper>(Memory{memory}, clock);
    dumper->start();
    memory.take_only(1);
    hand_over(*dumper, points(0, 3));
    clock.advance(1ms);
    CHECK(memory.size() == 1);
    hand_over(*dumper, points(3, 5));
    clock.advance(1s);
    CHECK(testkit::lines(memory.points()) == testkit::lines(points(0, 5)));
    dumper->finish(clock.read().steady + 20s);
}

TEST_CASE("Nothing is kept for an output that is closed") {
    ManualClock clock;
    Memory memory;
    memory.close();
    const auto dumper = std::make_shared<Dumper>(Memory{memory}, clock);
    dumper->start();
    hand_over(*dumper, points(0, 3));
    clock.advance(1s);
    hand_over(*dumper, points(3, 7));
    CHECK(dumper->lost() == 4);
    const autodump::Report report = dumper->finish(clock.read().steady + 20s);
    CHECK(report.closed);
    CHECK(report.unsent == 3);
}

TEST_CASE("A run whose lines could not be written at once is left out and counted, and the first one after it is not") {
    ThreeLines run{10, 10};
    run.times(1);
    run.room = 2; // the last run had three lines
    run.times(2);
    CHECK(run.runs == 1);
    CHECK(run.tick.losses()->thinned == 2);
    run.room = 3;
    run.times(1);
    CHECK(run.runs == 2);
}

TEST_CASE("A run of more lines than there can be room for waits until there is all of it") {
    ThreeLines run{2, 2};
    run.times(2);
    CHECK(run.runs == 2);
    run.room = 1.5;
    run.times(1);
    CHECK(run.runs == 2);
}

TEST_CASE("A run is not left out for lines that it could leave out itself") {
    ThreeLines run{3, 10};
    run.spare = 2;
    run.times(1);
    run.room = 1;
    run.times(1);
    CHECK(run.runs == 2);
    run.room = 0.5;
    run.times(1);
    CHECK(run.runs == 2);
}

TEST_CASE("Readings that are taken back are not published") {
    Readings out;
    out.begin(WallTime{1'700'000'000s});
    out("a", 1);
    out("b", 2);
    out.take_back(1);
    out.take_back(5);
    CHECK(out.size() == 1);
    CHECK(out.stats().accepted == 1);
    CHECK(out.points().size() == 1);
}
