// SPDX-License-Identifier: MIT
/// \file
/// History: the ring of ended buckets of one counter.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include <boost/circular_buffer.hpp>

#include <tickertape/window.hpp>

namespace tickertape::counter {

/// The newest ended buckets of a counter, eight bytes each, numbered as by its Timeline, and the cursor of what has been
/// emitted. A bucket is a 64-bit pattern, an integer's or a double's; `absent` is neither a sum that can be reached in
/// practice (INT64_MIN) nor a finite double (it is -0.0, which is stored as 0).
///
/// Thread safety: none; used under the registry's mutex.
class History {
public:
    static constexpr std::uint64_t absent = 0x8000'0000'0000'0000;

    History(std::uint64_t capacity, std::uint64_t first_sequence)
        : ring_(static_cast<std::size_t>(capacity)), end_{first_sequence}, cursor_{first_sequence} {}

    /// Appends bucket `end()`. Calls `lost(bits)` with one that is pushed out before it was emitted, if it has a value.
    template <class Lost>
    void push(std::uint64_t bits, Lost&& lost) {
        if (ring_.full() && cursor_ == begin()) {
            if (ring_.front() != absent) {
                lost(ring_.front());
            }
            ++cursor_;
        }
        ring_.push_back(bits);
        ++end_;
    }

    /// Skips `count` buckets for which the ring has no room; its older buckets are overwritten.
    template <class Lost>
    void pass_over(std::uint64_t count, Lost&& lost) {
        for (; cursor_ != end_; ++cursor_) {
            if ((*this)[cursor_] != absent) {
                lost((*this)[cursor_]);
            }
        }
        ring_.clear();
        end_ += count;
        cursor_ = end_;
    }

    /// Marks a bucket, the running one (`end()`) included, as observed in part.
    void mark_partial(std::uint64_t sequence) {
        if (partial_.empty() || partial_.back() != sequence) {
            partial_.push_back(sequence);
        }
        std::erase_if(partial_, [this](std::uint64_t marked) { return marked < begin(); });
    }
    [[nodiscard]] bool is_partial(std::uint64_t sequence) const {
        return std::find(partial_.begin(), partial_.end(), sequence) != partial_.end();
    }

    /// The numbers of the oldest bucket held, and of the one after the newest.
    [[nodiscard]] std::uint64_t begin() const noexcept { return end_ - ring_.size(); }
    [[nodiscard]] std::uint64_t end() const noexcept { return end_; }
    [[nodiscard]] std::uint64_t capacity() const noexcept { return ring_.capacity(); }
    [[nodiscard]] std::uint64_t& operator[](std::uint64_t sequence) { return ring_[index(sequence)]; }
    [[nodiscard]] std::uint64_t operator[](std::uint64_t sequence) const { return ring_[index(sequence)]; }

    /// Buckets from `sequence` on that lie in a row, at least one of those up to `end`, and none behind that.
    [[nodiscard]] std::span<const std::uint64_t> row(std::uint64_t sequence, std::uint64_t end) const {
        auto part = ring_.array_one();
        std::size_t skipped = index(sequence);
        if (skipped >= part.second) {
            skipped -= part.second;
            part = ring_.array_two();
        }
        return {part.first + skipped, std::min(part.second - skipped, static_cast<std::size_t>(end - sequence))};
    }

    /// Asks for the memory of the next bucket's place, and of the newest bucket.
    void fetch_end() const noexcept {
        const auto part = ring_.array_two().second > 0 ? ring_.array_two() : ring_.array_one();
        __builtin_prefetch(part.first + part.second, 1);
    }

    /// The next bucket to emit.
    [[nodiscard]] std::uint64_t cursor() const noexcept { return cursor_; }
    void set_cursor(std::uint64_t sequence) noexcept { cursor_ = sequence; }

    void clear() {
        ring_.clear();
        partial_.clear();
        cursor_ = end_;
    }

private:
    [[nodiscard]] std::size_t index(std::uint64_t sequence) const noexcept {
        return static_cast<std::size_t>(sequence - begin());
    }

    boost::circular_buffer<std::uint64_t> ring_;
    std::uint64_t end_;
    std::uint64_t cursor_;
    std::vector<std::uint64_t> partial_; // rare
};

} // namespace tickertape::counter
