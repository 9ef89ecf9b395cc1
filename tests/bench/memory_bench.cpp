// SPDX-License-Identifier: MIT
// 100,000 counters on 16 threads: demand 2.
#include <atomic>
#include <chrono>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <tickertape/counter.hpp>

#include "line_baselines.hpp"
#include "measure.hpp"
#include "report.hpp"
#include "suites.hpp"

namespace bench {

namespace {

using tickertape::MetricCounter;
using tickertape::rate;

constexpr std::size_t counters_of_all = 100'000;
constexpr std::size_t threads_of_all = 16;

/// A field of /proc/self/status in bytes.
double status_bytes(const std::string& wanted) {
    std::ifstream status{"/proc/self/status"};
    for (std::string field; status >> field;) {
        double kilobytes = 0;
        if (field == wanted + ":" && status >> kilobytes) {
            return kilobytes * 1024;
        }
    }
    return 0;
}

/// Resident memory and page tables.
double memory() { return status_bytes("VmRSS") + status_bytes("VmPTE"); }

} // namespace

void memory_suite() {
    const double scale = machine_scale();
    { // the registry, its threads and the first blocks do not count for a single counter
        const MetricCounter<rate> first{"bench.first"};
    }
    std::vector<std::string> names;
    for (std::size_t i = 0; i < counters_of_all; ++i) {
        names.push_back("bench.memory.counter" + std::to_string(i));
    }
    std::vector<MetricCounter<rate>> counters;
    counters.reserve(counters_of_all);
    const double before = memory();
    std::vector<double> times; // of a thousand each
    for (std::size_t i = 0; i < counters_of_all;) {
        const double begun = now_ns(CLOCK_THREAD_CPUTIME_ID);
        for (const std::size_t end = i + 1000; i < end; ++i) {
            counters.emplace_back(std::string_view{names[i]});
        }
        times.push_back(now_ns(CLOCK_THREAD_CPUTIME_ID) - begun);
    }
    const double made = memory();
    const auto n = static_cast<double>(counters_of_all);
    double all = 0;
    for (const double time : times) {
        all += time;
    }
    const double buckets = 120;
    say({"2", "a counter without its buckets", (made - before) / n - 8 * buckets, "bytes", at_most(512)});
    const double quickest = 1000 / quantile(times, lowest_few) * 1e3;
    say({"", "counters made in a second of processor time, all of 100,000", n / all * 1e3, "M/s"});
    say({"", "the same, the quickest thousands", quickest, "M/s"});
    say({"2", "counters made in a second, all of 100,000, scaled", n / all * 1e3 / scale, "M/s", at_least(0.5)});

    std::atomic<std::size_t> ready{0};
    std::atomic<bool> go{false};
    std::atomic<bool> over{false};
    std::vector<std::thread> threads;
    for (std::size_t thread = 0; thread < threads_of_all; ++thread) {
        threads.emplace_back([&] {
            ready.fetch_add(1);
            go.wait(false);
            // The pulse makes cells for new threads, a few at a time; until then an inc goes to a total shared by all.
            for (counters.front().inc(); tickertape::counter::this_threads_cells == nullptr; counters.front().inc()) {
                std::this_thread::sleep_for(std::chrono::milliseconds{10});
            }
            for (MetricCounter<rate>& counter : counters) {
                counter.inc();
            }
            ready.fetch_add(1);
            over.wait(false);
        });
    }
    const auto wait_for = [&](std::size_t arrivals) {
        while (ready.load() < arrivals) {
            std::this_thread::sleep_for(std::chrono::milliseconds{10});
        }
    };
    wait_for(threads_of_all);
    const double idle = memory(); // the memory of the threads without a counter
    go.store(true);
    go.notify_all();
    wait_for(2 * threads_of_all);
    const double touched = memory();
    say({"2", "a cell of a thread that touched a counter, all 16 having touched all",
         (touched - idle) / n / threads_of_all, "bytes", at_most(8 + 12 * 1024 / n)});
    say({"2", "100,000 counters on 16 threads, in all", (touched - before) / 1e6, "MB", at_most(170)});
    over.store(true);
    over.notify_all();
    for (std::thread& thread : threads) {
        thread.join();
    }
}

} // namespace bench
