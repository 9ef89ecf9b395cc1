// SPDX-License-Identifier: MIT
#include <span>
#include <string>
#include <vector>

#include <stage/backlog.hpp>
#include <support/catch.hpp>
#include <tickertape/point.hpp>

namespace {

using tickertape::Point;
using tickertape::Series;
using tickertape::WallTime;
using tickertape::stage::Backlog;

Point point(std::int64_t value) {
    static const Series series{"m", {{"k", "v"}}};
    return {series, WallTime{}, value};
}

std::vector<std::int64_t> values(std::span<const Point> points) {
    std::vector<std::int64_t> all;
    for (const Point& each : points) {
        all.push_back(each.value().integer());
    }
    return all;
}

using Values = std::vector<std::int64_t>;

} // namespace

TEST_CASE("Points of a batch that a receiver does not take stay the oldest") {
    Backlog backlog{10};
    for (int i = 1; i <= 5; ++i) {
        CHECK(backlog.push(point(i)));
    }
    CHECK(values(backlog.fill(3)) == Values{1, 2, 3});
    backlog.settle(1);
    CHECK(values(backlog.fill(3)) == Values{2, 3, 4});
    backlog.settle(3);
    CHECK(values(backlog.fill(3)) == Values{5});
    backlog.settle(1);
    CHECK(backlog.empty());
    CHECK(backlog.dropped() == 0);
}

TEST_CASE("Above the bound the newest is refused or the oldest dropped, and counted") {
    Backlog backlog{3};
    for (int i = 1; i <= 3; ++i) {
        CHECK(backlog.offer(point(i)));
    }
    CHECK_FALSE(backlog.offer(point(4)));
    CHECK(backlog.dropped() == 1);
    CHECK(values(backlog.fill(2)) == Values{1, 2});
    CHECK_FALSE(backlog.push(point(5))); // 1 is dropped, although it is in the batch
    CHECK(backlog.dropped() == 2);
    CHECK(values(backlog.fill(3)) == Values{2, 3, 5});
}

TEST_CASE("A batch that is being published counts only once it comes back") {
    Backlog backlog{3};
    for (int i = 1; i <= 3; ++i) {
        backlog.push(point(i));
    }
    const std::span<const Point> batch = backlog.lend(3);
    for (int i = 4; i <= 6; ++i) {
        CHECK(backlog.push(point(i)));
    }
    CHECK_FALSE(backlog.push(point(7)));
    CHECK(values(batch) == Values{1, 2, 3}); // not changed
    CHECK(backlog.size() == 6);
    backlog.settle(2);
    CHECK(values(backlog.fill(9)) == Values{5, 6, 7});
    CHECK(backlog.dropped() == 2);
}

TEST_CASE("Dropped points are counted") {
    Backlog backlog{3};
    backlog.push(point(1));
    backlog.push(point(2));
    static_cast<void>(backlog.fill(1));
    CHECK(backlog.give_up() == 2);
    CHECK(backlog.dropped() == 2);
    CHECK(backlog.empty());
}
