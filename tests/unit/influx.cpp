// SPDX-License-Identifier: MIT
// Influx: InfluxDB's line protocol, and the meaning of its answers.
#include <tickertape/influx.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <point/influx_formatter.hpp>
#include <push/put_answer.hpp>
#include <push/put_body.hpp>
#include <push/put_request.hpp>
#include <support/catch.hpp>
#include <support/random_points.hpp>

#include "point/line_formatter.hpp"

using namespace tickertape;
using namespace tickertape::push;
using tickertape::point::InfluxFormatter;

namespace {

constexpr WallTime at{std::chrono::nanoseconds{1'700'000'000'123'456'789}};

std::string line_of(const InfluxFormatter& formatter, const Point& point) {
    std::string text(formatter.longest(), '\0');
    const point::LineResult written = formatter.write(point, text.data());
    REQUIRE(!written.refused);
    text.resize(written.size);
    return text;
}

} // namespace

TEST_CASE("a point for InfluxDB has its tags in the order of keys, one field, and all its nanoseconds") {
    const InfluxFormatter formatter{"web01"};
    CHECK(line_of(formatter, {Series{"cpu.user", {{"core", "0"}, {"zone", "b"}}}, at, 1.5}) ==
          "cpu.user,core=0,host=web01,zone=b value=1.5 1700000000123456789");
    CHECK(line_of(formatter, {Series{"m"}, at, -7}) == "m,host=web01 value=-7 1700000000123456789");
    CHECK(line_of(formatter, {Series{"m", {{"zone", "b"}}}, at, 1}) ==
          "m,host=web01,zone=b value=1 1700000000123456789");
    CHECK(line_of(formatter, {Series{"m", {{"core", "b"}}}, at, 1}) ==
          "m,core=b,host=web01 value=1 1700000000123456789");
    CHECK(line_of(formatter, {Series{"m", {{"host", "db1"}}}, WallTime{}, 1e300}) == "m,host=db1 value=1e+300 0");
    const InfluxFormatter bare{""};
    CHECK(line_of(bare, {Series{"m"}, WallTime{std::chrono::nanoseconds{-1}}, 0}) == "m value=0 -1");
    CHECK(line_of(bare, {Series{"m", {{"a", "1"}, {"b", "2"}}}, at, 0}) == "m,a=1,b=2 value=0 1700000000123456789");
}

TEST_CASE("a point that InfluxDB cannot store is refused at once") {
    const InfluxFormatter formatter{"h"};
    std::string out(formatter.longest(), '\0');
    const auto refused = [&](const Point& point) { return formatter.write(point, out.data()).refused; };
    constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    for (const std::int64_t time : {least, least + 1, most}) {
        CHECK(refused({Series{"m"}, WallTime{std::chrono::nanoseconds{time}}, 1}) == Reason::bad_time);
    }
    for (const std::int64_t time : {least + 2, most - 1}) {
        CHECK(refused({Series{"m"}, WallTime{std::chrono::nanoseconds{time}}, 1}) == std::nullopt);
    }
    CHECK(refused({Series{"m", {{"time", "x"}}}, at, 1}) == Reason::refused);
    CHECK(refused({Series{"m", {{"a", "1"}, {"time", "x"}}}, at, 1}) == Reason::refused);
    CHECK(refused({Series{"time", {{"a", "time"}, {"times", "x"}, {"run-time", "x"}}}, at, 1}) == std::nullopt);
    CHECK_THROWS_AS(InfluxFormatter{"no name"}, UsageError);
}

TEST_CASE("no point needs more room than the longest") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    const InfluxFormatter formatter{std::string(64, 'h')};
    for (const Point& point : test::random_points(random, 2000)) {
        CHECK(line_of(formatter, point).size() <= formatter.longest());
    }
    const Series longest{std::string(max_series_text, 'm')};
    CHECK(line_of(formatter, {longest, WallTime{std::chrono::nanoseconds{INT64_MIN + 2}}, -1.2345678901234567e-300})
              .size() <= formatter.longest());
}

