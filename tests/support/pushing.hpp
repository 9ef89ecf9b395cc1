// SPDX-License-Identifier: MIT
/// \file
/// Helpers for tests of pushing by HTTP.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <tickertape/testkit/fake_tsd.hpp>
#include <tickertape/tsd_http.hpp>

#include "stage/ledger.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/long_time.hpp"
#include "support/watch_account.hpp"

namespace test {

inline tickertape::SteadyTime in(std::chrono::nanoseconds time) { return std::chrono::steady_clock::now() + time; }
/// Returns whether `condition()` became true in that time.
template <class Condition>
bool before_long(Condition condition) {
    return eventually(condition, long_time);
}

/// Returns points that are all different, of a hundred series.
inline std::vector<tickertape::Point> some_points(std::size_t number, const std::string& metric = "m",
                                                  std::chrono::nanoseconds step = std::chrono::seconds{1}) {
    using namespace tickertape;
    constexpr std::size_t series_count = 100;
    std::vector<Series> series;
    for (std::size_t i = 0; i < series_count; ++i) {
        series.emplace_back(Name{metric}, Tags{{"cpu", std::to_string(i)}}, SeriesOptions{.step = step});
    }
    std::vector<Point> points;
    for (std::size_t i = 0; i < number; ++i) {
        const auto time =
            WallTime{std::chrono::seconds{1'700'000'000}} + step * static_cast<std::int64_t>(i / series_count);
        points.emplace_back(series[i % series_count], time, i);
    }
    return points;
}

/// Publishes all points in portions, as often as necessary.
inline void publish_all(tickertape::Transmitter& transmitter, std::span<const tickertape::Point> points) {
    const auto deadline = in(long_time);
    while (!points.empty() && std::chrono::steady_clock::now() < deadline) {
        points =
            points.subspan(transmitter.publish(points.first(std::min<std::size_t>(points.size(), 1000))).retry_from);
    }
    REQUIRE(points.empty());
}

/// The result of pushing.
struct Pushed {
    tickertape::Account account{};
    tickertape::PushStatus status{};
    bool all_answered = false;
    bool always_balanced = false;
};

/// Publishes points while `meanwhile` runs, and waits for the answers.
inline Pushed push_http(
    const tickertape::Targets& targets, std::span<const tickertape::Point> points, tickertape::PushOptions options = {},
    const std::function<void()>& meanwhile = [] {}) {
    options.host_tag = tickertape::HostTag::named("h");
    tickertape::TsdHttp transmitter{targets, options};
    const WatchAccount watch{transmitter.accounts()};
    std::jthread other{meanwhile};
    publish_all(transmitter, points);
    const bool all = transmitter.flush(in(long_time));
    other.join();
    return {transmitter.accounts()->now(), transmitter.status(), all, watch.always_balanced()};
}

inline void check_accounts(const Pushed& pushed, std::size_t number) {
    CHECK(pushed.always_balanced);
    CHECK(pushed.account.balanced());
    CHECK(pushed.account.accepted == number);
    CHECK(pushed.account.queued == 0);
    CHECK(pushed.account.in_flight == 0);
    CHECK(pushed.all_answered);
}

/// Checks that all were acknowledged, none was repeated, and the TSD counted each once.
inline void check_all_stored_once(const tickertape::testkit::FakeTsd& tsd, const Pushed& pushed, std::size_t number) {
    check_accounts(pushed, number);
    CHECK(pushed.account.acked == number);
    CHECK(pushed.account.resent == 0);
    CHECK(tsd.stored() == number);
    CHECK(tsd.distinct() == number);
}

inline std::string http(const tickertape::testkit::FakeTsd& tsd) { return "http://" + tsd.address(); }

/// Refuses the points of the metric `poison`.
inline tickertape::testkit::Faults
poisoned(tickertape::testkit::Refusal refusal = tickertape::testkit::Refusal::unknown_metric) {
    return {.refuse = refusal, .refuse_if = [](std::string_view metric) { return metric == "poison"; }};
}

/// Returns good points with bad ones among them.
inline std::vector<tickertape::Point> with_poison(std::size_t good, std::size_t bad) {
    auto points = some_points(good);
    const auto poison = some_points(bad, "poison");
    points.insert(points.begin() + static_cast<std::ptrdiff_t>(good / 3), poison.begin(), poison.end());
    return points;
}

} // namespace test
