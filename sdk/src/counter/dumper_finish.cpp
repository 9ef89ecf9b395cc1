// SPDX-License-Identifier: MIT
// The end of a dumper: it publishes the remaining buckets until a deadline, whatever the transmitter does.
#include <algorithm>
#include <cstdlib>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>

#include "base/diagnostics.hpp"
#include "base/forks.hpp"
#include "base/log.hpp"
#include "base/threads.hpp"
#include "counter/dumper.hpp"
#include "counter/pulse.hpp"
#include "counter/registry.hpp"

namespace tickertape::counter {

namespace {

constexpr std::chrono::milliseconds retry_at_the_end{20};
constexpr std::chrono::milliseconds last_moment{50}; // for a transmitter that ends at the deadline to report it

/// The living dumpers of this process, for its end.
struct Dumpers {
    std::mutex mutex;
    std::vector<std::weak_ptr<Dumper>> all;
};
constinit base::PerProcess<Dumpers> dumpers_of_process;

void flush_at_exit() { finish_all_dumps(std::chrono::steady_clock::now() + autodump::default_deadline); }

} // namespace

/// The right to publish, which one thread has at a time. Waits for it until a deadline on the machine's steady clock.
class Dumper::Turn {
public:
    Turn(Dumper& dumper, SteadyTime deadline) : dumper_{dumper} {
        std::unique_lock lock{dumper.mutex_};
        taken_ = dumper.turn_changed_.wait_until(lock, deadline, [&] { return !dumper.turn_taken_; });
        dumper.turn_taken_ |= taken_;
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
        if (taken_) {
            const std::lock_guard lock{dumper_.mutex_};
            dumper_.turn_taken_ = false;
            dumper_.turn_changed_.notify_all();
        }
    }
    [[nodiscard]] bool taken() const noexcept { return taken_; }

private:
    Dumper& dumper_;
    bool taken_ = false;
};

void Dumper::start() {
    Dumpers& dumpers = dumpers_of_process.get();
    {
        const std::lock_guard lock{dumpers.mutex};
        static const int registered = std::atexit(&flush_at_exit);
        static_cast<void>(registered);
        std::erase_if(dumpers.all, [](const auto& dumper) { return dumper.expired(); });
        dumpers.all.push_back(weak_from_this());
    }
    clock_.attach(shared_from_this());
}

WallTime Dumper::newest_running() const {
    const std::lock_guard lock{Registry::instance().mutex};
    pulse_of(clock_)->tick(clock_.read(), true);
    WallTime newest = WallTime::min();
    for (const CounterState* const state : counters_) {
        if (state != nullptr) {
            newest = std::max(newest, state->group->timeline.open());
        }
    }
    return newest;
}

SteadyTime Dumper::end_of_fine_buckets() const {
    const std::lock_guard lock{Registry::instance().mutex};
    SteadyTime end = end_of_retired_;
    for (const CounterState* const state : counters_) {
        if (state != nullptr && state->group->timeline.granularity() <= std::chrono::seconds{1}) {
            end = std::max(end, state->group->timeline.due());
        }
    }
    return end;
}

autodump::Report Dumper::finish(SteadyTime deadline) {
    // Waits for other threads in real time, and for the ends of buckets by the clock, which may be a manual one.
    const SteadyTime real_deadline = std::chrono::steady_clock::now() + (deadline - clock_.read().steady);
    {
        const std::lock_guard lock{mutex_};
        finishing_ = true;
    }
    // Runs on a separate thread, which keeps all that it uses. If the transmitter blocks, the thread is abandoned.
    struct Done {
        std::mutex mutex;
        std::condition_variable changed;
        bool done = false;
    };
    const auto done = std::make_shared<Done>();
    std::thread worker;
    try {
        worker = base::make_quiet_thread("tt-finish", [self = shared_from_this(), done, deadline, real_deadline] {
            self->finish_now(deadline, real_deadline);
            const std::lock_guard lock{done->mutex};
            done->done = true;
            done->changed.notify_all();
        });
    } catch (const std::system_error&) {
        // The kernel starts no thread. So a transmitter that blocks also blocks this one.
        finish_now(deadline, real_deadline);
        return report();
    }
    std::unique_lock lock{done->mutex};
    const bool in_time = done->changed.wait_until(lock, real_deadline + last_moment, [&] { return done->done; });
    lock.unlock();
    if (in_time) {
        worker.join();
    } else {
        worker.detach();
    }
    return report();
}

void Dumper::finish_now(SteadyTime deadline, SteadyTime real_deadline) {
    const Turn turn{*this, real_deadline};
    if (!turn.taken()) {
        // The transmitter did not return in time. It may still write the points that it was given; all others are counted as unsent.
        clock_.detach(*this, std::chrono::steady_clock::now());
        release();
        const std::lock_guard lock{mutex_};
        report_.unsent += std::exchange(unsent_of_retired_, 0) + handed_.give_up();
        return;
    }
    if (finished_ && !anything_handed()) {
        return;
    }
    clock_.detach(*this, real_deadline);
    // A stop request does not interrupt this, because this is the end that a stop leads to. The deadline bounds it.
    const std::stop_token unstoppable;
    const auto publish_until_done = [&](std::optional<WallTime> cut = std::nullopt) {
        while (!publish(clock_.read(), nullptr, cut)) {
            const SteadyTime now = clock_.read().steady;
            if (report().closed || now >= deadline) {
                return false;
            }
            clock_.wait_until(std::min(deadline, now + retry_at_the_end), unstoppable);
        }
        return true;
    };
    // Only the bucket that runs now may be cut short. A successor may write a bucket that begins later.
    const WallTime running = newest_running();
    bool done = publish_until_done();
    if (const SteadyTime end = end_of_fine_buckets(); done && end <= deadline) {
        clock_.wait_until(end, unstoppable);
        done = publish_until_done();
    }
    if (done) {
        done = publish_until_done(running);
    }
    release();
    // A stage may hold points back, and an output have room for only some of them at a time.
    bool flushed = flush(real_deadline);
    while (!flushed && !report().closed && clock_.read().steady < deadline) {
        clock_.wait_until(std::min(deadline, clock_.read().steady + retry_at_the_end), unstoppable);
        flushed = flush(real_deadline);
    }
    const std::lock_guard lock{mutex_};
    report_.unsent += batch_.size() + std::exchange(unsent_of_retired_, 0) + handed_.give_up();
    batch_.clear();
    report_.complete = done && flushed && report_.unsent == 0 && !report_.closed;
    finished_ = true;
}

bool Dumper::anything_handed() const {
    const std::lock_guard lock{mutex_};
    return !handed_.empty();
}

bool Dumper::flush(SteadyTime deadline) {
    try {
        return transmitter_.flush(deadline);
    } catch (const std::exception& error) {
        base::report(error.what());
    } catch (...) {
        // Message: transmitter: unknown exception while it was flushed: points may be lost
        // Cause: A transmitter of the application threw something that is no std::exception.
        // Remedy: Correct the transmitter.
        base::log(base::Level::error, "transmitter: unknown exception while it was flushed: points may be lost");
    }
    return false;
}

void Dumper::release() {
    Registry& registry = Registry::instance();
    const std::lock_guard lock{registry.mutex};
    for (CounterState* const state : counters_) {
        if (state != nullptr) {
            state->dumper = nullptr;
            state->group->settle();
            // Another dumper could still publish the buckets in the rings. This one counts them as unsent nevertheless.
            for (std::uint64_t i = state->history.cursor(); i != state->history.end(); ++i) {
                unsent_of_retired_ += state->history[i] != History::absent ? 1 : 0;
            }
        }
    }
    counters_.clear();
    unsent_of_retired_ += adopted_.give_up();
    if (registry.default_dumper() == this) {
        registry.set_default_dumper(nullptr);
    }
}

bool finish_all_dumps(SteadyTime deadline) {
    std::vector<std::shared_ptr<Dumper>> living;
    {
        Dumpers& dumpers = dumpers_of_process.get();
        const std::lock_guard lock{dumpers.mutex};
        for (const auto& weak : dumpers.all) {
            if (auto dumper = weak.lock()) {
                living.push_back(std::move(dumper));
            }
        }
    }
    bool complete = true;
    for (const auto& dumper : living) {
        const auto left = deadline - std::chrono::steady_clock::now();
        complete &= dumper->finish(dumper->clock().read().steady + left).complete;
    }
    return complete;
}

} // namespace tickertape::counter
