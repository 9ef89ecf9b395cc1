// SPDX-License-Identifier: MIT
#include <push/backoff.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace std::chrono_literals;
using tickertape::SteadyTime;
using tickertape::push::Backoff;

namespace {
constexpr SteadyTime start{1000s};
}

TEST_CASE("the wait after the n-th failure is drawn from 50 ms to 250 ms * 2^n, at most 30 s, and uses all of that") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    for (unsigned before = 0; before < 40; ++before) {
        CAPTURE(before);
        const std::chrono::nanoseconds most = before < 7 ? 250ms * (1 << before) : 30s;
        std::chrono::nanoseconds shortest{most};
        std::chrono::nanoseconds longest{0};
        for (int i = 0; i < 300; ++i) {
            Backoff backoff{random()};
            for (unsigned n = 0; n < before; ++n) {
                backoff.failed(start);
            }
            CHECK(backoff.failures() == before);
            backoff.failed(start);
            const auto wait = backoff.not_before() - start;
            REQUIRE(wait >= 50ms);
            REQUIRE(wait <= most);
            shortest = std::min(shortest, wait);
            longest = std::max(longest, wait);
        }
        CHECK(shortest < most / 2); // fair draws miss one half 300 times in a row once in 2^300 runs
        CHECK(longest > most / 2);
    }
}

TEST_CASE("while no server listens the wait stays below two seconds, and it lengthens later waits little") {
    test::Random random{test::seed()};
    std::chrono::nanoseconds longest{0};
    for (int i = 0; i < 300; ++i) {
        Backoff backoff{random()};
        for (int attempts = 0; attempts < 40; ++attempts) {
            backoff.failed(start, Backoff::cap_unreachable);
        }
        const auto wait = backoff.not_before() - start;
        REQUIRE(wait >= 50ms);
        REQUIRE(wait < 2s);
        longest = std::max(longest, wait);
        backoff.failed(start);
        REQUIRE(backoff.not_before() - start <= 2s);
    }
    CHECK(longest > 1s);
}

TEST_CASE("two senders do not come back at the same times") {
    Backoff one{1};
    Backoff other{2};
    int same = 0;
    for (int i = 0; i < 20; ++i) {
        one.failed(start);
        other.failed(start);
        same += one.not_before() == other.not_before() ? 1 : 0;
    }
    CHECK(same < 5); // both may be at the floor
}

TEST_CASE("a receiver's retry_after is followed from 50 ms up to five minutes") {
    Backoff backoff{1};
    const auto wait_for = [&](std::chrono::seconds retry_after) {
        backoff.asked_to_wait(start, retry_after);
        return backoff.not_before() - start;
    };
    CHECK(wait_for(7s) == 7s);
    CHECK(wait_for(300s) == 300s);
    CHECK(wait_for(301s) == 300s);
    CHECK(wait_for(std::chrono::seconds::max()) == 300s);
    CHECK(wait_for(0s) == 50ms);
    CHECK(wait_for(-5s) == 50ms);
    CHECK(wait_for(std::chrono::seconds::min()) == 50ms);
    CHECK(backoff.failures() == 7);
}

TEST_CASE("acceptance starts the backoff anew") {
    Backoff backoff{1};
    CHECK(backoff.not_before() < start);
    for (int i = 0; i < 10; ++i) {
        backoff.failed(start);
    }
    backoff.accepted();
    CHECK(backoff.failures() == 0);
    CHECK(backoff.not_before() < start);
    backoff.failed(start);
    CHECK(backoff.not_before() - start <= 250ms);
}
