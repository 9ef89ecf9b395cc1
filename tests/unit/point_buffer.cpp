// SPDX-License-Identifier: MIT
#include <tickertape/point_buffer.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "point/series_table.hpp"

#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace std::chrono_literals;
using tickertape::Point;
using tickertape::Series;
using tickertape::Tags;
using tickertape::Value;
using tickertape::WallTime;
using tickertape::point::PointBuffer;
using tickertape::point::SeriesTable;

namespace {

constexpr WallTime noon{1700000000s};

std::vector<Point> points_of(const PointBuffer& buffer) {
    const std::span<const Point> all = buffer;
    return {all.begin(), all.end()};
}

} // namespace

TEST_CASE("A buffer alone keeps the series of its points alive, until the last of them is gone") {
    const std::size_t before = SeriesTable::instance().size();
    PointBuffer buffer;
    {
        const Series series{"point-buffer.alive"};
        for (int i = 0; i < 3; ++i) {
            buffer.push_back(series, noon, i);
        }
    }
    CHECK(SeriesTable::instance().size() == before + 1);
    buffer.pop_front(2);
    CHECK(SeriesTable::instance().size() == before + 1);
    CHECK(buffer[0].series().text() == "point-buffer.alive");
    buffer.pop_front(1);
    CHECK(SeriesTable::instance().size() == before);
}

TEST_CASE("A point copied out of a buffer outlives it") {
    const std::size_t before = SeriesTable::instance().size();
    std::vector<Point> copies;
    {
        PointBuffer buffer;
        const Series series{"point-buffer.copied"};
        buffer.append_run(series, 3, [](std::size_t i) { return std::pair{noon + i * 1s, Value{i}}; });
        copies = points_of(buffer);
    }
    CHECK(copies[2] == Point{Series{"point-buffer.copied"}, noon + 2s, 2});
    copies.clear();
    CHECK(SeriesTable::instance().size() == before);
}

TEST_CASE("After any operations a buffer has the points of a vector, and leaves no reference behind") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    const std::size_t before = SeriesTable::instance().size();
    for (int round = 0; round < 200; ++round) {
        PointBuffer buffer;
        std::vector<Point> model;
        for (int step = 0; step < 50; ++step) {
            const Series series{"point-buffer.random", Tags{}.set("n", std::to_string(test::up_to(random, 2)))};
            const std::size_t count = test::up_to(random, 5);
            switch (test::up_to(random, 5)) {
            case 0:
                buffer.push_back(series, noon + step * 1s, step);
                model.emplace_back(series, noon + step * 1s, step);
                break;
            case 1:
                buffer.append_run(series, count, [&](std::size_t i) { return std::pair{noon + i * 1s, Value{step}}; });
                for (std::size_t i = 0; i < count; ++i) {
                    model.emplace_back(series, noon + i * 1s, step);
                }
                break;
            case 2: {
                const std::vector<Point> some(
                    model.begin(), model.begin() + static_cast<std::ptrdiff_t>(std::min(count, model.size())));
                buffer.append(some);
                model.insert(model.end(), some.begin(), some.end());
                break;
            }
            case 3: {
                const std::size_t gone = std::min(count, model.size());
                buffer.pop_front(gone);
                model.erase(model.begin(), model.begin() + static_cast<std::ptrdiff_t>(gone));
                break;
            }
            case 4: {
                PointBuffer moved{std::move(buffer)};
                buffer = std::move(moved);
                break;
            }
            default:
                if (test::once_in(random, 20)) {
                    buffer.clear();
                    model.clear();
                }
            }
            REQUIRE(points_of(buffer) == model);
        }
    }
    CHECK(SeriesTable::instance().size() == before);
}
