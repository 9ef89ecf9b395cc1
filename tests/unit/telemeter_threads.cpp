// SPDX-License-Identifier: MIT
// A Telemeter under load.
#include <tickertape/telemeter.hpp>

#include <csignal>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include <tickertape/testkit/manual_clock.hpp>
#include <tickertape/testkit/memory.hpp>

#include "support/catch.hpp"
#include "support/counting.hpp"
#include "support/progress.hpp"

using namespace std::chrono_literals;
using namespace tickertape;

TEST_CASE("telemeter: from many threads, through a slow and failing transmitter, each call counts once") {
    constexpr int threads = 4;
    constexpr std::int64_t each = 2'000;
    class Difficult final : public Transmitter {
    public:
        Difficult(Memory memory, const test::Progress& others) : memory_{std::move(memory)}, others_{&others} {}
        Outcome publish(std::span<const Point> points) override {
            others_->await_more(20);
            if (++calls_ % 2 == 0) {
                throw std::runtime_error{"now and then"};
            }
            memory_.take_only(points.size() / 2 + 1);
            return memory_.publish(points);
        }
        [[nodiscard]] Transmitter::Traits traits() const noexcept override { return {.keeps_every_event = false}; }

    private:
        Memory memory_;
        const test::Progress* others_;
        int calls_ = 0;
    };
    const Memory memory;
    test::Progress progress;
    {
        Telemeter telemeter{Difficult{memory, progress}};
        test::on_threads(threads, [&](int i) {
            const auto requests = telemeter.counter("requests");
            const auto timer = telemeter.timer("time");
            for (std::int64_t n = 0; n < each; ++n) {
                requests.inc();
                requests.inc({{"thread", std::to_string(i)}});
                const auto timing = timer.timeit();
                telemeter.record("custom", n);
                progress.step();
            }
        });
        progress.end();
        while (!telemeter.flush(std::chrono::steady_clock::now() + 20s)) {
        }
        CHECK(telemeter.stats().all() == 0);
        CHECK(telemeter.account().all_dropped() == 0);
    }
    CHECK(test::sum(memory, "requests") == each * threads * 2);
    CHECK(test::sum(memory, "time.count") == each * threads);
}

namespace {

const TelemeterCounter* counted_by_handler = nullptr;

extern "C" void count_in_handler(int /*signal*/) { counted_by_handler->inc(); }

} // namespace

TEST_CASE("telemeter: a bucketed counter may be used in a signal handler, also when its Telemeter has ended") {
    testkit::ManualClock clock{test::epoch};
    const Memory memory;
    std::optional<Telemeter> telemeter{std::in_place, memory, Tags{}, TelemeterOptions{.clock = &clock}};
    const TelemeterCounter hot = telemeter->counter("hot", bucketed);
    counted_by_handler = &hot;
    struct sigaction before{};
    struct sigaction counting{};
    counting.sa_handler = &count_in_handler;
    REQUIRE(sigaction(SIGUSR2, &counting, &before) == 0);
    constexpr int threads = 3;
    constexpr std::int64_t each = 5'000;
    test::on_threads(threads, [](int /*i*/) {
        for (std::int64_t n = 0; n < each; ++n) {
            counted_by_handler->inc();
            static_cast<void>(raise(SIGUSR2));
        }
    });
    telemeter.reset();
    static_cast<void>(raise(SIGUSR2));
    REQUIRE(sigaction(SIGUSR2, &before, nullptr) == 0);
    CHECK(test::sum(memory, "hot") == each * threads * 2);
}
