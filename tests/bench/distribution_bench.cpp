// SPDX-License-Identifier: MIT
// record of a distribution compared with fetch_add and prometheus-cpp's histogram, and the cost of many dumps.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include <tickertape/distribution.hpp>

#ifdef TICKERTAPE_BENCH_PROMETHEUS
#include <prometheus/histogram.h>
#endif

#include "baselines.hpp"
#include "latencies.hpp"
#include "lines.hpp"
#include "measure.hpp"
#include "report.hpp"
#include "suites.hpp"

namespace bench {

namespace {

using namespace std::chrono_literals;
using tickertape::distribution;
using tickertape::MetricCounter;

constexpr std::size_t rounds = 1000;
constexpr std::size_t rounds_on_two = 300;

#ifdef TICKERTAPE_BENCH_PROMETHEUS
constexpr bool has_prometheus = true;
using Histogram = prometheus::Histogram;
#else
constexpr bool has_prometheus = false;
struct Histogram {
    explicit Histogram(const std::vector<double>& /*ends*/) {}
    void Observe(double /*value*/) const noexcept {}
};
#endif

auto cases_of(MetricCounter<distribution>& counter, Histogram& histogram, Cells& own,
              const std::vector<double>& values) {
    std::uint64_t* const word = own.cells.data();
    return std::tuple{each_of(values, [&counter](double value) { counter.record(value); }),
                      each_of(values, [word](double) { shared_add(*word); }),
                      each_of(values, [&histogram](double value) { histogram.Observe(value); })};
}
enum Case : std::uint8_t { record, fetch_add, observe };
constexpr std::size_t cases = 3;

/// Returns the processor time of dumping 1,000 distributions of 100 values each, once a second, as a part of one core.
double dump_share() {
    const int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    tickertape::testkit::ManualClock clock{tickertape::WallTime{std::chrono::seconds{first_second}}};
    std::vector<MetricCounter<distribution>> counters;
    for (int i = 0; i < 1000; ++i) {
        counters.push_back(MetricCounter<distribution>{
            "bench.latency", {.tags = {{"op", std::to_string(i)}}, .timespan = 1s, .clock = &clock}});
    }
    const std::vector<double> values = latencies();
    std::vector<double> times;
    {
        const tickertape::autodump dump{all_stages(fd), counters};
        for (std::size_t second = 0; second < 40; ++second) {
            for (std::size_t i = 0; i < counters.size(); ++i) {
                for (std::size_t value = 0; value < 100; ++value) {
                    counters[i].record(values[(second * 31 + i * 7 + value) % values.size()]);
                }
            }
            const double before = now_ns(CLOCK_PROCESS_CPUTIME_ID);
            clock.advance(1s);
            if (second >= 10) {
                times.push_back(now_ns(CLOCK_PROCESS_CPUTIME_ID) - before);
            }
        }
    }
    close(fd);
    return quantile(times, 0.5) / 1e9;
}

} // namespace

void distribution_suite() {
    const std::vector<double> values = latencies();
    MetricCounter<distribution> counter{"bench.distribution", {.timespan = 1s, .granularity = 10ms}};
    Histogram histogram{{0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10}};
    Cells own;
    warm(counter, values);
    const auto on_one = std::apply([](auto... each) { return interleaved(rounds, CLOCK_MONOTONIC, each...); },
                                   cases_of(counter, histogram, own, values));
    constexpr double per_round = values_of_a_round;
    say({"18.3", "record / fetch_add", on_one[record] / on_one[fetch_add], "", at_most(1.1)});
    say({"", "record", on_one[record] / per_round, "ns"});
    say({"", "fetch_add", on_one[fetch_add] / per_round, "ns"});
    std::array<Cells, 2> owned;
    const auto on_two = interleaved_on_two<cases>(rounds_on_two, [&](std::size_t thread) {
        warm(counter, values);
        return cases_of(counter, histogram, owned[thread], values);
    });
    if (on_two[record] == 0) {
        say({"", "two threads never ran at the same time", 0});
    } else {
        say({"18.3", "record on two threads / on one", on_two[record] / on_one[record], "", at_most(1.3)});
    }
    if (has_prometheus) {
        say({"18.3", "prometheus-cpp's histogram / record", on_one[observe] / on_one[record], "", at_least(3)});
        if (on_two[record] != 0) {
            say({"18.3", "the same on two threads", on_two[observe] / on_two[record], "", at_least(40)});
        }
    }
    say({"18.3", "dumping 1,000 distributions a second, of one core", 100 * dump_share(), "%", at_most(2)});
}

} // namespace bench
