// SPDX-License-Identifier: MIT
// Forks of a process with counters: in a child that sends, they begin at zero; another child sends nothing. The parent continues.
#include <tickertape/autodump.hpp>
#include <tickertape/counter.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>

#include "support/catch.hpp"
#include "support/counting.hpp"

using namespace std::chrono_literals;
using namespace tickertape::literals;
using tickertape::autodump;
using tickertape::CounterOptions;
using tickertape::Memory;
using tickertape::MetricCounter;
using tickertape::Name;
using tickertape::Outcome;
using tickertape::Point;
using tickertape::testkit::ManualClock;

namespace {

class Pipe {
public:
    Pipe() { REQUIRE(pipe(ends_.data()) == 0); }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    ~Pipe() {
        close(ends_[0]);
        close_for_writing();
    }

    [[nodiscard]] int to_write() const { return ends_[1]; }
    void close_for_writing() {
        if (ends_[1] >= 0) {
            close(ends_[1]);
            ends_[1] = -1;
        }
    }
    /// Returns everything that was written, after all processes have closed their ends.
    std::string read_all() {
        close_for_writing();
        std::string all;
        std::array<char, 4096> part{};
        for (ssize_t count = 0; (count = read(ends_[0], part.data(), part.size())) > 0;) {
            all.append(part.data(), static_cast<std::size_t>(count));
        }
        return all;
    }

private:
    std::array<int, 2> ends_{-1, -1};
};

/// Writes a line for each point; the lines of all processes are visible.
class LinePerPoint final : public tickertape::Transmitter {
public:
    explicit LinePerPoint(int fd) : fd_{fd} {}
    Outcome publish(std::span<const Point> points) override {
        for (const Point& point : points) {
            const std::string line = tickertape::to_string(point.value()) + "\n";
            if (write(fd_, line.data(), line.size()) < 0) {
                std::abort();
            }
        }
        return Outcome::all(points);
    }

private:
    int fd_;
};

/// Runs `f` in a child, which then ends by `leave`. Returns the child's output on stderr.
template <class F>
std::string stderr_of_child(F f, void (*leave)(int)) {
    Pipe errors;
    std::fflush(nullptr); // otherwise the child would write the buffers, too
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        dup2(errors.to_write(), STDERR_FILENO);
        errors.close_for_writing();
        f();
        leave(0);
    }
    std::string said = errors.read_all();
    int status = -1;
    waitpid(child, &status, 0);
    CHECK(status == 0);
    return said;
}

} // namespace

TEST_CASE("inherited counters and dumps send nothing in the child of a fork, and warn once") {
    ManualClock clock{test::epoch};
    Pipe lines;
    Memory memory;
    MetricCounter dumped{"dumped", {.timespan = 1s, .granularity = 1s, .clock = &clock}};
    MetricCounter counter{"counts", {.clock = &clock}};
    autodump dump{LinePerPoint{lines.to_write()}, dumped};
    dumped.add(1);
    counter.add(1);
    clock.advance(1500ms);
    dumped.add(2);
    const std::string said = stderr_of_child(
        [&] {
            LinePerPoint output{lines.to_write()};
            dumped.add(100);
            counter.add(100);
            clock.advance(5s);
            counter.dump(output);
            counter.dump(output);
            dump.finish();
            dump.finish();
        },
        &_exit);
    CHECK(said == "tickertape: this process was forked from one with counters; they count nothing here before it makes "
                  "an autodump, a client or a Telemeter of its own\n"
                  "tickertape: this process was forked from one with an autodump; it writes nothing here\n");
    CHECK(counter.dump(memory) == 1);
    CHECK(test::sum(memory, "counts") == 1);
    CHECK(dump.finish().complete);
    CHECK(lines.read_all() == "1\n2\n");
}

