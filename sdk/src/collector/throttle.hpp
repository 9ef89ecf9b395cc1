// SPDX-License-Identifier: MIT
/// \file
/// Throttle: limits the lines that go out, averaged over a minute.
#pragma once

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <span>

#include <tickertape/clock.hpp>
#include <tickertape/readings.hpp>
#include <tickertape/transmitter.hpp>

#include "stage/backlog.hpp"

namespace tickertape::collector {

/// A token bucket: at most `lines_per_second` points a second on average, and a minute's worth at once. Further points
/// wait in a queue of a minute's worth and go out as soon as they may. Points that do not fit there are rejected
/// (`Reason::over_limit`), and a message reports that once. tcollector forwards about 2,000 lines a second for all collectors together.
///
/// Thread safety: one thread at a time, but `room` may be called from any thread.
class Throttle final : public Transmitter {
public:
    /// `clock` is borrowed for the life of the result.
    Throttle(AnyTransmitter inner, std::uint32_t lines_per_second, const Clock& clock = Clock::system());

    Outcome publish(std::span<const Point> points) override;
    /// Sends all waiting points, regardless of the limit.
    bool flush(SteadyTime deadline) override;

    /// Sends as many waiting points as the limit allows.
    void drain();
    /// Returns how many more points may go out now without waiting. Does not block: while the inner transmitter blocks, its
    /// points count as unsent.
    [[nodiscard]] Readings::Room room() const;
    [[nodiscard]] std::size_t waiting() const noexcept { return backlog_.size(); }
    /// The points that were dropped because there was no room here, plus the waiting points that the inner transmitter rejected.
    [[nodiscard]] std::uint64_t dropped() const noexcept { return backlog_.dropped() + refused_; }

private:
    struct Level {
        double tokens;
        SteadyTime refilled; // the time of this count
        std::size_t waiting = 0;
    };

    void refill();
    [[nodiscard]] double tokens_at(SteadyTime now, const Level& level) const noexcept;
    void show();
    Outcome take(std::span<const Point> points);
    /// Returns false if the inner transmitter did not accept all.
    bool send_waiting(std::size_t most);
    [[nodiscard]] std::size_t allowed() const noexcept { return static_cast<std::size_t>(std::max(tokens_, 0.0)); }

    AnyTransmitter inner_;
    double rate_;
    double capacity_;
    double tokens_;
    const Clock& clock_;
    SteadyTime refilled_;
    stage::Backlog backlog_;
    bool closed_ = false;
    bool said_ = false;              // a message said that points are dropped
    std::uint64_t refused_ = 0;      // waiting points that the inner transmitter refused
    mutable std::mutex shown_mutex_; // guards only shown_
    Level shown_;
};

} // namespace tickertape::collector
