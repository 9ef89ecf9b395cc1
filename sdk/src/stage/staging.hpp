// SPDX-License-Identifier: MIT
/// \file
/// Staging: the lanes in which threads leave points for a queue, each without waiting for the others.
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

/// A series whose events come one by one, and which lives longer than the queue that they go to.
///
/// Thread safety: all members may be used from any thread.
struct Source {
    explicit Source(Series its) : series{std::move(its)} {}

    /// `now`, or a little later, so that no two points of a series have the same timestamp.
    [[nodiscard]] WallTime next_timestamp(WallTime now) noexcept;
    /// The same for calls under one lock.
    [[nodiscard]] WallTime next_timestamp_locked(WallTime now) noexcept;

    Series series;
    std::atomic<std::int64_t> last{INT64_MIN}; ///< the last timestamp
};

/// A value of a source that has not got its timestamp yet.
struct Event {
    Event(Source& its, WallTime when, const Value& what) noexcept : source{&its}, time{when}, value{what} {}
    Event(Source& its, WallTime when, std::int64_t what) noexcept : source{&its}, time{when}, value{what} {}

    /// With its timestamp.
    [[nodiscard]] Point point() const noexcept;
    [[nodiscard]] Point point_locked() const noexcept;

    Source* source;
    WallTime time;
    Value value;
};

/// Each thread has a lane, which it shares with others if there are many. A lane takes only as many points as the queue has
/// allowed, so that a staged point has its room in the queue already. What it does not take goes to the queue directly.
///
/// Thread safety: `stage` may be called from any thread, also after the end of the queue, and never waits. The other members are
/// called under the queue's mutex.
class Staging {
public:
    using Entry = std::variant<Point, Event>;

    static constexpr std::size_t most = 128; ///< entries of a lane

    Staging() = default;
    Staging(const Staging&) = delete;
    Staging& operator=(const Staging&) = delete;

    /// Returns whether it was taken; if not, `point` has not been moved from.
    [[nodiscard]] bool stage(Point&& point) noexcept;
    [[nodiscard]] bool stage(Source& source, WallTime time, const Value& value) noexcept;

    /// The lane of this thread gets room at the next `take`.
    void use_lane() noexcept;
    /// How many lanes get room.
    [[nodiscard]] std::size_t lanes() const noexcept { return used_; }
    /// How many entries they may have at present.
    [[nodiscard]] std::size_t room() const noexcept { return room_; }
    /// Takes out what there is, at one moment in all lanes. Allows `share` entries a lane from now on, and none to lanes that were not
    /// used since the last time. Allocates for a larger share; without memory the share is 0.
    void take(std::size_t share) noexcept;
    /// Calls `f` with all entries that were taken out, by time; those of one thread in their order.
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
        bool is_used = false;   // this and the next one: the queue's
        bool is_wanted = false; // since the last time
        std::size_t room = 0;
        std::vector<Entry> entries;
    };
    struct Taken {
        /// Of the next one.
        [[nodiscard]] WallTime time() const noexcept;

        std::vector<Entry> entries;
        std::size_t next = 0;
    };
    /// The next entries are those of `taken` up to that time.
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
    std::array<Taken, count> taken_; // their vectors take turns with those of the lanes
    std::size_t used_ = 0;
    std::size_t room_ = 0;
};

} // namespace tickertape::stage
