// SPDX-License-Identifier: MIT
/// \file
/// PointBuffer: many points, few references to their series.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include <tickertape/point.hpp>

namespace tickertape::point {

/// An array of points. Neighbouring points of one series (a run) share one reference to it, because counting a
/// reference for each point takes as long as rendering it. A copy of a point has its own reference, as always.
///
/// Thread safety: none.
class PointBuffer {
public:
    PointBuffer() noexcept = default;
    PointBuffer(PointBuffer&& other) noexcept
        : points_{std::exchange(other.points_, nullptr)}, size_{std::exchange(other.size_, 0)},
          capacity_{std::exchange(other.capacity_, 0)} {}
    PointBuffer& operator=(PointBuffer&& other) noexcept {
        std::swap(points_, other.points_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
        return *this;
    }
    ~PointBuffer();

    void push_back(const Series& series, WallTime time, Value value) {
        reserve_more(1);
        if (size_ > 0 && points_[size_ - 1].series() == series) {
            std::construct_at(points_ + size_, Series{Series::Uncounted{}, series}, time, value);
        } else {
            std::construct_at(points_ + size_, series, time, value);
        }
        ++size_;
    }
    /// Adds `count` points of one series: `make(i)` returns the time and the value of the i-th as a pair.
    template <class Make>
    void append_run(const Series& series, std::size_t count, Make make) {
        if (count == 0) {
            return;
        }
        reserve_more(count);
        const auto [time, value] = make(std::size_t{0});
        push_back(series, time, value);
        Point* const first = points_ + (size_ - 1);
        for (std::size_t i = 1; i < count; ++i) {
            const auto [its_time, its_value] = make(i);
            std::construct_at(first + i, Series{Series::Uncounted{}, series}, its_time, its_value);
        }
        size_ += count - 1;
    }
    void push_back(const Point& point) { push_back(point.series(), point.time(), point.value()); }
    void append(std::span<const Point> points);
    /// Prefetches the memory that adding a point of this series needs.
    static void fetch(const Series& series) noexcept { __builtin_prefetch(series.node_, 1); }
    void pop_front(std::size_t count) noexcept;
    void clear() noexcept { pop_front(size_); }
    void reserve(std::size_t points) {
        if (points > capacity_) {
            grow(points);
        }
    }
    void reserve_more(std::size_t points) { reserve(size_ + points); }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] const Point& operator[](std::size_t index) const noexcept { return points_[index]; }
    operator std::span<const Point>() const noexcept { return {points_, size_}; } // NOLINT(*-explicit-*): it is one

private:
    void grow(std::size_t least);

    // Destroying one point of a run releases the run's reference. The other points need no destructor.
    Point* points_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

} // namespace tickertape::point
