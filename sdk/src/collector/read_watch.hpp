// SPDX-License-Identifier: MIT
/// \file
/// ReadWatch: whether a log can be read now.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include <tickertape/log_follower.hpp>

namespace tickertape::collector {

/// Calls `observe` when a log becomes unreadable, and when it can be read again. A read that takes longer than `patience`, as on
/// a file system that hangs, counts as unreadable (after twice that time at the latest) until it returns or takes a line.
///
/// Thread safety: one thread reads. `observe` is called on it or on this object's own thread, one call at a time.
class ReadWatch {
public:
    ReadWatch(LogFollower::Observe observe, std::chrono::milliseconds patience);
    ReadWatch(const ReadWatch&) = delete;
    ReadWatch& operator=(const ReadWatch&) = delete;
    ~ReadWatch();

    /// A read begins.
    void begin();
    /// The read is about to take a line.
    void progress();
    /// The read has ended; whether it could read.
    void end(bool is_read);

private:
    void run();
    void set(bool is_read); // with the lock held

    const LogFollower::Observe observe_;
    const std::chrono::milliseconds patience_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<std::chrono::steady_clock::time_point> since_; // the start of the present read
    std::atomic<bool> hangs_{false};
    std::atomic<bool> has_progressed_{false}; // since the watching thread last checked
    bool is_read_ = true;
    bool is_reported_ = false; // a message said that this read hangs
    bool ends_ = false;
    std::thread thread_; // last, because it uses the others
};

} // namespace tickertape::collector
