// SPDX-License-Identifier: MIT
#include <tickertape/schedule.hpp>

#include <algorithm>
#include <string>

#include "counter/pulse.hpp"
#include "counter/registry.hpp"
#include "counter/run.hpp"

namespace tickertape {

namespace {

using std::chrono::milliseconds;

/// Marks this thread as inside a run.
class RunGuard {
public:
    explicit RunGuard(const counter::Run& run) noexcept : outer_{std::exchange(counter::this_threads_run, &run)} {}
    RunGuard(const RunGuard&) = delete;
    RunGuard& operator=(const RunGuard&) = delete;
    ~RunGuard() { counter::this_threads_run = outer_; }

private:
    const counter::Run* outer_;
};

/// Due times that lie before `now` and after `due`; `lived` bounds what a step of the wall clock adds.
std::uint64_t missed_between(WallTime due, WallTime now, std::chrono::nanoseconds lived, milliseconds period) {
    if (now <= due) {
        return 0;
    }
    const auto passed = (now - due - std::chrono::nanoseconds{1}) / period;
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, std::min<std::int64_t>(passed, lived / period)));
}

} // namespace

Stop::Reason run_every_n_seconds(milliseconds period, const std::function<void()>& f, const RunOptions& options) {
    if (period < milliseconds{1}) {
        throw UsageError{"run_every_n_seconds: the period " + std::to_string(period.count()) +
                         " ms is too short; the shortest is 1 ms"};
    }
    Clock& clock = options.clock != nullptr ? *options.clock : Clock::system();
    Stop& stop = options.stop != nullptr ? *options.stop : Stop::process();
    const std::stop_token token = stop.token();
    counter::Pulse& pulse = *counter::pulse_of(clock); // which lives as long as the clock
    std::mutex& mutex = counter::Registry::instance().mutex;

    Clock::Reading now = clock.read();
    WallTime due = counter::bucket_start(now.wall, period) + period;
    while (true) {
        const SteadyTime due_steady = now.steady + (due - now.wall);
        if (!clock.wait_until(due_steady, token)) {
            return stop.reason();
        }
        now = clock.read();
        if (now.wall < due) {
            // Wall time was slewed or set back while we waited. After a step the due times are those of the new time.
            due = std::min(due, counter::bucket_start(now.wall, period) + period);
            continue;
        }
        const WallTime latest = counter::bucket_start(now.wall, period);
        std::uint64_t missed =
            missed_between(due, latest + std::chrono::nanoseconds{1}, now.steady - due_steady, period);
        const counter::Run run{&clock, latest};
        {
            const std::lock_guard lock{mutex};
            pulse.tick(now, true); // so that the bucket of the due time is open
        }
        const SteadyTime started = now.steady - (now.wall - latest);
        {
            const RunGuard guard{run};
            f();
        }
        now = clock.read();
        due = latest + period;
        if (now.wall > due) {
            missed += missed_between(latest, now.wall, now.steady - started, period);
            due = counter::bucket_start(now.wall - std::chrono::nanoseconds{1}, period) + period;
        } else {
            due = std::min(due, counter::bucket_start(now.wall, period) + period);
        }
        const std::lock_guard lock{mutex};
        pulse.note_run(missed);
    }
}

} // namespace tickertape
