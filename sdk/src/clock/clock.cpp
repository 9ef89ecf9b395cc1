// SPDX-License-Identifier: MIT
#include <tickertape/clock.hpp>

#include <memory>

#include "clock/alarm.hpp"
#include "clock/alarm_threads.hpp"

namespace tickertape {

namespace {

class SystemClock final : public Clock {
public:
    [[nodiscard]] Clock::Reading read() const override { return clock::read_system_clocks(); }
    bool wait_until(SteadyTime due, const std::stop_token& stop) override {
        return clock::wait_on_steady_clock(due, stop);
    }
    void attach(std::shared_ptr<clock::Alarm> alarm) override { threads_.attach(std::move(alarm)); }
    void detach(clock::Alarm& alarm, SteadyTime deadline) override { threads_.detach(alarm, deadline); }
    void rearm(clock::Alarm& alarm) override { threads_.rearm(alarm); }

private:
    clock::AlarmThreads threads_;
};

} // namespace

Clock::Clock() = default;

Clock::~Clock() { delete pulse_.load(); }

Clock& Clock::system() {
    // Never destroyed, because its pulse may tick while the process exits.
    static Clock* const system = new SystemClock;
    return *system;
}

const std::shared_ptr<clock::Alarm>& Clock::pulse(std::shared_ptr<clock::Alarm> (*make)(Clock&)) {
    // Takes no lock, because a fork could find it locked. If two threads make an alarm at once, the second alarm is destroyed.
    const std::shared_ptr<clock::Alarm>* known = pulse_.load(std::memory_order_acquire);
    if (known == nullptr) {
        auto mine = std::make_unique<const std::shared_ptr<clock::Alarm>>(make(*this));
        if (pulse_.compare_exchange_strong(known, mine.get(), std::memory_order_acq_rel)) {
            known = mine.release();
        }
    }
    return *known;
}

void Clock::tick() {
    if (const std::shared_ptr<clock::Alarm>* const pulse = pulse_.load(std::memory_order_acquire)) {
        (*pulse)->ring(read());
    }
}

Clock::Stats Clock::stats() const {
    const std::shared_ptr<clock::Alarm>* const pulse = pulse_.load(std::memory_order_acquire);
    return pulse != nullptr ? (*pulse)->stats() : Clock::Stats{};
}

LoopClock::LoopClock() : threads_{std::make_unique<clock::AlarmThreads>()} {}

LoopClock::~LoopClock() = default;

Clock::Reading LoopClock::read() const { return clock::read_system_clocks(); }

bool LoopClock::wait_until(SteadyTime due, const std::stop_token& stop) {
    return clock::wait_on_steady_clock(due, stop);
}

void LoopClock::attach(std::shared_ptr<clock::Alarm> alarm) {
    if (!alarm->is_pulse()) {
        threads_->attach(std::move(alarm));
    }
}

void LoopClock::detach(clock::Alarm& alarm, SteadyTime deadline) { threads_->detach(alarm, deadline); }

void LoopClock::rearm(clock::Alarm& alarm) { threads_->rearm(alarm); }

} // namespace tickertape
