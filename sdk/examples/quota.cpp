// SPDX-License-Identifier: MIT
// Two artificial bursts: a job that may use 20 ms of a CPU in each 100 ms, and a cron job at second 0 of each minute.
// sdk/docs/worked-example.md explains the pictures.
//
//   quota                  a minute of them, in simulated time, and its figures
//   quota --lines          the same minute as lines
//   quota --real SECONDS   a job that burns a CPU, on the machine's clock, as lines
#include <tickertape/autodump.hpp>
#include <tickertape/burst.hpp>
#include <tickertape/put_lines.hpp>
#include <tickertape/testkit/manual_clock.hpp>

#include <ctime>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <span>
#include <string_view>
#include <thread>

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

constexpr int job_calls = 100;  // the calls to a database in each 100 ms, each after 200 us of work: 20 ms together
constexpr int cron_calls = 500; // at second 0, each after 100 us of work
constexpr double served = 2000; // the calls that the database can answer in a second

/// The calls, counted in buckets of a second and of a millisecond.
struct Calls {
    explicit Calls(Clock& clock)
        : by_second{"db.calls", {.tags = {{"bucket", "1s"}}, .timespan = 60s, .clock = &clock}},
          by_ms{"db.calls", {.tags = {{"bucket", "1ms"}}, .timespan = 60s, .granularity = 1ms, .clock = &clock}} {}

    void add(int calls) {
        by_second.add(calls);
        by_ms.add(calls);
    }

    MetricCounter<rate> by_second;
    MetricCounter<rate> by_ms;
};

autodump to_stdout(Calls& calls) {
    return autodump{PutLines{{.form = Form::put, .host_tag = HostTag::none()}}, calls.by_second, calls.by_ms};
}

void simulate(testkit::ManualClock& clock, Calls& calls) {
    for (int ms = 0; ms < 60'000; ++ms) {
        clock.advance(ms > 0 ? 1ms : 0ms);
        const auto now = clock.read().wall.time_since_epoch();
        if (now % 100ms < 20ms) {
            calls.add(job_calls / 20);
        }
        if (now % 1min < 50ms) {
            calls.add(cron_calls / 50);
        }
    }
}

/// The figures that decide the length of the database's queue.
void judge(const CounterBase& counter, const Window<std::int64_t>& window) {
    const burst::Samples samples{window, counter.granularity()};
    const burst::Report report = burst::analyse(samples, {.service_rate = served});
    const std::optional<double> peak_to_mean = report.scales.front().peak_to_mean;
    if (!report.percentiles || !peak_to_mean) {
        return; // no calls were counted
    }
    std::cout << "in buckets of " << counter.granularity().count() << " ms: peak " << report.percentiles->max << ", "
              << *peak_to_mean << " times the mean; period ";
    if (report.lags.empty()) {
        std::cout << "none";
    } else {
        std::cout << report.lags.front().buckets * counter.granularity() / 1ms << " ms";
    }
    std::cout << "; queue needed " << report.envelopes.front().queue << '\n';
}

/// Uses this amount of CPU time, however long other processes have the CPU.
void burn(std::chrono::nanoseconds time) {
    const auto used = [] {
        timespec now{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
    };
    for (const auto end = used() + time; used() < end;) {
    }
}

/// Makes `number` calls at each multiple of `period`, each after `work`, and then waits for the next multiple.
void make_calls(const std::stop_token& stop, Calls& calls, std::chrono::nanoseconds period, int number,
                std::chrono::nanoseconds work) {
    Clock& clock = Clock::system();
    while (true) {
        const Clock::Reading now = clock.read();
        if (!clock.wait_until(now.steady + period - now.wall.time_since_epoch() % period, stop)) {
            return;
        }
        for (int i = 0; i < number; ++i) {
            burn(work);
            calls.add(1);
        }
    }
}

} // namespace

int main(int argc, char* argv[]) {
    const std::span arguments{argv, static_cast<std::size_t>(argc)};
    const std::string_view mode = argc > 1 ? arguments[1] : "";
    if (mode == "--real" && argc > 2) {
        const auto now = std::chrono::system_clock::now();
        const auto begin = std::chrono::ceil<std::chrono::seconds>(now + 100ms); // so that all seconds are complete
        std::this_thread::sleep_until(begin - 20ms);
        Calls calls{Clock::system()};
        const autodump dump = to_stdout(calls);
        const std::jthread job{[&](const std::stop_token& stop) { make_calls(stop, calls, 100ms, job_calls, 200us); }};
        const std::jthread cron{[&](const std::stop_token& stop) { make_calls(stop, calls, 1min, cron_calls, 100us); }};
        std::this_thread::sleep_until(begin + std::chrono::seconds{std::atoi(arguments[2])} - 20ms);
        return 0;
    }
    testkit::ManualClock clock{WallTime{1'700'000'010s}}; // the next minute begins 30 s later
    Calls calls{clock};
    if (mode == "--lines") {
        const autodump dump = to_stdout(calls);
        simulate(clock, calls);
        return 0;
    }
    simulate(clock, calls);
    clock.advance(1ms); // ends the last buckets
    judge(calls.by_second, calls.by_second.window());
    judge(calls.by_ms, calls.by_ms.window());
    return 0;
}
