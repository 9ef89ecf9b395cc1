// SPDX-License-Identifier: MIT
// Many counters and many threads: the cost of a tick, and the time until all threads have their own cells.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include <tickertape/counter.hpp>
#include <tickertape/testkit/manual_clock.hpp>

#include "measure.hpp"
#include "report.hpp"
#include "suites.hpp"

namespace bench {

namespace {

using namespace std::chrono_literals;
using tickertape::MetricCounter;
using tickertape::rate;

std::vector<MetricCounter<rate>> make_counters(std::size_t many, const tickertape::CounterOptions& options) {
    std::vector<MetricCounter<rate>> counters;
    counters.reserve(many);
    for (std::size_t i = 0; i < many; ++i) {
        counters.emplace_back("bench.growth.counter" + std::to_string(i), options);
    }
    return counters;
}

/// Returns the nanoseconds of a tick of `many` counters, for each of them. All of them have counted.
double tick_of(std::size_t many, std::size_t ticks) {
    tickertape::testkit::ManualClock clock{tickertape::WallTime{std::chrono::seconds{1'700'000'000}}};
    auto counters = make_counters(many, {.clock = &clock});
    std::vector<double> times;
    for (std::size_t i = 0; i < ticks; ++i) {
        for (MetricCounter<rate>& counter : counters) {
            counter.inc();
        }
        const double begun = now_ns(CLOCK_THREAD_CPUTIME_ID);
        clock.advance(1s);
        times.push_back(now_ns(CLOCK_THREAD_CPUTIME_ID) - begun);
    }
    return quantile(times, lowest_few) / static_cast<double>(many);
}

/// Returns the processor time of the process in per cent of a core, with `many` counters of 1 ms and no dump.
double pulse_of_1_ms(std::size_t many) {
    const auto counters = make_counters(many, {.timespan = 1s, .granularity = 1ms});
    std::this_thread::sleep_for(500ms);
    std::vector<double> shares;
    for (int i = 0; i < 8; ++i) {
        const double wall = now_ns();
        const double before = now_ns(CLOCK_PROCESS_CPUTIME_ID);
        std::this_thread::sleep_for(250ms);
        shares.push_back((now_ns(CLOCK_PROCESS_CPUTIME_ID) - before) / (now_ns() - wall));
    }
    return 100 * quantile(shares, 0.5);
}

struct Crowd {
    double seconds_until_own_cells; ///< until all threads have them
    double ns;                      ///< processor time of an inc after that
};

Crowd crowd_of(std::size_t many) {
    MetricCounter<rate> counter{"bench.growth.crowd"};
    constexpr int times = 200'000;
    std::atomic<std::size_t> owners{0};
    std::atomic<bool> go{false};
    std::vector<double> spent(many);
    std::vector<std::thread> threads;
    const double begun = now_ns();
    for (std::size_t i = 0; i < many; ++i) {
        threads.emplace_back([&, i] {
            for (counter.inc(); tickertape::counter::this_threads_cells == nullptr; counter.inc()) {
                std::this_thread::sleep_for(5ms);
            }
            owners.fetch_add(1);
            owners.notify_all();
            go.wait(false);
            const double before = now_ns(CLOCK_THREAD_CPUTIME_ID);
            for (int n = 0; n < times; ++n) {
                counter.inc();
                clobber();
            }
            spent[i] = (now_ns(CLOCK_THREAD_CPUTIME_ID) - before) / times;
        });
    }
    for (std::size_t have = 0; have < many; have = owners.load()) {
        owners.wait(have);
    }
    const double ready = (now_ns() - begun) / 1e9;
    go.store(true);
    go.notify_all();
    for (std::thread& thread : threads) {
        thread.join();
    }
    return {.seconds_until_own_cells = ready, .ns = quantile(spent, 0.5)};
}

} // namespace

void growth_suite() {
    const Crowd one = crowd_of(1);
    for (const std::size_t many : {64U, 256U}) {
        const Crowd crowd = crowd_of(many);
        const std::string of = std::to_string(many) + " threads";
        say({"5", of + ", until all have their own cells", crowd.seconds_until_own_cells, "s", at_most(2.1)});
        say({"5", of + ", processor time of an inc / of one thread", crowd.ns / one.ns, "", at_most(1.5)});
    }
    say({"8", "10,000 counters of 1 ms, the process", pulse_of_1_ms(10'000), "% of a core", at_most(15)});
    say({"", "1,000 counters of 1 ms, the process", pulse_of_1_ms(1'000), "% of a core"});
    say({"", "a tick, each of 1,000 counters", tick_of(1'000, 200), "ns"});
    say({"", "a tick, each of 100,000 counters", tick_of(100'000, 30), "ns"});
    say({"8", "a tick, each of 980,000 counters", tick_of(980'000, 28), "ns", at_most(15)});
}

} // namespace bench
