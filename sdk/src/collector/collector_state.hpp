// SPDX-License-Identifier: MIT
/// \file
/// The state of a Collector.
#pragma once

#include <sys/types.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include <tickertape/collector.hpp>
#include <tickertape/manual_clock.hpp>

#include "base/forks.hpp"
#include "collector/command_line.hpp"
#include "collector/member.hpp"
#include "collector/output.hpp"
#include "collector/sampled_tick.hpp"
#include "collector/supervisor.hpp"
#include "counter/timeline.hpp"

namespace tickertape {

struct Collector::State {
    State(collector::Settings read, Stop& asked, bool differences)
        : settings{std::move(read)}, stop{asked}, waits{differences} {
        if (settings.once || settings.now) {
            const WallTime now = settings.now.value_or(Clock::system().read().wall);
            // Just before the due time of the only reading. With a fixed time, that is the due time of the last reading.
            before_due += settings.once && settings.now && waits ? settings.interval : std::chrono::milliseconds{0};
            simulated.emplace(counter::bucket_start(now, settings.interval) - before_due);
        }
        started = clock().read().steady;
    }

    /// Waits for the second reading of --once.
    void wait_one(std::chrono::milliseconds period) {
        if (!settings.now) {
            Clock::system().wait_until(std::chrono::steady_clock::now() + period, stop.token());
        }
        simulated->advance(period);
    }

    /// Takes the samples of --once, except the last one. Simulated time begins with them and passes as real time does, so that a
    /// late sample is recognized as late.
    void look(ManualClock& time, std::chrono::milliseconds period, std::chrono::milliseconds every,
              collector::SampledTick& tick) const {
        const Clock::Reading begin = time.read();
        const SteadyTime began = std::chrono::steady_clock::now();
        for (std::chrono::nanoseconds at{0}; at < period; at = (at / every + 1) * every) {
            if (!settings.now) {
                Clock::system().wait_until(began + at, stop.token());
                at = std::clamp(std::chrono::nanoseconds{std::chrono::steady_clock::now() - began}, at,
                                std::chrono::nanoseconds{period} - std::chrono::nanoseconds{1});
            }
            time.advance(begin.steady + at - time.read().steady);
            tick.rehearse(begin.wall + at / every * every);
        }
        if (!settings.now) {
            Clock::system().wait_until(began + period, stop.token());
        }
    }

    [[nodiscard]] Clock& clock() { return simulated ? static_cast<Clock&>(*simulated) : Clock::system(); }

    base::Forks forks;
    collector::Settings settings;
    Stop& stop;
    bool waits;                              // --once takes two readings
    std::chrono::milliseconds before_due{1}; // at the start of simulated time
    std::optional<ManualClock> simulated;    // its time jumps, so nothing waits
    SteadyTime started{};
    std::optional<gid_t> kept_group;
    std::shared_ptr<collector::Output> output;
    std::unique_ptr<collector::Supervisor> supervisor; // null for a member of a crew
    collector::Member* member = nullptr;               // null for a separate program
};

} // namespace tickertape
