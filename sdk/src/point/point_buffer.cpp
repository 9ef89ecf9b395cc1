// SPDX-License-Identifier: MIT
#include <tickertape/point_buffer.hpp>

#include <algorithm>

namespace tickertape::point {

PointBuffer::~PointBuffer() {
    clear();
    if (points_ != nullptr) {
        std::allocator<Point>{}.deallocate(points_, capacity_);
    }
}

void PointBuffer::append(std::span<const Point> points) {
    reserve_more(points.size());
    for (const Point& point : points) {
        push_back(point);
    }
}

void PointBuffer::pop_front(std::size_t count) noexcept {
    if (count == 0) {
        return;
    }
    // The last point of a run takes the reference with it.
    for (std::size_t i = 0; i < count; ++i) {
        if (i + 1 == size_ || points_[i].series() != points_[i + 1].series()) {
            std::destroy_at(points_ + i);
        }
    }
    for (std::size_t i = count; i < size_; ++i) {
        const Point& point = points_[i];
        std::construct_at(points_ + (i - count), Series{Series::Uncounted{}, point.series()}, point.time(),
                          point.value());
    }
    size_ -= count;
}

void PointBuffer::grow(std::size_t least) {
    const std::size_t capacity = std::max(least, 2 * capacity_);
    Point* const points = std::allocator<Point>{}.allocate(capacity);
    for (std::size_t i = 0; i < size_; ++i) {
        std::construct_at(points + i, Series{Series::Uncounted{}, points_[i].series()}, points_[i].time(),
                          points_[i].value());
    }
    if (points_ != nullptr) {
        std::allocator<Point>{}.deallocate(points_, capacity_);
    }
    points_ = points;
    capacity_ = capacity;
}

} // namespace tickertape::point
