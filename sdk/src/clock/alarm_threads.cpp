// SPDX-License-Identifier: MIT
#include "clock/alarm_threads.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/forks.hpp"
#include "base/handler_memory.hpp"
#include "base/threads.hpp"

namespace tickertape::clock {

namespace asio = boost::asio;

Clock::Reading read_system_clocks() noexcept {
    // The wall clock is read between two steady readings that are close together. Otherwise a preemption in between would look
    // like a step of the clock.
    constexpr std::chrono::microseconds close{20};
    Clock::Reading best{};
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

Clock::Reading read_coarse_system_clocks() noexcept {
    const auto read = [](clockid_t id) {
        timespec time{};
        clock_gettime(id, &time);
        return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
    };
    const std::chrono::nanoseconds wall = read(CLOCK_REALTIME_COARSE);
    return {WallTime{wall}, SteadyTime{read(CLOCK_MONOTONIC_COARSE)}};
}

bool wait_on_steady_clock(SteadyTime due, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable changed;
    // condition_variable_any supports stop tokens, but it allocates.
    const std::stop_callback wake{stop, [&] {
                                      const std::lock_guard lock{mutex};
                                      changed.notify_all();
                                  }};
    std::unique_lock lock{mutex};
    return !changed.wait_until(lock, due, [&] { return stop.stop_requested(); });
}

class AlarmThreads::Ringer : public std::enable_shared_from_this<Ringer> {
public:
    explicit Ringer(std::shared_ptr<Alarm> first) : writer_{first->writer()} { alarms_.push_back(std::move(first)); }

    void start() {
        thread_ = base::make_quiet_thread(alarms_.front()->thread_name(), [self = shared_from_this()] {
            self->arm();
            self->context_.run();
            const std::lock_guard lock{self->mutex_};
            self->ended_ = true;
            self->changed_.notify_all();
        });
    }

    [[nodiscard]] bool serves(const void* writer) const noexcept { return writer != nullptr && writer == writer_; }

    [[nodiscard]] bool has(const Alarm& alarm) {
        const std::lock_guard lock{mutex_};
        return find(alarm) != alarms_.end();
    }

    void add(std::shared_ptr<Alarm> alarm) {
        {
            const std::lock_guard lock{mutex_};
            alarms_.push_back(std::move(alarm));
        }
        rearm();
    }

    void rearm() {
        asio::post(context_, asio::bind_allocator(base::HandlerAllocator<void>{memory_}, [this] { arm(); }));
    }

    /// Removes an alarm, which then rings no more. Returns whether it was the last one: then the thread ends.
    bool remove(const Alarm& alarm) {
        const std::lock_guard lock{mutex_};
        alarms_.erase(find(alarm));
        if (alarms_.empty()) {
            context_.stop();
        }
        return alarms_.empty();
    }

    void clear() {
        const std::lock_guard lock{mutex_};
        alarms_.clear();
        context_.stop();
    }

    /// Waits until a removed alarm does not ring any more.
    void wait_for(const Alarm& alarm, SteadyTime deadline) {
        if (thread_.get_id() != std::this_thread::get_id()) {
            std::unique_lock lock{mutex_};
            changed_.wait_until(lock, deadline, [&] { return ringing_ != &alarm; });
        }
    }

    /// Ends the thread, after its last alarm was removed.
    void end(SteadyTime deadline) {
        if (thread_.get_id() == std::this_thread::get_id()) {
            thread_.detach();
            return;
        }
        std::unique_lock lock{mutex_};
        const bool ended = changed_.wait_until(lock, deadline, [this] { return ended_; });
        lock.unlock();
        if (ended) {
            thread_.join();
        } else {
            thread_.detach(); // the alarm rings for ever; the thread keeps itself and the alarm alive
        }
    }

private:
    using Alarms = std::vector<std::shared_ptr<Alarm>>;
    static constexpr int most_rings = 32; // before other events are handled

    [[nodiscard]] Alarms::iterator find(const Alarm& alarm) {
        return std::find_if(alarms_.begin(), alarms_.end(), [&](const auto& each) { return each.get() == &alarm; });
    }

    /// Returns null after the last alarm.
    [[nodiscard]] std::shared_ptr<Alarm> at(std::size_t place) {
        const std::lock_guard lock{mutex_};
        return place < alarms_.size() ? alarms_[place] : nullptr;
    }

    struct Next {
        std::shared_ptr<Alarm> alarm;
        SteadyTime due = never;
    };
    /// Calls the alarms without the mutex: they take their own locks, and others call this object with these locks held.
    [[nodiscard]] Next next() {
        Next next;
        std::size_t place = 0;
        while (std::shared_ptr<Alarm> alarm = at(place++)) {
            const SteadyTime due = alarm->due();
            if (next.alarm == nullptr || due < next.due) {
                next = {std::move(alarm), due};
            }
        }
        return next;
    }

    void ring(Alarm& alarm) {
        {
            const std::lock_guard lock{mutex_};
            if (find(alarm) == alarms_.end()) {
                return; // it was removed meanwhile
            }
            ringing_ = &alarm;
        }
        alarm.ring(read_system_clocks());
        const std::lock_guard lock{mutex_};
        ringing_ = nullptr;
        changed_.notify_all();
    }

    void arm() {
        Next first = next();
        // Rings again while alarms are due, as they are after readings: setting a timer would take longer.
        for (int rings = 0; rings < most_rings && first.due <= std::chrono::steady_clock::now(); ++rings) {
            ring(*first.alarm);
            first = next();
        }
        timer_.expires_at(first.due); // cancels an earlier wait
        timer_.async_wait(
            asio::bind_allocator(base::HandlerAllocator<void>{memory_}, [this](const boost::system::error_code& error) {
                if (!error) {
                    arm();
                }
            }));
    }

    const void* writer_;
    base::HandlerMemory memory_; // outlives the context, which destroys handlers that never ran
    asio::io_context context_{1};
    asio::steady_timer timer_{context_};
    std::thread thread_;

    std::mutex mutex_; // guards the members below
    std::condition_variable changed_;
    Alarms alarms_;
    const Alarm* ringing_ = nullptr;
    bool ended_ = false;
};

AlarmThreads::AlarmThreads() = default;

AlarmThreads::~AlarmThreads() {
    for (auto& ringer : ringers_.get().all) {
        ringer->clear();
        ringer->end(never);
    }
    ringers_.end();
}

void AlarmThreads::attach(std::shared_ptr<Alarm> alarm) {
    const void* const writer = alarm->writer();
    Ringers& ringers = ringers_.get();
    // The thread is started before others can find it.
    const std::lock_guard lock{ringers.mutex};
    const auto found = std::find_if(ringers.all.begin(), ringers.all.end(),
                                    [writer](const auto& ringer) { return ringer->serves(writer); });
    if (found != ringers.all.end()) {
        (*found)->add(std::move(alarm));
        return;
    }
    auto ringer = std::make_shared<Ringer>(std::move(alarm));
    ringers.all.reserve(ringers.all.size() + 1);
    ringer->start();
    ringers.all.push_back(std::move(ringer));
}

void AlarmThreads::detach(Alarm& alarm, SteadyTime deadline) {
    std::shared_ptr<Ringer> ringer;
    bool was_last = false;
    {
        Ringers& ringers = ringers_.get();
        const std::lock_guard lock{ringers.mutex};
        const auto found =
            std::find_if(ringers.all.begin(), ringers.all.end(), [&](const auto& each) { return each->has(alarm); });
        if (found == ringers.all.end()) {
            return;
        }
        ringer = *found;
        was_last = ringer->remove(alarm);
        if (was_last) {
            ringers.all.erase(found);
        }
    }
    ringer->wait_for(alarm, deadline);
    if (was_last) {
        ringer->end(deadline);
    }
}

void AlarmThreads::rearm(Alarm& alarm) {
    Ringers& ringers = ringers_.get();
    const std::lock_guard lock{ringers.mutex};
    for (const auto& ringer : ringers.all) {
        if (ringer->has(alarm)) {
            ringer->rearm();
        }
    }
}

} // namespace tickertape::clock
