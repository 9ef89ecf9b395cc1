// SPDX-License-Identifier: MIT
// Telemeter: demand 8 of the issue on it.
#include <chrono>
#include <cstddef>

#include <tickertape/counter.hpp>
#include <tickertape/discard.hpp>
#include <tickertape/telemeter.hpp>

#include "line_baselines.hpp"
#include "measure.hpp"
#include "report.hpp"
#include "suites.hpp"

namespace bench {

namespace {

using namespace tickertape;

constexpr int per_round = 500;
constexpr std::size_t rounds = 400;

/// A round of `f`, which is one operation.
template <class F>
auto round_of(F f) {
    return [f] {
        for (int i = 0; i < per_round; ++i) {
            f();
            clobber();
        }
    };
}

/// Calls of one counter from several threads at once.
void inc_on_threads() {
    for (const std::size_t threads : crowds) {
        Telemeter telemeter{Discard{}, {{"app", "bench"}}, {.buffer = {.max_buffer_size = 1'000'000}}};
        const auto events = telemeter.counter("bench.events");
        const CallCost cost = cost_on_threads(
            threads, [&](std::size_t /*thread*/) { return [&] { events.inc(); }; },
            [&] { telemeter.flush(std::chrono::steady_clock::now() + std::chrono::minutes{1}); });
        say_call_cost("inc() of one counter", threads, cost);
    }
}

} // namespace

void telemeter_suite() {
    // Room for many rounds, but not for more points than fit into a cache, so that the calls are measured.
    Telemeter telemeter{Discard{},
                        {{"app", "bench"}},
                        {.buffer = {.max_buffer_size = 100'000, .max_flush_interval = std::chrono::seconds{1}}}};
    const auto events = telemeter.counter("bench.events");
    const auto rows = telemeter.counter("bench.rows", bucketed);
    const auto timer = telemeter.timer("bench.time");
    MetricCounter<rate> counter{"bench.counter"};

    const auto [clock, inc, tagged, in_buckets, bare, timed, took] = interleaved(
        rounds, CLOCK_MONOTONIC, round_of([] { static_cast<void>(now_ns()); }), round_of([&] { events.inc(); }),
        round_of([&] { events.inc({{"page", "cart"}}); }), round_of([&] { rows.inc(); }),
        round_of([&] { counter.inc(); }), round_of([&] { const auto timing = timer.timeit(); }),
        round_of([&] { timer.took(std::chrono::milliseconds{250}); }));
    say({"telemeter 8", "inc() without tags into a buffered Discard, scaled", inc / per_round * machine_scale(), "ns",
         at_most(100)});
    say({"", "the same as measured", inc / per_round, "ns"});
    say({"", "the same with a tag of the call's own, as measured", tagged / per_round, "ns"});
    say({"telemeter 8", "inc() of a bucketed counter / MetricCounter's", in_buckets / bare, "", at_most(1.5)});
    say({"", "inc() of a bucketed counter, as measured", in_buckets / per_round, "ns"});
    // The limit is 1; a tenth is allowed for the code between them, and for noise.
    say({"telemeter 8", "timeit() / two readings of the clock and one publish", timed / (2 * clock + took), "",
         at_most(1.1)});
    say({"", "timeit(), as measured", timed / per_round, "ns"});
    inc_on_threads();
}

} // namespace bench
