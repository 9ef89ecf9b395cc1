// SPDX-License-Identifier: MIT
/// \file
/// Backlog: points that wait until a receiver takes them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include <boost/circular_buffer.hpp>

#include <tickertape/point.hpp>
#include <tickertape/point_buffer.hpp>

#include "base/heap.hpp"

namespace tickertape::stage {

/// At most `bound` points that wait, in order, and before them the batch that is being published. Points of the batch that
/// the receiver does not take stay the oldest. Counts dropped points.
///
/// Thread safety: under one lock of the owner. Only the publishing thread reads the batch without it, between `fill` and
/// `settle`.
class Backlog {
public:
    /// At least 1.
    explicit Backlog(std::size_t bound) noexcept : bound_{bound} {}

    /// Adds a point. If there are `bound` points already, the batch included, counts this one as dropped and returns false.
    bool offer(const Point& point) {
        if (size() >= bound_) {
            ++dropped_;
            return false;
        }
        append(Point{point});
        return true;
    }

    /// Adds a point. If there are `bound` points already, drops and counts the oldest one and returns false. A batch that is lent does
    /// not count before it is settled.
    bool push(Point point) {
        const bool full = size() - lent_ >= bound_;
        if (full) {
            drop_oldest(1);
        }
        append(std::move(point));
        return !full;
    }

    /// Moves points that wait to the end of `out`, until that has `most`.
    void move_to(point::PointBuffer& out, std::size_t most) {
        for (; out.size() < most && !waiting_.empty(); waiting_.pop_front()) {
            out.push_back(waiting_.front());
        }
        give_back_room();
    }

    /// Tops the batch up to `most` points from those that wait.
    [[nodiscard]] std::span<const Point> fill(std::size_t most) {
        move_to(batch_, most);
        return batch_;
    }
    /// Fills the batch for publishing it without the lock.
    [[nodiscard]] std::span<const Point> lend(std::size_t most) {
        const std::span<const Point> batch = fill(most);
        lent_ = batch.size();
        return batch;
    }

    /// Settles the first `taken` points of the batch. Drops points above the bound, because the rest counts again.
    void settle(std::size_t taken) {
        batch_.pop_front(taken);
        lent_ = 0;
        drop_oldest(size() - std::min(size(), bound_));
        give_back_room();
    }

    /// Drops and counts all points, because none will be taken. Returns their number.
    std::size_t give_up() noexcept {
        const std::size_t points = size();
        lent_ = 0;
        batch_.clear();
        waiting_.clear();
        dropped_ += points;
        return points;
    }

    /// The number of points, including the batch.
    [[nodiscard]] std::size_t size() const noexcept { return waiting_.size() + batch_.size(); }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

private:
    using Room = boost::circular_buffer<Point, base::PageAllocator<Point>>;

    void append(Point&& point) {
        constexpr std::size_t least = 64;
        if (waiting_.full()) {
            waiting_.set_capacity(std::min(std::max(2 * waiting_.capacity(), least), bound_));
        }
        waiting_.push_back(std::move(point));
        most_lately_ = std::max(most_lately_, waiting_.size());
    }

    /// Frees the memory that an outage needed, if several rounds did not need it. A round ends each time that no point waits.
    void give_back_room() {
        constexpr std::size_t usual = 2048;
        constexpr unsigned several = 3;
        if (!waiting_.empty() || waiting_.capacity() <= usual || most_lately_ == 0) {
            return;
        }
        small_rounds_ = most_lately_ <= waiting_.capacity() / 4 ? small_rounds_ + 1 : 0;
        most_lately_ = 0;
        if (small_rounds_ >= several) {
            small_rounds_ = 0;
            Room{}.swap(waiting_);
        }
    }

    void drop_oldest(std::size_t points) noexcept {
        const std::size_t of_batch = lent_ > 0 ? 0 : std::min(points, batch_.size());
        batch_.pop_front(of_batch);
        waiting_.erase_begin(points - of_batch);
        dropped_ += points;
    }

    std::size_t bound_;
    point::PointBuffer batch_;
    Room waiting_;                // its memory grows up to the bound
    std::size_t most_lately_ = 0; // points that waited at once in this round
    unsigned small_rounds_ = 0;   // in a row
    std::size_t lent_ = 0;        // points of the batch, while it is published without the lock
    std::uint64_t dropped_ = 0;
};

} // namespace tickertape::stage
