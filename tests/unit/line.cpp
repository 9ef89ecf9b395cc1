// SPDX-License-Identifier: MIT

#include <chrono>
#include <clocale>
#include <locale>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <tickertape/line.hpp>

#include "point/line_formatter.hpp"
#include "support/catch.hpp"
#include "support/random_points.hpp"
#include "support/strict_line_parser.hpp"

using namespace std::chrono_literals;
using tickertape::Point;
using tickertape::Reason;
using tickertape::Series;
using tickertape::Tags;
using tickertape::UsageError;
using tickertape::WallTime;
using tickertape::point::LineForm;
using tickertape::point::LineFormatter;
using tickertape::point::LineResult;
using tickertape::point::LinesResult;

namespace {

constexpr WallTime noon{1700000000s};

std::string line_of(const Point& point, const LineForm& form = {}) {
    LineFormatter formatter{form};
    char text[tickertape::max_line + 1];
    const LineResult line = formatter.write(point, text);
    return line.refused ? "refused" : std::string{text, line.size};
}

std::optional<Reason> refusal_of(const Point& point, const LineForm& form = {}) {
    LineFormatter formatter{form};
    char text[tickertape::max_line + 1];
    return formatter.write(point, text).refused;
}

// Checks lines of every length that LineFormatter accepts or must refuse.
void check_random_lines(std::uint64_t seed, int count) {
    test::Random random{seed};
    for (int i = 0; i < count; ++i) {
        const Point point = test::random_points(random, 1).front();
        const bool put = test::once_in(random, 2);
        const std::string host =
            test::once_in(random, 3) ? "" : test::random_name(random, test::once_in(random, 3) ? 110 : 9);
        LineFormatter formatter{{.put_prefix = put, .host_tag = host}};
        std::string text(tickertape::max_line + 1, '\0');
        const LineResult line = formatter.write(point, text.data());
        const std::size_t tags =
            point.series().tag_count() + (point.series().has_host_tag() || (put && host.empty()) ? 0 : 1);
        CAPTURE(point.series().text(), host, put);
        if (line.refused) {
            const Reason reason = *line.refused;
            REQUIRE((reason == Reason::no_tag || reason == Reason::too_many_tags));
            REQUIRE((reason == Reason::no_tag ? put && tags == 0 : tags > 8));
            continue;
        }
        text.resize(line.size);
        CAPTURE(text);
        REQUIRE(test::tells(test::parse_strictly(text, put), point, host));
    }
}

struct CommaPunctuation : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\3"; }
};

} // namespace

TEST_CASE("A line is put, metric, seconds, value and tags, the host tag among them in the order of keys") {
    const LineForm form{.host_tag = "web1"};
    CHECK(line_of({Series{"m", {{"a", "1"}}}, noon, 42}) == "put m 1700000000 42 a=1\n");
    CHECK(line_of({Series{"m", {{"a", "1"}}}, noon, 42}, form) == "put m 1700000000 42 a=1 host=web1\n");
    CHECK(line_of({Series{"m", {{"z", "1"}}}, noon, 0.5}, form) == "put m 1700000000 0.5 host=web1 z=1\n");
    CHECK(line_of({Series{"m", {{"a", "1"}, {"z", "2"}}}, noon, -1}, form) ==
          "put m 1700000000 -1 a=1 host=web1 z=2\n");
    CHECK(line_of({Series{"m"}, noon, 42}, form) == "put m 1700000000 42 host=web1\n");
}

TEST_CASE("A series' own host tag stays, and none is added to it") {
    const Point point{Series{"m", {{"host", "own"}, {"z", "1"}}}, noon, 1};
    CHECK(line_of(point, {.host_tag = "web1"}) == "put m 1700000000 1 host=own z=1\n");
    CHECK(line_of(point, {.put_prefix = false}) == "m 1700000000 1 host=own z=1\n");
}

TEST_CASE("The form for tcollector has neither put nor host tag, and no blank at the end without tags") {
    CHECK(line_of({Series{"m"}, noon, 1}, {.put_prefix = false}) == "m 1700000000 1\n");
    CHECK(line_of({Series{"m", {{"a", "1"}}}, noon, 1}, {.put_prefix = false}) == "m 1700000000 1 a=1\n");
}

TEST_CASE("Stamps are rounded down, to seconds or to milliseconds as the series' step says") {
    const Series seconds{"m", {{"a", "1"}}};
    const Series fine{"m", {{"a", "1"}}, {.step = 100ms}};
    CHECK(line_of({seconds, noon + 999'999'999ns, 1}) == "put m 1700000000 1 a=1\n");
    CHECK(line_of({fine, noon + 7'999'999ns, 1}) == "put m 1700000000007 1 a=1\n");
    CHECK(line_of({fine, noon + 999'999'999ns, 1}) == "put m 1700000000999 1 a=1\n");
    CHECK(line_of({fine, noon, 1}) == "put m 1700000000000 1 a=1\n");
}

