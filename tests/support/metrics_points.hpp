// SPDX-License-Identifier: MIT
/// \file
/// For tests of /metrics: points, and the time at which a page takes them.
#pragma once

#include <chrono>
#include <vector>

#include <scrape/metrics_page.hpp>

namespace test {

inline constexpr tickertape::SteadyTime start{std::chrono::seconds{1000}};

inline tickertape::Point one(const tickertape::Series& series, tickertape::Value value) {
    return {series, tickertape::WallTime{std::chrono::seconds{1'700'000'000}}, value};
}

inline tickertape::Outcome take(tickertape::scrape::MetricsPage& page, const std::vector<tickertape::Point>& points,
                                tickertape::SteadyTime now = start) {
    return page.take(points, now);
}

} // namespace test
