// SPDX-License-Identifier: MIT
/// \file
/// Point: the one type that flows from recorders to transmitters.
#pragma once

#include <type_traits>
#include <utility>

#include <tickertape/series.hpp>
#include <tickertape/time.hpp>
#include <tickertape/value.hpp>

namespace tickertape {

/// A value of a series at a time. It keeps its series alive and may outlive its maker; moving it neither allocates nor
/// fails. The value's text is fixed when the point is made.
///
/// Thread safety: a value; distinct objects may be used from any thread.
class Point {
public:
    Point(Series series, WallTime time, Value value) noexcept
        : time_{time}, series_{std::move(series)}, value_{value} {}

    [[nodiscard]] const Series& series() const noexcept { return series_; }
    [[nodiscard]] WallTime time() const noexcept { return time_; }
    [[nodiscard]] Value value() const noexcept { return value_; }

    friend bool operator==(const Point&, const Point&) noexcept = default;

private:
    WallTime time_;
    Series series_;
    Value value_;
};

static_assert(sizeof(Point) <= 32);
static_assert(std::is_nothrow_move_constructible_v<Point> && std::is_nothrow_move_assignable_v<Point>);

} // namespace tickertape
