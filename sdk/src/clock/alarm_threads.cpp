// SPDX-License-Identifier: MIT
#include "clock/alarm_threads.hpp"

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <thread>

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/forks.hpp"
#include "base/handler_memory.hpp"
#include "base/threads.hpp"

namespace tickertape::clock {

namespace asio = boost::asio;

ClockReading read_system_clocks() noexcept {
    // The wall reading is taken between two steady ones that are close together, so that being preempted in between does
    // not look like a step of the clock.
    constexpr std::chrono::microseconds close{20};
    ClockReading best{};
    auto narrowest = std::chrono::nanoseconds::max();
    for (int attempt = 0; attempt < 5; ++attempt) {
        const auto before = std::chrono::steady_clock::now();
        const auto wall = std::chrono::system_clock::now();
        const auto after = std::chrono::steady_clock::now();
        if (after - before < narrowest) {
            narrowest = after - before;
            best = {wall, before + (after - before) / 2};
        }
        if (narrowest < close) {
            break;
        }
    }
    return best;
}

bool wait_on_steady_clock(SteadyTime due, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable changed;
    // Not condition_variable_any, which knows stop tokens but allocates.
    const std::stop_callback wake{stop, [&] {
                                      const std::lock_guard lock{mutex};
                                      changed.notify_all();
                                  }};
    std::unique_lock lock{mutex};
    return !changed.wait_until(lock, due, [&] { return stop.stop_requested(); });
}

class AlarmThreads::Ringer : public std::enable_shared_from_this<Ringer> {
public:
    explicit Ringer(std::shared_ptr<Alarm> alarm) : alarm_{std::move(alarm)} {}

    void start() {
        thread_ = base::make_quiet_thread(alarm_->is_pulse() ? "tt-pulse" : "tt-dump", [self = shared_from_this()] {
            self->arm();
            self->context_.run();
            const std::lock_guard lock{self->mutex_};
            self->ended_ = true;
            self->has_ended_.notify_all();
        });
    }

    void rearm() {
        asio::post(context_, asio::bind_allocator(base::HandlerAllocator<void>{memory_}, [this] { arm(); }));
    }

    void stop(SteadyTime deadline) {
        if (forks_.is_child()) {
            base::keep_for_ever(shared_from_this());
            return;
        }
        context_.stop();
        if (thread_.get_id() == std::this_thread::get_id()) {
            thread_.detach();
            return;
        }
        std::unique_lock lock{mutex_};
        const bool ended = has_ended_.wait_until(lock, deadline, [this] { return ended_; });
        lock.unlock();
        if (ended) {
            thread_.join();
        } else {
            thread_.detach(); // it rings for ever; it keeps itself and the alarm alive
        }
    }

    [[nodiscard]] const Alarm* alarm() const noexcept { return alarm_.get(); }

private:
    void arm() {
        SteadyTime due = alarm_->due();
        if (due <= std::chrono::steady_clock::now()) { // as after readings: setting a timer would take longer
            alarm_->ring(read_system_clocks());
            due = alarm_->due();
        }
        timer_.expires_at(due); // cancels an earlier wait
        timer_.async_wait(asio::bind_allocator(base::HandlerAllocator<void>{memory_},
                                               [this, due](const boost::system::error_code& error) {
                                                   if (error) {
                                                       return;
                                                   }
                                                   const ClockReading now = read_system_clocks();
                                                   if (now.steady >= due) {
                                                       alarm_->ring(now);
                                                   }
                                                   arm();
                                               }));
    }

    std::shared_ptr<Alarm> alarm_;
    base::Forks forks_;
    base::HandlerMemory memory_; // outlives the context, which destroys handlers that never ran
    asio::io_context context_{1};
    asio::steady_timer timer_{context_};
    std::thread thread_;
    std::mutex mutex_;
    std::condition_variable has_ended_;
    bool ended_ = false;
};

AlarmThreads::AlarmThreads() = default;

AlarmThreads::~AlarmThreads() {
    for (const auto& ringer : ringers_) {
        ringer->stop(never);
    }
}

void AlarmThreads::attach(std::shared_ptr<Alarm> alarm) {
    auto ringer = std::make_shared<Ringer>(std::move(alarm));
    // Whoever finds it finds it started.
    const std::lock_guard lock{mutex_};
    ringers_.reserve(ringers_.size() + 1);
    ringer->start();
    ringers_.push_back(std::move(ringer));
}

void AlarmThreads::detach(Alarm& alarm, SteadyTime deadline) {
    std::shared_ptr<Ringer> ringer;
    {
        const std::lock_guard lock{mutex_};
        const auto found =
            std::find_if(ringers_.begin(), ringers_.end(), [&](const auto& r) { return r->alarm() == &alarm; });
        if (found == ringers_.end()) {
            return;
        }
        ringer = *found;
        ringers_.erase(found);
    }
    ringer->stop(deadline);
}

void AlarmThreads::rearm(Alarm& alarm) {
    const std::lock_guard lock{mutex_};
    for (const auto& ringer : ringers_) {
        if (ringer->alarm() == &alarm) {
            ringer->rearm();
        }
    }
}

} // namespace tickertape::clock
