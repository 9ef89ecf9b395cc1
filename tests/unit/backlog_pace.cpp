// SPDX-License-Identifier: MIT
#include <stage/backlog_pace.hpp>

#include "support/catch.hpp"

namespace {

using namespace std::chrono_literals;
using tickertape::SteadyTime;
using tickertape::stage::BacklogPace;

/// Returns how many points go out in `seconds`, while `came` points come in each of them.
std::size_t sent_in(BacklogPace& pace, SteadyTime& now, int seconds, std::uint64_t came) {
    std::size_t sent = 0;
    for (int step = 0; step < seconds * 100; ++step) {
        now += 10ms;
        if (step % 100 == 99) {
            pace.came(came, now);
        }
        const std::size_t allowed = pace.allowed(now);
        pace.sent(allowed);
        sent += allowed;
    }
    return sent;
}

/// Returns how many points go out in the first `seconds` at this rate, while far more come in.
std::size_t first_sent(std::uint32_t rate, int seconds) {
    BacklogPace pace{rate, 1};
    SteadyTime now{1h};
    return sent_in(pace, now, seconds, 10'000);
}

} // namespace

TEST_CASE("A backlog is sent at twice the rate of new points, and no faster") {
    BacklogPace pace{0, 1};
    SteadyTime now{1h};
    sent_in(pace, now, 30, 10'000);
    const std::size_t sent = sent_in(pace, now, 10, 10'000);
    CHECK(sent <= 200'000);
    CHECK(sent >= 190'000);
}

TEST_CASE("Points that arrived during a long outage do not speed up the estimate of a backlog") {
    BacklogPace pace{0, 1};
    SteadyTime now{1h};
    for (int second = 0; second < 3'600; ++second) {
        pace.came(10'000, now);
        now += 1s;
    }
    CHECK(sent_in(pace, now, 10, 10'000) <= 220'000);
}

TEST_CASE("A backlog goes out at the requested rate") {
    const std::size_t sent = first_sent(500, 10);
    CHECK(sent <= 5'000);
    CHECK(sent >= 4'700);
}

TEST_CASE("A backlog of a queue that gets nothing new goes out slowly, and faster when there is no more input") {
    BacklogPace pace{0, 1};
    SteadyTime now{1h};
    sent_in(pace, now, 10, 0);
    CHECK(sent_in(pace, now, 10, 0) <= 1'000);
    pace.no_more_comes();
    CHECK(sent_in(pace, now, 10, 0) >= 90'000);
}

TEST_CASE("After an outage a backlog begins at a moment of its own, within a second") {
    SteadyTime first = SteadyTime::max();
    SteadyTime last = SteadyTime::min();
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        BacklogPace pace{1'000'000, seed};
        SteadyTime now{1h};
        pace.begin_again(now);
        while (pace.allowed(now) == 0) {
            now += 1ms;
        }
        first = std::min(first, now);
        last = std::max(last, now);
    }
    CHECK(last - first > 500ms);
    CHECK(last <= SteadyTime{1h} + 1010ms);
}

TEST_CASE("After an outage a backlog does not make up for the time in which it waited") {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        BacklogPace pace{20'000, seed};
        SteadyTime now{1h};
        sent_in(pace, now, 1, 10'000);
        pace.begin_again(now);
        while (pace.allowed(now) == 0) {
            now += 1ms;
        }
        CHECK(sent_in(pace, now, 1, 10'000) <= 21'100);
    }
}

TEST_CASE("The slowest rate is one point a second") {
    const std::size_t sent = first_sent(1, 100);
    CHECK(sent >= 98);
    CHECK(sent <= 101);
}
