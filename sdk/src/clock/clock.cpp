// SPDX-License-Identifier: MIT
#include <tickertape/clock.hpp>

#include "clock/alarm_threads.hpp"
#include "counter/registry.hpp"

namespace tickertape {

namespace {

class SystemClock final : public Clock {
public:
    [[nodiscard]] ClockReading read() const override { return detail::read_system_clocks(); }
    bool wait_until(SteadyTime due, const std::stop_token& stop) override {
        return detail::wait_on_steady_clock(due, stop);
    }
    void attach(std::shared_ptr<detail::Alarm> alarm) override { threads_.attach(std::move(alarm)); }
    void detach(detail::Alarm& alarm, SteadyTime deadline) override { threads_.detach(alarm, deadline); }
    void rearm(detail::Alarm& alarm) override { threads_.rearm(alarm); }

private:
    detail::AlarmThreads threads_;
};

} // namespace

Clock::Clock() : pulse_{std::make_shared<detail::Pulse>(*this)} {}

Clock::~Clock() = default;

Clock& Clock::system() {
    // Immortal: its pulse may tick while the process exits.
    static Clock* const system = new SystemClock;
    return *system;
}

void Clock::tick() { pulse_->ring(read()); }

ClockStats Clock::stats() const {
    const std::lock_guard lock{detail::Registry::instance().mutex};
    return pulse_->stats;
}

LoopClock::LoopClock() : threads_{std::make_unique<detail::AlarmThreads>()} {}

LoopClock::~LoopClock() = default;

ClockReading LoopClock::read() const { return detail::read_system_clocks(); }

bool LoopClock::wait_until(SteadyTime due, const std::stop_token& stop) {
    return detail::wait_on_steady_clock(due, stop);
}

void LoopClock::attach(std::shared_ptr<detail::Alarm> alarm) {
    if (!alarm->is_pulse()) {
        threads_->attach(std::move(alarm));
    }
}

void LoopClock::detach(detail::Alarm& alarm, SteadyTime deadline) { threads_->detach(alarm, deadline); }

void LoopClock::rearm(detail::Alarm& alarm) { threads_->rearm(alarm); }

} // namespace tickertape
