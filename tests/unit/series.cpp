// SPDX-License-Identifier: MIT
#include <tickertape/series.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <point/series_table.hpp>

#include "support/catch.hpp"
#include "support/random_points.hpp"

using namespace std::chrono_literals;
using Precision = tickertape::Series::Precision;
using tickertape::Series;
using tickertape::SeriesOptions;
using tickertape::Tags;
using tickertape::UsageError;

namespace {

std::string refusal_of(const std::function<void()>& act) {
    try {
        act();
    } catch (const UsageError& error) {
        return error.what();
    }
    return "accepted";
}

Tags tags_of(std::size_t count) {
    Tags tags;
    for (std::size_t i = 0; i < count; ++i) {
        tags.set(std::to_string(i).append("k"), "v");
    }
    return tags;
}

} // namespace

TEST_CASE("A series' tags are sorted by key, in whatever order they were given") {
    const Series series{"m", {{"zone", "b"}, {"a", "1"}, {"host.x", "2"}, {"B", "3"}}};
    CHECK(series.text() == "m B=3 a=1 host.x=2 zone=b");
    CHECK(series.metric() == "m");
    CHECK(series.tags_text() == "B=3 a=1 host.x=2 zone=b");
    CHECK(series.tag_count() == 4);
    CHECK(Series{"m"}.tags_text().empty());
    CHECK(Series{"m"}.text() == "m");
}

TEST_CASE("A series returns its tags") {
    auto random = test::Random{test::seed()};
    for (int i = 0; i < 100; ++i) {
        const Tags tags = test::random_tags(random, 7, 300);
        CHECK(Series{"m", tags}.tags() == tags);
    }
}

TEST_CASE("A repeated tag key is refused with both values") {
    CHECK(refusal_of([] { (void)Tags{{"k", "a"}, {"k", "b"}}; }) ==
          "the tag key 'k' is given twice, with the values 'a' and 'b'; a key has one value");
}

TEST_CASE("set replaces a tag, and in merged_with the other one wins") {
    Tags tags{{"k", "a"}, {"l", "x"}};
    tags.set("k", "b");
    CHECK(*tags.find("k") == "b");
    CHECK(tags.size() == 2);
    CHECK(tags.merged_with({{"l", "y"}, {"m", "z"}}) == Tags{{"k", "b"}, {"l", "y"}, {"m", "z"}});
    CHECK(tags.find("none") == nullptr);
}

TEST_CASE("Seven tags fit beside the host tag, eight when the host is one of them or no room is kept for it") {
    const SeriesOptions no_reserve{.reserve_host_tag = false};
    CHECK(refusal_of([] { Series{"m", tags_of(7)}; }) == "accepted");
    CHECK(refusal_of([] { Series{"m", tags_of(8)}; }) ==
          "the series 'm' has 8 tags; at most 7 are allowed beside the host tag");
    CHECK(refusal_of([] { Series{"m", tags_of(7).set("host", "h")}; }) == "accepted");
    CHECK(refusal_of([] { Series{"m", tags_of(8).set("host", "h")}; }) ==
          "the series 'm' has 9 tags; at most 8 are allowed");
    CHECK(refusal_of([&] { Series{"m", tags_of(8), no_reserve}; }) == "accepted");
    CHECK(refusal_of([&] { Series{"m", tags_of(9), no_reserve}; }) ==
          "the series 'm' has 9 tags; at most 8 are allowed");
}

TEST_CASE("A series of 800 bytes is accepted and one of 801 refused") {
    const std::string value(800 - 4, 'v'); // `m k=`
    CHECK(Series{"m", Tags{}.set("k", value)}.text().size() == 800);
    CHECK(refusal_of([&] { Series{"m", Tags{}.set("k", value + "v")}; }) ==
          "the series 'm' with its tags is 801 bytes long; at most 800 are allowed");
}

TEST_CASE("A negative step is refused") {
    CHECK(refusal_of([] { Series{"m", {}, {.step = -1ns}}; }) ==
          "the series 'm' has the step -1 ns; a step is 0 (none) or positive");
}

