// SPDX-License-Identifier: MIT
/// \file
/// Staging: lanes in which threads leave points for a queue, so that the threads do not wait for each other.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

#include <tickertape/point.hpp>

namespace tickertape::stage {

/// A series whose events come one by one. It lives longer than the queue of the events.
///
/// Thread safety: all members may be used from any thread.
struct Source {
    explicit Source(Series its) : series{std::move(its)} {}

    /// Returns `now`, or a little later, so that no two points of a series have the same timestamp.
    [[nodiscard]] WallTime next_timestamp(WallTime now) noexcept;
    /// The same, without an atomic exchange: all calls for this source must hold the same lock.
    [[nodiscard]] WallTime next_timestamp_locked(WallTime now) noexcept;

    Series series;
    std::atomic<std::int64_t> last{INT64_MIN}; ///< the last timestamp
};

/// A value of a source, before it has its timestamp.
struct Event {
    Event(Source& its, WallTime when, const Value& what) noexcept : source{&its}, time{when}, value{what} {}
    Event(Source& its, WallTime when, std::int64_t what) noexcept : source{&its}, time{when}, value{what} {}

    /// Returns the point, with its timestamp; `point_locked` calls `next_timestamp_locked`.
    [[nodiscard]] Point point() const noexcept;
    [[nodiscard]] Point point_locked() const noexcept;

    Source* source;
    WallTime time;
    Value value;
};

/// Each thread has a lane; if there are many threads, some share one. A lane takes only as many points as the queue has allowed, so
/// the queue has room for each staged point. The caller adds a point that the lane refuses to the queue.
///
/// Thread safety: `stage` may be called from any thread, also after the end of the queue, and never waits. The other members are
/// called under the queue's mutex.
class Staging {
public:
    using Entry = std::variant<Point, Event>;

    static constexpr std::size_t most = 128; ///< the most entries of a lane

    Staging() = default;
    Staging(const Staging&) = delete;
    Staging& operator=(const Staging&) = delete;

    /// Returns whether it was taken; if not, `point` has not been moved from.
    [[nodiscard]] bool stage(Point&& point) noexcept;
    [[nodiscard]] bool stage(Source& source, WallTime time, const Value& value) noexcept;

    /// Requests room for the lane of this thread at the next `take`.
    void use_lane() noexcept;
    /// The number of lanes that get room.
    [[nodiscard]] std::size_t lanes() const noexcept { return used_; }
    /// The number of entries that all lanes together may have at present.
    [[nodiscard]] std::size_t room() const noexcept { return room_; }
    /// Takes the entries of all lanes, at one moment. From now on each lane may have `share` entries, except lanes that were not used
    /// since the last call: they may have none. Allocates for a larger share; without memory the share is 0.
    void take(std::size_t share) noexcept;
    /// Calls `f` with all taken entries in the order of their times; the entries of one thread keep their order.
    template <class F>
    void merge(F f) noexcept {
        while (const Run run = next_run()) {
            do {
                f(std::move(run.taken->entries[run.taken->next++]));
            } while (run.taken->next < run.taken->entries.size() && run.taken->time() <= run.until);
        }
        for (Taken& taken : taken_) {
            taken.entries.clear();
            taken.next = 0;
        }
    }
    /// Frees the memory of lanes that are not used.
    void give_back_memory() noexcept;

private:
    struct alignas(64) Lane {
        std::atomic<bool> busy{false};
        bool is_used = false;   // this and the next one are under the queue's mutex
        bool is_wanted = false; // a thread has asked for room since the last `take`
        std::size_t room = 0;
        std::vector<Entry> entries;
    };
    struct Taken {
        /// The time of the next entry.
        [[nodiscard]] WallTime time() const noexcept;

        std::vector<Entry> entries;
        std::size_t next = 0;
    };
    /// The entries to merge next: those of `taken` up to the time `until`.
    struct Run {
        explicit operator bool() const noexcept { return taken != nullptr; }

        Taken* taken = nullptr;
        WallTime until = WallTime::max();
    };
    static constexpr std::size_t count = 16;

    [[nodiscard]] Lane& own_lane() noexcept;
    template <class Emplace>
    [[nodiscard]] bool stage_entry(Emplace emplace) noexcept;
    [[nodiscard]] bool reserve(std::size_t share) noexcept;
    [[nodiscard]] Run next_run() noexcept;

    std::array<Lane, count> lanes_;
    std::array<Taken, count> taken_; // each vector is swapped with that of its lane
    std::size_t used_ = 0;
    std::size_t room_ = 0;
};

} // namespace tickertape::stage
