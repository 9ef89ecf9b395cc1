// SPDX-License-Identifier: MIT
#include <push/rate_limit.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <limits>
#include <vector>

#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace std::chrono_literals;
using tickertape::SteadyTime;
using tickertape::push::RateLimit;

namespace {

/// Records the sent lines, and checks the three promises. The worst window begins with a line, so the test checks all such
/// windows.
class Judge {
public:
    void sent(std::uint32_t lines, SteadyTime now) {
        at_once_ = now == last_ ? at_once_ + lines : lines;
        last_ = now;
        while (!window_.empty() && now - window_.front().when >= 1s) {
            in_window_ -= window_.front().lines;
            window_.pop_front();
        }
        window_.push_back({now, lines});
        in_window_ += lines;
        most_in_window = std::max(most_in_window, in_window_);
        most_at_once = std::max(most_at_once, at_once_);
        all += lines;
    }

    std::uint64_t most_in_window = 0;
    std::uint64_t most_at_once = 0;
    std::uint64_t all = 0;

private:
    struct Sent {
        SteadyTime when;
        std::uint32_t lines;
    };
    std::deque<Sent> window_;
    std::uint64_t in_window_ = 0;
    std::uint64_t at_once_ = 0;
    SteadyTime last_ = SteadyTime::min();
};

std::vector<std::uint32_t> rates(test::Random& random) {
    std::vector<std::uint32_t> all{1,  2,  3,  5,  9,  10,  11,  19,   20,     29,
                                   39, 49, 50, 59, 99, 100, 999, 1000, 65'537, 10'000'000};
    for (std::size_t most = 10; most <= 10'000'000; most *= 10) {
        all.push_back(static_cast<std::uint32_t>(1 + test::up_to(random, most - 1)));
    }
    return all;
}

} // namespace

TEST_CASE("no window of a second has more lines than the limit, nor a moment more than a tenth") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    for (const std::uint32_t rate : rates(random)) {
        CAPTURE(rate);
        RateLimit limit{rate};
        Judge judge;
        SteadyTime now{100s};
        for (int i = 0; i < 4000; ++i) {
            if (test::once_in(random, 50)) {
                now += std::chrono::nanoseconds{test::up_to(random, 3'000'000'000)};
            } else if (test::once_in(random, 3)) {
                now += std::chrono::nanoseconds{test::up_to(random, 1'000'000'000 / rate)};
            }
            const auto lines = static_cast<std::uint32_t>(1 + test::up_to(random, limit.most_at_once() - 1));
            const SteadyTime when = limit.when(lines, now);
            REQUIRE(when >= now);
            REQUIRE(limit.when(lines, when) == when); // it keeps its promise
            now = when;
            limit.sent(lines, now);
            judge.sent(lines, now);
        }
        CHECK(judge.most_in_window <= rate);
        CHECK(judge.most_at_once <= std::max(1U, rate / 10));
    }
}

TEST_CASE("a busy sender gets at least 95 % of the limit through, with pieces of any size") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    for (const std::uint32_t rate : rates(random)) {
        for (const bool same_size : {true, false}) {
            RateLimit limit{rate};
            const std::uint32_t size = limit.most_at_once();
            CAPTURE(rate, same_size, size);
            Judge judge;
            const SteadyTime begin{100s};
            SteadyTime now = begin;
            // At 10^7 lines a second, single lines would take too long.
            const auto at_least = std::max(1U, std::min(limit.most_at_once(), rate / 2000));
            for (const SteadyTime end = begin + (rate < 100 ? 60s : 12s); now < end;) {
                const std::uint32_t lines = std::max(
                    at_least,
                    same_size ? size : static_cast<std::uint32_t>(1 + test::up_to(random, limit.most_at_once() - 1)));
                now = limit.when(lines, now);
                limit.sent(lines, now);
                judge.sent(lines, now);
            }
            const double seconds = std::chrono::duration<double>(now - begin).count();
            CHECK(static_cast<double>(judge.all) >= 0.95 * rate * (seconds - 1));
            CHECK(judge.most_in_window <= rate);
        }
    }
}

TEST_CASE("after a pause a tenth of a second's worth goes out at once, and no more") {
    RateLimit limit{1000};
    SteadyTime now{100s};
    for (int second = 0; second < 3; ++second) {
        now += 10s;
        std::uint32_t at_once = 0;
        while (limit.when(10, now) == now) {
            limit.sent(10, now);
            at_once += 10;
            REQUIRE(at_once <= 100);
        }
        CHECK(at_once == 100);
        CHECK(limit.when(10, now) == now + 10ms);
    }
}

TEST_CASE("a limit of 0 means no limit") {
    RateLimit limit{0};
    const SteadyTime now{1s};
    CHECK(limit.unlimited());
    CHECK(limit.most_at_once() == std::numeric_limits<std::uint32_t>::max());
    limit.sent(limit.most_at_once(), now);
    CHECK(limit.when(limit.most_at_once(), now) == now);
    CHECK_FALSE(RateLimit{1}.unlimited());
    CHECK(RateLimit{1}.most_at_once() == 1);
}

TEST_CASE("ten million single lines a second are remembered in a thousand places") {
    static_assert(sizeof(RateLimit) < 200);
    RateLimit limit{10'000'000};
    SteadyTime now{100s};
    std::size_t most = 0;
    for (int i = 0; i < 3'000'000; ++i) {
        now = std::max(limit.when(1, now), now + 1us);
        limit.sent(1, now);
        most = std::max(most, limit.remembered());
    }
    CHECK(most <= 1001);
    CHECK(most >= 900);
}