TEST_CASE("One formatter writes many stamps in any order") {
    LineFormatter formatter{};
    const Series series{"m", {{"a", "1"}}};
    char text[tickertape::max_line + 1];
    for (const int second : {5, 5, 6, 5, 0, 7, 99, 100, 101, 99, 4321, 0}) {
        const LineResult line = formatter.write({series, noon + std::chrono::seconds{second}, 1}, text);
        CHECK(std::string(text, line.size) == "put m " + std::to_string(1'700'000'000 + second) + " 1 a=1\n");
    }
    // The last hundred seconds of the range of timestamps are not complete.
    const Series fine{"m", {{"a", "1"}}, {.step = 1ms}};
    for (int round = 0; round < 2; ++round) {
        for (const Series& each : {series, fine}) {
            CHECK(formatter.write({each, WallTime{4'294'967'295'999ms}, 1}, text).size > 0);
            CHECK(formatter.write({each, WallTime{4'294'967'296s}, 1}, text).refused == Reason::bad_time);
        }
    }
    CHECK(formatter.write({fine, WallTime::max(), 1}, text).refused == Reason::bad_time);
    for (const std::chrono::seconds after : {0s, 3s, 62s, 63s, 64s}) {
        CHECK(formatter.write({fine, WallTime::min() + after, 1}, text).refused == Reason::bad_time);
    }
}

TEST_CASE("A point without any tag is refused for a TSD") {
    CHECK(refusal_of({Series{"m"}, noon, 1}) == Reason::no_tag);
}

TEST_CASE("More than eight tags with the host tag are refused, wherever the host tag is added") {
    Tags tags;
    for (const char* key : {"a", "b", "c", "d", "e", "f", "g", "h"}) {
        tags.set(key, "1");
    }
    const Point point{Series{"m", tags, {.reserve_host_tag = false}}, noon, 1};
    CHECK_FALSE(refusal_of(point));
    CHECK(refusal_of(point, {.host_tag = "web1"}) == Reason::too_many_tags);
    CHECK(refusal_of(point, {.put_prefix = false}) == Reason::too_many_tags);
}

TEST_CASE("Times that a timestamp cannot express are refused") {
    const Series seconds{"m", {{"a", "1"}}};
    const Series fine{"m", {{"a", "1"}}, {.step = 1ms}};
    CHECK_FALSE(refusal_of({seconds, WallTime{1'000'000'000s}, 1}));
    CHECK(refusal_of({seconds, WallTime{1'000'000'000s} - 1ns, 1}) == Reason::bad_time);
    CHECK(refusal_of({fine, WallTime{1'000'000'000s} - 1ns, 1}) == Reason::bad_time);
    CHECK(refusal_of({seconds, WallTime{}, 1}) == Reason::bad_time);
    CHECK(refusal_of({seconds, WallTime::min(), 1}) == Reason::bad_time);
    CHECK_FALSE(refusal_of({seconds, WallTime{4'294'967'295s} + 999ms, 1}));
    CHECK(refusal_of({seconds, WallTime{4'294'967'296s}, 1}) == Reason::bad_time);
    CHECK(refusal_of({fine, WallTime{4'294'967'296s}, 1}) == Reason::bad_time);
    CHECK(refusal_of({fine, WallTime::max(), 1}) == Reason::bad_time);
}

TEST_CASE("A host name that would make the line too long is refused, never cut") {
    const Series series{"m", Tags{}.set("k", std::string(796, 'v')), {.step = 1ms}};
    const Point point{series, noon, -1.7976931348623157e308};
    std::size_t longest_host = 0;
    std::size_t longest_line = 0;
    for (std::size_t size = 1; size < 300; ++size) {
        const LineForm form{.host_tag = std::string(size, 'h')};
        const std::string line = line_of(point, form);
        if (line == "refused") {
            CHECK(refusal_of(point, form) == Reason::line_too_long);
        } else {
            longest_host = size;
            longest_line = line.size();
        }
    }
    CHECK(longest_host >= 64); // Linux has no longer ones
    CHECK(longest_line == 1024);
}

TEST_CASE("A host tag that is no name is refused when the formatter is made") {
    CHECK_THROWS_AS((LineFormatter{{.host_tag = "a b"}}), UsageError);
}

TEST_CASE("Any series, time and value gives one line of at most 1023 characters that parses back to the same point") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    check_random_lines(seed, 20'000);
}

TEST_CASE("A formatter writes each point as a new one would, whatever it has written before") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    for (const LineForm& form : {LineForm{}, LineForm{.host_tag = "web1"}, LineForm{.put_prefix = false},
                                 LineForm{.host_tag = test::random_name(random, 110)}}) {
        LineFormatter formatter{form};
        WallTime time = test::random_time(random);
        for (int run = 0; run < 3'000; ++run) {
            const Series series = test::random_series(random);
            // Points of it in a row, usually neighbours in time.
            for (std::size_t left = 1 + test::up_to(random, 15); left > 0; --left) {
                time = test::once_in(random, 10) ? test::random_time(random)
                                                 : time + std::chrono::milliseconds{test::up_to(random, 2'500)};
                const Point point{series, time, test::random_value(random)};
                // As in a buffer: memory after its room is not touched.
                std::string text(tickertape::max_line + 1 + 64, '#');
                const LineResult line = formatter.write(point, text.data());
                REQUIRE(line.refused == refusal_of(point, form));
                REQUIRE(text.find_first_not_of('#', tickertape::max_line + 1) == std::string::npos);
                if (!line.refused) {
                    REQUIRE(text.substr(0, line.size) == line_of(point, form));
                }
            }
        }
    }
}

TEST_CASE("Many points become the same lines as one by one, as far as there is room, up to one that is refused") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    for (int round = 0; round < 200; ++round) {
        std::vector<Point> points;
        while (points.size() < 40) {
            const Series series = test::random_series(random);
            for (std::size_t left = 1 + test::up_to(random, 6); left > 0; --left) {
                points.emplace_back(series, test::random_time(random), test::random_value(random));
            }
        }
        LineFormatter formatter{{.host_tag = "web1"}};
        std::string text(test::up_to(random, 20'000), '#');
        const LinesResult lines = formatter.write(points, text);
        std::string wanted;
        for (std::size_t i = 0; i < lines.points; ++i) {
            wanted += line_of(points[i], {.host_tag = "web1"});
        }
        REQUIRE(lines.size == wanted.size());
        REQUIRE(text.substr(0, lines.size) == wanted);
        if (lines.refused) {
            REQUIRE(lines.refused == refusal_of(points.at(lines.points), {.host_tag = "web1"}));
        } else {
            REQUIRE((lines.points == points.size() || text.size() - lines.size < tickertape::max_line + 1));
        }
    }
}

TEST_CASE("A locale with a decimal comma changes nothing") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    const std::locale before = std::locale::global(std::locale{std::locale::classic(), new CommaPunctuation});
    for (const char* name : {"de_DE.UTF-8", "de_DE.utf8", "de_DE", "fr_FR.UTF-8"}) {
        if (std::setlocale(LC_ALL, name) != nullptr) {
            break;
        }
    }
    CHECK(line_of({Series{"m", {{"a", "1"}}}, noon, 1234567.25}) == "put m 1700000000 1234567.25 a=1\n");
    CHECK(line_of({Series{"m", {{"a", "1"}}}, noon, 1234567}) == "put m 1700000000 1234567 a=1\n");
    CHECK(tickertape::to_string(0.5) == "0.5");
    check_random_lines(seed, 2000);
    std::locale::global(before);
    std::setlocale(LC_ALL, "C");
}

TEST_CASE("The strict parser refuses lines that a receiver would refuse") {
    for (const char* line : {"put m 1700000000 1 a=1",
                             "put m 1700000000 1 a=1 \n",
                             "put m 1700000000 1  a=1\n",
                             "put m 170000000 1 a=1\n",
                             "put m 1700000000.5 1 a=1\n",
                             "put m 1700000000 .5 a=1\n",
                             "put m 1700000000 5. a=1\n",
                             "put m 1700000000 +5 a=1\n",
                             "put m 1700000000 nan a=1\n",
                             "put m 1700000000 1e a=1\n",
                             "put m 1700000000 1e400 a=1\n",
                             "put m 1700000000 -0 a=1\n",
                             "put m 1700000000 9223372036854775808 a=1\n",
                             "put m 1700000000 1 b=1 a=1\n",
                             "put m 1700000000 1 a=1 a=1\n",
                             "put m 1700000000 1 a\n",
                             "put m 1700000000 1 a=1=1\n",
                             "put m 1700000000 1\n",
                             "m 1700000000 1 a=1\n",
                             "put m 1700000000 1 a=1\nx\n",
                             "put m! 1700000000 1 a=1\n",
                             "put m 4294967296 1 a=1\n"}) {
        CAPTURE(line);
        CHECK_THROWS(test::parse_strictly(line, true));
    }
    CHECK_NOTHROW(test::parse_strictly("put m 1700000000 1 a=1\n", true));
}

TEST_CASE("A line is appended to a text, or the text is left as it was") {
    std::string out = "# mine\n";
    const WallTime time{1'500'000'000s};
    CHECK(tickertape::append_put_line(out, {Series{"m", {{"a", "b"}}}, time, 1.5}, "web1") == std::nullopt);
    CHECK(out == "# mine\nput m 1500000000 1.5 a=b host=web1\n");
    CHECK(tickertape::append_put_line(out, {Series{"m"}, time, 1}) == Reason::no_tag);
    CHECK(out == "# mine\nput m 1500000000 1.5 a=b host=web1\n");
    CHECK_THROWS_AS(tickertape::append_put_line(out, {Series{"m"}, time, 1}, "no name"), UsageError);
    CHECK(out == "# mine\nput m 1500000000 1.5 a=b host=web1\n");
}
