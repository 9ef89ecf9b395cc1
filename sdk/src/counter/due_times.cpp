// SPDX-License-Identifier: MIT
#include "counter/due_times.hpp"

#include <algorithm>
#include <mutex>
#include <string>
#include <utility>

#include <tickertape/name.hpp>

#include "counter/pulse.hpp"
#include "counter/registry.hpp"
#include "counter/run.hpp"

namespace tickertape::counter {

namespace {

using std::chrono::milliseconds;

/// Marks this thread as inside a run.
class RunGuard {
public:
    explicit RunGuard(const Run& run) noexcept : outer_{std::exchange(this_threads_run, &run)} {}
    RunGuard(const RunGuard&) = delete;
    RunGuard& operator=(const RunGuard&) = delete;
    ~RunGuard() { this_threads_run = outer_; }

private:
    const Run* outer_;
};

/// Returns the number of due times after `due` and before `now`. `lived` is the limit, because the wall clock may have stepped ahead.
std::uint64_t missed_between(WallTime due, WallTime now, std::chrono::nanoseconds lived, milliseconds period) {
    if (now <= due) {
        return 0;
    }
    const auto passed = (now - due - std::chrono::nanoseconds{1}) / period;
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, std::min<std::int64_t>(passed, lived / period)));
}

} // namespace

DueTimes::DueTimes(milliseconds period, Clock& clock)
    : period_{period}, clock_{clock}, pulse_{*pulse_of(clock)}, now_{clock.read()} {
    if (period < milliseconds{1}) {
        throw UsageError{"run_every_n_seconds: the period " + std::to_string(period.count()) +
                         " ms is too short; the shortest is 1 ms"};
    }
    due_ = bucket_start(now_.wall, period) + period;
}

void DueTimes::run(const std::function<void()>& f) {
    const SteadyTime due_steady = next();
    now_ = clock_.read();
    if (now_.wall < due_) {
        // Wall time was slewed or set back while we waited. After a step the due times are those of the new time.
        due_ = std::min(due_, bucket_start(now_.wall, period_) + period_);
        return;
    }
    const WallTime latest = bucket_start(now_.wall, period_);
    const std::uint64_t missed =
        missed_between(due_, latest + std::chrono::nanoseconds{1}, now_.steady - due_steady, period_);
    {
        const std::lock_guard lock{Registry::instance().mutex};
        pulse_.tick(now_, true); // so that the bucket of the due time is open
    }
    const SteadyTime started = now_.steady - (now_.wall - latest);
    try {
        const Run this_one{&clock_, latest};
        const RunGuard guard{this_one};
        f();
    } catch (...) {
        end_run(latest, started, missed);
        throw;
    }
    end_run(latest, started, missed);
}

void DueTimes::end_run(WallTime latest, SteadyTime started, std::uint64_t missed) {
    now_ = clock_.read();
    due_ = latest + period_;
    if (now_.wall > due_) {
        missed += missed_between(latest, now_.wall, now_.steady - started, period_);
        due_ = bucket_start(now_.wall - std::chrono::nanoseconds{1}, period_) + period_;
    } else {
        due_ = std::min(due_, bucket_start(now_.wall, period_) + period_);
    }
    const std::lock_guard lock{Registry::instance().mutex};
    pulse_.note_run(missed);
}

} // namespace tickertape::counter
