// SPDX-License-Identifier: MIT
/// \file
/// History: the ring of ended buckets of one counter.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <tickertape/window.hpp>

namespace tickertape::counter {

/// The number of buckets that a ring can hold.
struct RingSize {
    std::uint32_t first; ///< of a new ring
    std::uint32_t most;  ///< of a ring that has grown, because buckets wait to be emitted
};

/// The newest ended buckets of a counter, eight bytes each, with the numbers of its Timeline. The cursor is the number of the next
/// bucket to emit. A bucket has the bits of an integer or a double. `absent` is INT64_MIN, a sum that no counter reaches in practice,
/// and also -0.0, a reading that is stored as 0.
///
/// Thread safety: none; made, used and destroyed under the registry's mutex.
class History {
public:
    static constexpr std::uint64_t absent = 0x8000'0000'0000'0000;

    /// Throws std::bad_alloc. The memory of the ring is first touched by `push`.
    History(RingSize size, std::uint64_t first_sequence)
        : first_{first_sequence}, most_{size.most}, ring_{make_ring(size.first)}, end_{first_sequence},
          capacity_{size.first} {}
    ~History() { give_back_ring(ring_, capacity_); }
    History(const History&) = delete;
    History& operator=(const History&) = delete;

    /// Returns whether `push` would overwrite a bucket that was not emitted, and the ring may become larger instead.
    [[nodiscard]] bool should_grow() const noexcept { return waiting_ == capacity_ && capacity_ < most_; }

    /// Makes room for `buckets` in all, up to `most()`; those that wait are included. Without memory the ring keeps its size, and
    /// loses buckets sooner.
    void reserve(std::uint64_t buckets) noexcept;

    /// Appends bucket `end()`. If that overwrites a bucket with a value that was not emitted, calls `lost(bits)` with it.
    template <class Lost>
    void push(std::uint64_t bits, Lost&& lost) {
        if (waiting_ == capacity_) {
            if (ring_[head_] != absent) {
                lost(ring_[head_]);
            }
            --waiting_;
        }
        ring_[head_] = bits;
        head_ = head_ + 1 == capacity_ ? 0 : head_ + 1;
        ++waiting_;
        ++end_;
        running_is_partial_ = false;
    }

    /// Skips `count` buckets for which the ring has no room; its older buckets are overwritten.
    template <class Lost>
    void pass_over(std::uint64_t count, Lost&& lost) {
        for (std::uint64_t sequence = cursor(); sequence != end_; ++sequence) {
            if ((*this)[sequence] != absent) {
                lost((*this)[sequence]);
            }
        }
        end_ += count;
        first_ = end_;
        waiting_ = 0;
        running_is_partial_ = false;
    }

    /// Marks a bucket, the running one (`end()`) included, as observed in part.
    void mark_partial(std::uint64_t sequence);
    [[nodiscard]] bool is_partial(std::uint64_t sequence) const {
        return sequence == end_ ? running_is_partial_
                                : sequence == partial_ || std::find(older_partial_.begin(), older_partial_.end(),
                                                                    sequence) != older_partial_.end();
    }

    /// The numbers of the oldest bucket held, and of the one after the newest.
    [[nodiscard]] std::uint64_t begin() const noexcept { return end_ - first_ > capacity_ ? end_ - capacity_ : first_; }
    [[nodiscard]] std::uint64_t end() const noexcept { return end_; }
    [[nodiscard]] std::uint64_t capacity() const noexcept { return capacity_; }
    [[nodiscard]] std::uint64_t most() const noexcept { return most_; }
    [[nodiscard]] std::uint64_t& operator[](std::uint64_t sequence) { return ring_[index(sequence)]; }
    [[nodiscard]] std::uint64_t operator[](std::uint64_t sequence) const { return ring_[index(sequence)]; }

    /// Returns buckets from `sequence` on that are adjacent in memory: at least one, and none from `end` on.
    [[nodiscard]] std::span<const std::uint64_t> row(std::uint64_t sequence, std::uint64_t end) const {
        const std::size_t at = index(sequence);
        return {&ring_[at], std::min(capacity_ - at, static_cast<std::size_t>(end - sequence))};
    }

    /// Prefetches the members that a push needs.
    void fetch() const noexcept { __builtin_prefetch(static_cast<const void*>(&ring_), 1); }
    /// Prefetches the places of the next `buckets` buckets, eight at most: they are in one or two cache lines.
    void fetch_end(std::uint32_t buckets) const noexcept {
        __builtin_prefetch(&ring_[head_], 1);
        __builtin_prefetch(&ring_[std::min(head_ + buckets, capacity_) - 1], 1);
    }
    /// Prefetches the buckets that have not been emitted.
    void fetch_waiting() const noexcept { __builtin_prefetch(&ring_[index(cursor())]); }

    /// The next bucket to emit.
    [[nodiscard]] std::uint64_t cursor() const noexcept { return end_ - waiting_; }
    [[nodiscard]] std::uint64_t waiting() const noexcept { return waiting_; }
    void set_cursor(std::uint64_t sequence) noexcept { waiting_ = static_cast<std::uint32_t>(end_ - sequence); }

    void clear() noexcept {
        first_ = end_;
        waiting_ = 0;
        partial_ = none;
        older_partial_.clear();
        running_is_partial_ = false;
    }

private:
    static constexpr std::uint64_t none = std::numeric_limits<std::uint64_t>::max();

    [[nodiscard]] static std::uint64_t* make_ring(std::uint32_t capacity);
    static void give_back_ring(std::uint64_t* ring, std::uint32_t capacity) noexcept;

    [[nodiscard]] std::size_t index(std::uint64_t sequence) const noexcept {
        const auto back = static_cast<std::uint32_t>(end_ - sequence);
        return back <= head_ ? head_ - back : head_ + capacity_ - back;
    }

    std::uint64_t first_; // no bucket before this one is held
    std::uint32_t most_;
    std::uint64_t partial_ = none;             // the last marked bucket
    std::vector<std::uint64_t> older_partial_; // usually empty

    // Members that each tick needs.
    std::uint64_t* ring_;
    std::uint64_t end_;
    std::uint32_t capacity_;
    std::uint32_t head_ = 0;    // the place of bucket end_
    std::uint32_t waiting_ = 0; // buckets from the cursor on
    bool running_is_partial_ = false;
};

} // namespace tickertape::counter
