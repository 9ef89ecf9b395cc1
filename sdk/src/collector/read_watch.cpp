// SPDX-License-Identifier: MIT
#include "collector/read_watch.hpp"

#include <utility>

#include "base/diagnostics.hpp"
#include "base/threads.hpp"

namespace tickertape::collector {

using std::chrono::steady_clock;

namespace {

constexpr int long_time = 10; // times the patience: longer than a read takes on a busy machine

} // namespace

ReadWatch::ReadWatch(LogFollower::Observe observe, std::chrono::milliseconds patience)
    : observe_{std::move(observe)}, patience_{patience} {
    if (observe_) {
        thread_ = base::make_quiet_thread("tt-log", [this] { run(); });
    }
}

ReadWatch::~ReadWatch() {
    {
        const std::lock_guard lock{mutex_};
        ends_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void ReadWatch::begin() {
    const std::lock_guard lock{mutex_};
    since_ = steady_clock::now();
}

void ReadWatch::progress() {
    if (hangs_.load(std::memory_order_relaxed)) { // a check without the lock, because this is called for each line
        end(true);
        begin();
    } else {
        has_progressed_.store(true, std::memory_order_relaxed);
    }
}

void ReadWatch::end(bool is_read) {
    const std::lock_guard lock{mutex_};
    since_.reset();
    hangs_ = false;
    is_reported_ = false;
    set(is_read);
}

void ReadWatch::run() {
    std::unique_lock lock{mutex_};
    while (!ends_) {
        changed_.wait_for(lock, patience_);
        if (has_progressed_.exchange(false) && since_) {
            since_ = steady_clock::now();
        }
        if (hangs_ && steady_clock::now() - *since_ >= long_time * patience_ && !std::exchange(is_reported_, true)) {
            // Message: log: reading hangs: nothing is reported until it continues
            // Cause: A read of the log file does not return, as on an NFS server that is away.
            // Remedy: Restore the file system. Reporting continues by itself.
            base::report("log: reading hangs: nothing is reported until it continues");
        }
        if (since_ && !hangs_ && steady_clock::now() - *since_ >= patience_) {
            hangs_ = true;
            set(false);
        }
    }
}

void ReadWatch::set(bool is_read) {
    if (std::exchange(is_read_, is_read) != is_read && observe_) {
        observe_(is_read);
    }
}

} // namespace tickertape::collector