TEST_CASE("inherited counters begin at zero in a child that makes an autodump of its own, and the parent's go on") {
    ManualClock clock{test::epoch};
    Pipe parents;
    Pipe childs;
    MetricCounter dumped{"dumped", {.timespan = 1s, .granularity = 1s, .clock = &clock}};
    MetricCounter counter{"counts", {.timespan = 1s, .granularity = 1s, .clock = &clock}};
    autodump dump{LinePerPoint{parents.to_write()}, dumped};
    dumped.add(1);
    counter.add(1);
    clock.advance(1500ms);
    dumped.add(2);
    counter.add(2);
    CHECK(stderr_of_child(
              [&] {
                  dumped.add(100); // before, and so not counted
                  counter.add(100);
                  const int fd = childs.to_write();
                  autodump own{LinePerPoint{fd}, dumped, counter};
                  dumped.add(3);
                  counter.add(4);
                  clock.advance(1s);
                  MetricCounter young{"young", {.timespan = 1s, .granularity = 1s, .clock = &clock}};
                  autodump another{LinePerPoint{fd}, young};
                  young.add(50);
                  clock.advance(1s);
              },
              &_exit)
              .empty());
    const std::string all = childs.read_all();
    for (const char* const once : {"3\n", "4\n", "50\n"}) {
        CHECK(all.find(once) != std::string::npos);
    }
    for (const char* const never : {"1\n", "2\n", "10", "7\n"}) { // counts of the parent, and earlier ones
        CHECK(all.find(never) == std::string::npos);
    }
    CHECK(dump.finish().complete);
    CHECK(parents.read_all() == "1\n2\n");
}

TEST_CASE("a counter that was made before daemon() counts in the daemon, by the machine's clock") {
    Pipe lines;
    MetricCounter counter{"counts"};
    counter.add(7);
    CHECK(stderr_of_child(
              [&] {
                  autodump dump{LinePerPoint{lines.to_write()}, counter};
                  counter.add(5);
              },
              [](int code) { _exit(code); })
              .empty());
    std::string all = lines.read_all();
    std::erase(all, '0'); // empty seconds
    std::erase(all, '\n');
    CHECK(all == "5");
}

TEST_CASE("a child that calls exit sends nothing, and writes no warning") {
    Pipe lines;
    MetricCounter counter{"counts", {.timespan = 60s, .granularity = 1s}};
    {
        const autodump dump{LinePerPoint{lines.to_write()}, counter};
        counter.add(7);
        CHECK(stderr_of_child([] {}, &std::exit).empty());
    }
    const std::string all = lines.read_all(); // there are as many empty buckets as it took seconds
    CHECK(std::count(all.begin(), all.end(), '7') == 1);
}

TEST_CASE("a child that only counts or destroys inherited objects writes no warning") {
    ManualClock clock{test::epoch};
    MetricCounter counter{"counts", {.clock = &clock}};
    CHECK(stderr_of_child([&] { counter.inc(); }, &_exit).empty());
    std::optional<MetricCounter<>> dumped{std::in_place, "dumped"_name, CounterOptions{.clock = &clock}};
    std::optional<autodump> dump{std::in_place, Memory{}, *dumped};
    CHECK(stderr_of_child(
              [&] {
                  dump.reset();
                  dumped.reset();
              },
              &_exit)
              .empty());
}

TEST_CASE("a parent that forks while counters count, come and go loses nothing and does not lock up") {
    Memory memory;
    MetricCounter counter{"counts", {.timespan = 500ms, .granularity = 1ms}};
    autodump dump{memory, counter};
    std::atomic<bool> done{false};
    std::atomic<std::int64_t> made{0};
    test::on_threads(
        3,
        [&](int thread) {
            std::int64_t mine = 0;
            while (!done) {
                if (thread == 0) {
                    MetricCounter brief{"brief", {.timespan = 500ms, .granularity = 1ms}};
                }
                counter.inc();
                ++mine;
            }
            made += mine;
        },
        [&] {
            for (int i = 0; i < 20; ++i) {
                static_cast<void>(stderr_of_child([&] { counter.add(1'000'000); }, &_exit));
            }
            done = true;
        });
    CHECK(dump.finish(60s).complete);
    CHECK(test::sum(memory, "counts") + counter.stats().counts_lost == made);
}