TEST_CASE("Whole seconds of step print seconds, finer ones milliseconds") {
    CHECK(Series{"m"}.precision() == Precision::seconds);
    CHECK(Series{"m", {}, {.step = 15s}}.precision() == Precision::seconds);
    CHECK(Series{"m", {}, {.step = 500ms}}.precision() == Precision::milliseconds);
    CHECK(Series{"m", {}, {.step = 1500ms}}.precision() == Precision::milliseconds);
}

TEST_CASE("The place of a host tag is in the order of keys") {
    CHECK(Series{"m"}.host_tag_offset() == 0);
    CHECK(Series{"m", {{"zone", "z"}}}.host_tag_offset() == 0);
    CHECK(Series{"m", {{"a", "1"}}}.host_tag_offset() == 3);
    CHECK(Series{"m", {{"a", "1"}, {"zone", "z"}}}.host_tag_offset() == 4);
    CHECK(Series{"m", {{"a", "1"}, {"hosts", "z"}}}.host_tag_offset() == 4);
    CHECK_FALSE(Series{"m", {{"hosts", "z"}}}.has_host_tag());
    CHECK(Series{"m", {{"host", "z"}}}.has_host_tag());
}

TEST_CASE("Equal series are one object, and another step or room for the host tag makes another one") {
    const Series series{"m", {{"a", "1"}, {"b", "2"}}, {.step = 1s}};
    CHECK(series == Series{"m", {{"b", "2"}, {"a", "1"}}, {.step = 1s}});
    CHECK(series.hash() == Series{"m", {{"b", "2"}, {"a", "1"}}, {.step = 1s}}.hash());
    CHECK_FALSE(series == Series{"m", {{"b", "2"}, {"a", "1"}}, {.step = 2s}});
    CHECK_FALSE(series == Series{"m", {{"b", "2"}, {"a", "1"}}, {.step = 1s, .reserve_host_tag = false}});
    CHECK_FALSE(series == Series{"m", {{"b", "2"}}, {.step = 1s}});
}

TEST_CASE("A series lives as long as its last copy, and then leaves the table") {
    auto& table = tickertape::point::SeriesTable::instance();
    const std::size_t before = table.size();
    {
        Series first{"series.that.no.other.test.has"};
        CHECK(table.size() == before + 1);
        {
            const Series copy{first};
            const Series moved{std::move(first)};
            first = copy;
            CHECK(moved == first);
        }
        CHECK(table.size() == before + 1);
        CHECK(first.text() == "series.that.no.other.test.has");
    }
    CHECK(table.size() == before);
}

TEST_CASE("A hundred thousand series are made, found again and forgotten, for 24 bytes each beside text and table") {
    static_assert(sizeof(tickertape::point::SeriesNode) == 24);
    auto& table = tickertape::point::SeriesTable::instance();
    const std::size_t before = table.size();
    {
        std::vector<Series> all;
        all.reserve(100'000);
        for (int i = 0; i < 100'000; ++i) {
            all.emplace_back(std::string{"many"}, Tags{}.set("number", std::to_string(i)));
        }
        CHECK(table.size() == before + 100'000);
        for (std::size_t i = 0; i < all.size(); i += 977) {
            REQUIRE(all[i] == Series{"many", Tags{}.set("number", std::to_string(i))});
        }
    }
    CHECK(table.size() == before);
}

TEST_CASE("Eight threads that make, copy and drop the same few series never see a wrong one") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    auto& table = tickertape::point::SeriesTable::instance();
    const std::size_t before = table.size();
    std::atomic<int> wrong{0};
    {
        std::vector<std::jthread> threads;
        threads.reserve(8);
        for (std::uint64_t t = 0; t < 8; ++t) {
            threads.emplace_back([&wrong, seed, t] {
                test::Random random{seed + t};
                std::vector<Series> kept;
                for (int i = 0; i < 20'000; ++i) {
                    const std::string number = std::to_string(test::up_to(random, 3));
                    const Series series{"shared", Tags{}.set("number", number)};
                    wrong += series.text() != "shared number=" + number ? 1 : 0;
                    // Rarely, so that usually the last reference is released while other threads look up the series.
                    if (test::once_in(random, 50)) {
                        kept.push_back(series);
                    } else {
                        kept.clear();
                    }
                }
            });
        }
    }
    CHECK(wrong == 0);
    CHECK(table.size() == before);
}