TEST_CASE("a body for InfluxDB is a line per point") {
    PutPoints points;
    points.add("a value=1 1");
    points.add("b,k=v value=2 2");
    points.add("c value=3 3");
    PutPacker packer{false, HttpDialect::influx};
    CHECK(packer.pack(points) == "a value=1 1\nb,k=v value=2 2\nc value=3 3\n");
    CHECK(packer.pack(points.take_front(1)) == "a value=1 1\n");
    PutPacker zipper{true, HttpDialect::influx};
    CHECK(zipper.pack(points).starts_with("\x1f\x8b"));
}

TEST_CASE("the head of a request to InfluxDB names database and precision") {
    const auto head = [](std::string_view target, PutRequestOptions options = {}) {
        options.dialect = HttpDialect::influx;
        return put_request_head(Target{target}, options);
    };
    const std::string shop = head("influx://h/shop", {.credentials = Credentials::user("Aladdin", "open sesame")});
    CHECK(shop.starts_with("POST /write?precision=ns&db=shop HTTP/1.1\r\nHost: h:8086\r\n"));
    CHECK(shop.find("\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Encoding: gzip\r\n") != std::string::npos);
    CHECK(shop.find("\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n") != std::string::npos);
    CHECK(head("influx://h/a&b+c;d%20e").starts_with("POST /write?precision=ns&db=a%26b%2Bc%3Bd%20e HTTP/1.1\r\n"));
}

TEST_CASE("each answer of InfluxDB has its meaning") {
    PutPoints points;
    points.add("a value=1 1");
    points.add("b value=2 2");
    const auto judged = [&](unsigned status, std::string body) {
        return read_answer({.status = status, .body = std::move(body)}, points, at, HttpDialect::influx);
    };
    CHECK(judged(204, "").results == std::vector<PointResult>(2, PointResult::stored));
    CHECK(judged(200, "<html>").kind == AnswerKind::refuses_all);
    const PutAnswer partial = judged(400, R"({"error":"partial write: field type conflict dropped=1"})");
    CHECK(partial.kind == AnswerKind::per_point);
    CHECK(partial.results == std::vector<PointResult>(2, PointResult::unsure));
    CHECK_THAT(partial.why, Catch::Matchers::ContainsSubstring("field type conflict"));
    CHECK(judged(404, R"({"error":"database not found: \"x\""})").kind == AnswerKind::refuses_all);
    CHECK(judged(401, "").kind == AnswerKind::refuses_all);
    CHECK(judged(413, R"({"error":"Request Entity Too Large"})").kind == AnswerKind::too_large);
    CHECK(judged(500, R"({"error":"timeout"})").kind == AnswerKind::later);
    CHECK(judged(503, "").kind == AnswerKind::later);
}

TEST_CASE("Influx reports a wrong target or option at once") {
    CHECK_THROWS_WITH(Influx{"h"}, "Influx needs the name of a database, as in {.database = \"metrics\"}");
    CHECK_THROWS_WITH((Influx{"influx://h/a", {.database = "b"}}),
                      "Influx has a target with a database, and another database in its options");
    CHECK_THROWS_WITH((Influx{"h", {.database = "b", .port = 0}}), "the port of Influx is 0; it is from 1 to 65535");
    CHECK_THROWS_WITH((Influx{"tsd://h"}),
                      "Influx cannot push to tsd://h:4242; its targets look like influx://host:8086/database");
    CHECK_THROWS_WITH((Influx{"influx://h/a", {.connections = 0}}), "the connections of Influx are to be 1 to 64");
    CHECK_THROWS_WITH((Influx{"influx://h/a", {.patience = std::chrono::milliseconds{-1}}}),
                      "the patience of Influx is negative; it is to be 0 or more");
    CHECK_THROWS_WITH((Influx{"influx://h/a", {.answer_within = std::chrono::milliseconds{0}}}),
                      "answer_within of Influx is not positive");
    CHECK_THROWS_AS((Influx{"h", {.database = "a/b"}}), UsageError);
    const Influx six{"::1", {.database = "db", .port = 1}};
    CHECK(six.status().targets.at(0).target == "influx://[::1]:1/db");
    CHECK(Influx{"[::1]", {.database = "db", .port = 1}}.status().targets.at(0).target == "influx://[::1]:1/db");
    CHECK(six.traits().keeps_every_event);
}
