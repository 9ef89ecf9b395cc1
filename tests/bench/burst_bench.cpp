// SPDX-License-Identifier: MIT
// Buckets of 1 ms: demand 7.
#include <dirent.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <tickertape/counter.hpp>

#include "measure.hpp"
#include "report.hpp"
#include "suites.hpp"

namespace bench {

namespace {

using namespace std::chrono_literals;
using tickertape::MetricCounter;
using tickertape::rate;

constexpr int series = 100;
constexpr int turns = 20'000; // one for each of 100 series: some milliseconds, so that ticks fall into it

/// Returns the processor time of this process's threads with this name, in ns.
double processor_time_of(const std::string& name) {
    double all = 0;
    DIR* const tasks = opendir("/proc/self/task");
    while (const dirent* const entry = readdir(tasks)) { // NOLINT(concurrency-mt-unsafe): a stream of our own
        const std::string folder = std::string{"/proc/self/task/"} + entry->d_name;
        std::string comm;
        std::getline(std::ifstream{folder + "/comm"}, comm);
        double ns = 0;
        if (comm == name && std::ifstream{folder + "/schedstat"} >> ns) {
            all += ns;
        }
    }
    closedir(tasks);
    return all;
}

std::vector<MetricCounter<rate>> counters_of(std::chrono::milliseconds granularity,
                                             std::chrono::milliseconds timespan) {
    std::vector<MetricCounter<rate>> counters;
    for (int i = 0; i < series; ++i) {
        counters.push_back(
            MetricCounter<rate>{"bench.burst" + std::to_string(i), {.timespan = timespan, .granularity = granularity}});
    }
    return counters;
}

/// Measures one writer at full speed: the processor time of a round, for many rounds.
std::vector<double> full_speed(std::vector<MetricCounter<rate>>& counters, int rounds) {
    std::vector<double> times;
    for (int round = 0; round < rounds; ++round) {
        const double before = now_ns(CLOCK_THREAD_CPUTIME_ID);
        for (int turn = 0; turn < turns; ++turn) {
            for (MetricCounter<rate>& counter : counters) {
                counter.inc();
                clobber();
            }
        }
        times.push_back(now_ns(CLOCK_THREAD_CPUTIME_ID) - before);
    }
    return times;
}

/// Returns the longest of many runs of `f`, and the time that all but one in 10,000 do not exceed.
struct Longest {
    double longest;
    double most;
};
template <class F>
std::vector<double> time_each(int runs, F f) {
    std::vector<double> times;
    times.reserve(static_cast<std::size_t>(runs));
    for (int i = 0; i < runs; ++i) {
        const double before = now_ns();
        f();
        times.push_back(now_ns() - before);
    }
    return times;
}

Longest longest_of(const std::vector<double>& times) { return {quantile(times, 1), quantile(times, 0.9999)}; }

} // namespace

void burst_suite() {
    std::vector<double> coarse;
    std::vector<double> fine;
    double pulse_share = 0;
    constexpr int phases = 12;
    for (int phase = 0; phase < phases; ++phase) {
        {
            auto counters = counters_of(1s, 15s);
            std::this_thread::sleep_for(20ms);
            const auto times = full_speed(counters, 25);
            coarse.insert(coarse.end(), times.begin(), times.end());
        }
        auto counters = counters_of(1ms, 30s); // the ring holds twice that: 60,000 buckets
        std::this_thread::sleep_for(20ms);
        const double before = processor_time_of("tt-pulse");
        const double begun = now_ns();
        const auto times = full_speed(counters, 25);
        fine.insert(fine.end(), times.begin(), times.end());
        pulse_share += (processor_time_of("tt-pulse") - before) / (now_ns() - begun) / phases;
    }
    // Takes the quarter: high enough to include ticks, low enough to leave out delays by other programs.
    say({"7", "throughput at 1 ms / at 1 s, 100 series of 60,000 buckets",
         quantile(coarse, 0.25) / quantile(fine, 0.25), "", at_least(0.95)});
    say({"7", "the pulse at 1 ms with 100 series, of one core", 100 * pulse_share, "%", at_most(2)});

    auto counters = counters_of(1ms, 30s);
    MetricCounter<rate>& counter = counters.front();
    std::uint64_t plain = 0;
    std::vector<double> with;
    std::vector<double> without;
    for (int part = 0; part < 20; ++part) {
        const auto a = time_each(50'000, [&] {
            for (int i = 0; i < 16; ++i) {
                counter.inc();
                clobber();
            }
        });
        const auto b = time_each(50'000, [&] {
            for (int i = 0; i < 16; ++i) {
                ++plain;
                clobber();
            }
        });
        with.insert(with.end(), a.begin(), a.end());
        without.insert(without.end(), b.begin(), b.end());
    }
    say({"7", "the longest of a million runs of 16 inc", longest_of(with).longest / 1000, "us"});
    say({"7", "the same without a counter: preemption by others", longest_of(without).longest / 1000, "us"});
    say({"7", "16 inc: all but one run in 10,000 take at most", longest_of(with).most / 1000, "us"});
    say({"7", "the same without a counter", longest_of(without).most / 1000, "us"});
}

} // namespace bench
