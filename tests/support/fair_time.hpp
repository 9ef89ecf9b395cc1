// SPDX-License-Identifier: MIT
/// \file
/// A stopwatch for time limits. It does not count delays of a busy machine.
#pragma once

#include <atomic>
#include <chrono>
#include <ctime>
#include <stop_token>
#include <thread>

namespace test {

/// Counts the beats of a thread that mostly sleeps and works a little, as collectors do. If the CPUs are busy, or the machine
/// stands still, it is as late as they are. On an idle machine it is the real time, within a beat.
class FairTime {
public:
    using Duration = std::chrono::milliseconds;

    [[nodiscard]] Duration passed() const { return beats_.load() * beat; }
    /// Returns how much longer the real time was: how long the machine delayed us.
    [[nodiscard]] Duration lost() const {
        return std::chrono::ceil<Duration>(std::chrono::steady_clock::now() - start_) - passed();
    }

private:
    static constexpr Duration beat{20};
    static constexpr Duration work{1}; // of one beat

    static std::chrono::nanoseconds worked() {
        timespec time{};
        ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
    }
    void run(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            std::this_thread::sleep_for(beat - work);
            const auto begun = worked();
            while (worked() - begun < work) {
            }
            ++beats_;
        }
    }

    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    std::atomic<int> beats_{0};
    std::jthread thread_{[this](const std::stop_token& stop) { run(stop); }};
};

} // namespace test
