// SPDX-License-Identifier: MIT
#include <tickertape/manual_clock.hpp>

#include <algorithm>

#include "clock/alarm.hpp"

namespace tickertape {

ManualClock::ManualClock(WallTime start) : now_{start, std::chrono::steady_clock::now()} {}

ManualClock::~ManualClock() = default;

void ManualClock::advance(std::chrono::nanoseconds time) { advance_to(read().steady + time, {}); }

void ManualClock::stall(std::chrono::nanoseconds time) { move_to(read().steady + time); }

void ManualClock::step(std::chrono::nanoseconds time) {
    const std::lock_guard lock{mutex_};
    now_.wall += time;
}

Clock::Reading ManualClock::read() const {
    const std::lock_guard lock{mutex_};
    return now_;
}

bool ManualClock::wait_until(SteadyTime due, const std::stop_token& stop) {
    return !stop.stop_requested() && advance_to(due, stop);
}

bool ManualClock::advance_to(SteadyTime target, const std::stop_token& stop) {
    while (const std::shared_ptr<clock::Alarm> alarm = first_due(target)) {
        move_to(std::max(alarm->due(), read().steady));
        alarm->ring(read());
        if (stop.stop_requested()) {
            return false;
        }
    }
    move_to(std::max(target, read().steady));
    return true;
}

void ManualClock::move_to(SteadyTime time) {
    const std::lock_guard lock{mutex_};
    now_.wall += time - now_.steady;
    now_.steady = time;
}

std::shared_ptr<clock::Alarm> ManualClock::first_due(SteadyTime until) const {
    std::vector<std::shared_ptr<clock::Alarm>> alarms;
    {
        const std::lock_guard lock{mutex_};
        alarms = alarms_;
    }
    std::shared_ptr<clock::Alarm> first;
    SteadyTime due = until;
    for (const auto& alarm : alarms) {
        const SteadyTime its = alarm->due();
        if (its < due || (its == due && !first)) {
            first = alarm;
            due = its;
        }
    }
    return first;
}

void ManualClock::attach(std::shared_ptr<clock::Alarm> alarm) {
    const std::lock_guard lock{mutex_};
    const auto place = alarm->is_pulse() ? alarms_.begin() : alarms_.end();
    alarms_.insert(place, std::move(alarm));
}

void ManualClock::detach(clock::Alarm& alarm, SteadyTime /*deadline*/) {
    const std::lock_guard lock{mutex_};
    std::erase_if(alarms_, [&alarm](const auto& attached) { return attached.get() == &alarm; });
}

void ManualClock::rearm(clock::Alarm& /*alarm*/) {} // every move of the clock asks all alarms for their due times

} // namespace tickertape
