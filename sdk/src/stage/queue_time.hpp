// SPDX-License-Identifier: MIT
/// \file
/// QueueTime: the clock of Buffered and the disk of its spool, and how tests give it others.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

#include <tickertape/buffered.hpp>

#include "base/syscalls.hpp"

namespace tickertape::stage {

struct Event;
class Staging;

/// Thread safety: every function may be called from any thread.
class QueueTime {
public:
    QueueTime() = default;
    virtual ~QueueTime() = default;
    QueueTime(const QueueTime&) = delete;
    QueueTime& operator=(const QueueTime&) = delete;

    [[nodiscard]] virtual SteadyTime now() const = 0;
    /// Waits until `until` or for a notification; may return earlier.
    virtual void wait(std::condition_variable& condition, std::unique_lock<std::mutex>& lock, SteadyTime until) = 0;

    /// For a spool; its clock is used as well.
    [[nodiscard]] virtual base::Syscalls& disk() { return base::Syscalls::real(); }

    [[nodiscard]] static QueueTime& real();
};

struct BufferedAccess {
    /// `time` is borrowed for the life of the result.
    static Buffered make(AnyTransmitter inner, const BufferedOptions& options, QueueTime& time) {
        return Buffered{std::move(inner), options, time};
    }
    /// Queues an event. Its source must live until `end_staging`.
    static Sent add(Buffered& queue, const Event& event);
    /// Returns the staging of the queue. Do not add points that it takes. It may be used after the end of the queue.
    [[nodiscard]] static std::shared_ptr<Staging> staging(const Buffered& queue);
    /// From now on no point is staged.
    static void end_staging(Buffered& queue);
};

/// `time`, which is not negative, later than `from`, or the end of time.
[[nodiscard]] SteadyTime later(SteadyTime from, std::chrono::nanoseconds time) noexcept;

/// The first time after `since` that is `phase` after a multiple of `interval` since the epoch of the steady clock.
[[nodiscard]] SteadyTime next_flush(SteadyTime since, std::chrono::nanoseconds interval,
                                    std::chrono::nanoseconds phase) noexcept;

} // namespace tickertape::stage
