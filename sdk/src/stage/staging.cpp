// SPDX-License-Identifier: MIT
#include "stage/staging.hpp"

#include <chrono>
#include <new>
#include <thread>

namespace tickertape::stage {

namespace {

/// Timestamps start anew after the clock was set back by more than a millisecond.
std::int64_t following(std::int64_t before, std::int64_t now) noexcept {
    constexpr std::chrono::nanoseconds most_ahead = std::chrono::milliseconds{1};
    return now > before || now < before - most_ahead.count() ? now : before + 1;
}

/// Waits for a thread that is staging an entry. That takes a few instructions, unless the thread is not running.
void take_hold(std::atomic<bool>& busy) noexcept {
    constexpr int at_once = 100;
    constexpr std::chrono::microseconds off_its_processor{50};
    for (int tries = 0; busy.exchange(true, std::memory_order_acquire); ++tries) {
        if (tries >= at_once) {
            std::this_thread::sleep_for(off_its_processor);
        }
    }
}

} // namespace

WallTime Source::next_timestamp(WallTime now) noexcept {
    std::int64_t before = last.load(std::memory_order_relaxed);
    std::int64_t timestamp = 0;
    do {
        timestamp = following(before, now.time_since_epoch().count());
    } while (!last.compare_exchange_weak(before, timestamp, std::memory_order_relaxed));
    return WallTime{std::chrono::nanoseconds{timestamp}};
}

WallTime Source::next_timestamp_locked(WallTime now) noexcept {
    const std::int64_t timestamp = following(last.load(std::memory_order_relaxed), now.time_since_epoch().count());
    last.store(timestamp, std::memory_order_relaxed);
    return WallTime{std::chrono::nanoseconds{timestamp}};
}

Point Event::point() const noexcept { return {source->series, source->next_timestamp(time), value}; }
Point Event::point_locked() const noexcept { return {source->series, source->next_timestamp_locked(time), value}; }

Staging::Lane& Staging::own_lane() noexcept {
    static constinit std::atomic<std::size_t> threads{0};
    static constinit thread_local std::size_t own = count;
    if (own == count) {
        own = threads.fetch_add(1, std::memory_order_relaxed) % count;
    }
    return lanes_[own];
}

template <class Emplace>
bool Staging::stage_entry(Emplace emplace) noexcept {
    Lane& lane = own_lane();
    if (lane.busy.exchange(true, std::memory_order_acquire)) {
        return false; // it is being emptied, or a thread with the same lane is in there
    }
    const bool has_room = lane.room > 0;
    if (has_room) {
        --lane.room;
        emplace(lane.entries); // does not allocate
    }
    lane.busy.store(false, std::memory_order_release);
    return has_room;
}

bool Staging::stage(Point&& point) noexcept {
    return stage_entry([&point](std::vector<Entry>& entries) { entries.emplace_back(std::move(point)); });
}

bool Staging::stage(Source& source, WallTime time, const Value& value) noexcept {
    return stage_entry([&](std::vector<Entry>& entries) {
        // A processor stalls if it copies a value as a whole whose members it has just written one by one. Most events are
        // integers, so their value is made in place.
        if (value.is_integer()) {
            entries.emplace_back(std::in_place_type<Event>, source, time, value.integer());
        } else {
            entries.emplace_back(std::in_place_type<Event>, source, time, value);
        }
    });
}

void Staging::use_lane() noexcept {
    Lane& lane = own_lane();
    used_ += lane.is_used ? 0 : 1;
    lane.is_used = true;
    lane.is_wanted = true;
}

bool Staging::reserve(std::size_t share) noexcept {
    try {
        for (std::size_t i = 0; i < count; ++i) {
            if (lanes_[i].is_used) {
                taken_[i].entries.reserve(share);
            }
        }
        return true;
    } catch (const std::bad_alloc&) {
        return false;
    }
}

void Staging::take(std::size_t share) noexcept {
    share = reserve(share) ? share : 0;
    std::array<bool, count> held{};
    for (std::size_t i = 0; i < count; ++i) {
        held[i] = lanes_[i].is_used;
        if (held[i]) {
            take_hold(lanes_[i].busy);
        }
    }
    used_ = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (held[i]) {
            Lane& lane = lanes_[i];
            lane.entries.swap(taken_[i].entries);
            lane.is_used = lane.is_wanted || !taken_[i].entries.empty();
            lane.is_wanted = false;
            lane.room = lane.is_used ? share : 0;
            used_ += lane.is_used ? 1 : 0;
        }
    }
    room_ = used_ * share;
    for (std::size_t i = 0; i < count; ++i) {
        if (held[i]) {
            lanes_[i].busy.store(false, std::memory_order_release);
        }
    }
}

void Staging::give_back_memory() noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        if (!lanes_[i].is_used) { // then no thread uses its vector
            std::vector<Entry>{}.swap(lanes_[i].entries);
            std::vector<Entry>{}.swap(taken_[i].entries);
        }
    }
}

WallTime Staging::Taken::time() const noexcept {
    const Entry& entry = entries[next];
    const Event* const event = std::get_if<Event>(&entry);
    return event != nullptr ? event->time : std::get_if<Point>(&entry)->time();
}

Staging::Run Staging::next_run() noexcept {
    Run run;
    WallTime first = WallTime::max();
    for (Taken& taken : taken_) {
        if (taken.next < taken.entries.size()) {
            const WallTime time = taken.time();
            if (run.taken == nullptr || time < first) {
                run.until = run.taken == nullptr ? WallTime::max() : first;
                run.taken = &taken;
                first = time;
            } else if (time < run.until) {
                run.until = time;
            }
        }
    }
    return run;
}

} // namespace tickertape::stage
