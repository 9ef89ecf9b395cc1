// SPDX-License-Identifier: MIT
#include <chrono>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include <push/body_size.hpp>
#include <push/put_body.hpp>
#include <push/put_request.hpp>
#include <support/catch.hpp>
#include <support/random_points.hpp>
#include <support/unzip.hpp>

#include "point/line_formatter.hpp"

using namespace tickertape;
using push::BodySize;
using push::PutFormatter;
using push::PutPoints;

namespace json = boost::json;

namespace {

constexpr WallTime at{std::chrono::milliseconds{1'700'000'000'250}};

std::string object_of(PutFormatter& formatter, const Point& point) {
    std::string text(push::max_put_object, '\0');
    const point::LineResult written = formatter.write(point, text.data());
    REQUIRE(!written.refused);
    text.resize(written.size);
    return text;
}

PutPoints numbered(std::size_t count) {
    PutPoints points;
    for (std::size_t i = 0; i < count; ++i) {
        points.add("{\"n\":" + std::to_string(i) + "}");
    }
    return points;
}

} // namespace

TEST_CASE("a point for /api/put has its metric, stamp, value and tags, the host tag in the order of keys") {
    PutFormatter formatter{"web01"};
    CHECK(object_of(formatter, {Series{"cpu.user", {{"core", "0"}, {"zone", "b"}}}, at, 1.5}) ==
          R"({"metric":"cpu.user","timestamp":1700000000,"value":1.5,"tags":{"core":"0","host":"web01","zone":"b"}})");
    CHECK(object_of(formatter, {Series{"m"}, at, -7}) ==
          R"({"metric":"m","timestamp":1700000000,"value":-7,"tags":{"host":"web01"}})");
    CHECK(object_of(formatter, {Series{"m", {{"host", "db1"}}}, at, 1e300}) ==
          R"({"metric":"m","timestamp":1700000000,"value":1e+300,"tags":{"host":"db1"}})");
    const Series fine{"m", {}, {.step = std::chrono::milliseconds{250}}};
    CHECK(object_of(formatter, {fine, at, 0}) ==
          R"({"metric":"m","timestamp":1700000000250,"value":0,"tags":{"host":"web01"}})");
}

TEST_CASE("a point is refused for /api/put for the same reason as its line") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    for (const char* host : {"", "web01.example.com"}) {
        PutFormatter formatter{host};
        point::LineFormatter lines{{.host_tag = host}};
        std::vector<Point> points = test::random_points(random, 2000);
        points.emplace_back(Series{"m"}, WallTime{}, 1);
        points.emplace_back(Series{"m", {{"k", "v"}}}, WallTime{std::chrono::seconds{5'000'000'000}}, 1);
        points.emplace_back(
            Series{"m",
                   {{"a", "1"}, {"b", "1"}, {"c", "1"}, {"d", "1"}, {"e", "1"}, {"f", "1"}, {"g", "1"}, {"h", "1"}},
                   {.reserve_host_tag = false}},
            at, 1);
        std::string object(push::max_put_object, '\0');
        std::string line(max_line + 1, '\0');
        for (const Point& point : points) {
            const point::LineResult written = formatter.write(point, object.data());
            const point::LineResult reference = lines.write(point, line.data());
            CAPTURE(point.series().text());
            REQUIRE(written.refused == reference.refused);
            if (written.refused) {
                continue;
            }
            // All of the line, as JSON.
            const json::value parsed = json::parse(object.substr(0, written.size));
            const json::object& fields = parsed.as_object();
            std::string again = "put ";
            again.append(fields.at("metric").as_string().c_str()).append(" ");
            again.append(json::serialize(fields.at("timestamp"))).append(" ").append(to_string(point.value()));
            for (const auto& [key, value] : fields.at("tags").as_object()) {
                again.append(" ").append(key.data(), key.size()).append("=").append(value.as_string().c_str());
            }
            REQUIRE(again + "\n" == line.substr(0, reference.size));
            const std::string value = ",\"value\":" + to_string(point.value()) + ",\"tags\"";
            REQUIRE(object.find(value) < written.size);
        }
    }
}

TEST_CASE("points that are cut and put together again are the same bytes") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    const PutPoints all = numbered(200);
    for (int round = 0; round < 200; ++round) {
        PutPoints rest = all;
        PutPoints together;
        std::size_t bytes = 0;
        while (!rest.empty()) {
            const PutPoints front = rest.take_front(1 + test::up_to(random, 60));
            REQUIRE(!front.empty());
            bytes += front.text.size() + 1;
            together.append(front);
        }
        REQUIRE(together.text == all.text);
        REQUIRE(together.ends == all.ends);
        REQUIRE(bytes == all.text.size() + 1);
        const std::size_t any = test::up_to(random, 199);
        REQUIRE(together.object(any) == "{\"n\":" + std::to_string(any) + "}");
    }
}

TEST_CASE("the number of points that fit follows from the size of their text, and is at least one") {
    const PutPoints points = numbered(10); // of 7 bytes, and a comma
    CHECK(points.how_many_fit(0) == 1);
    CHECK(points.how_many_fit(7) == 1);
    CHECK(points.how_many_fit(14) == 1);
    CHECK(points.how_many_fit(15) == 2);
    CHECK(points.how_many_fit(1000) == 10);
    CHECK(PutPoints{}.how_many_fit(100) == 0);
}

TEST_CASE("a body is an array of the points, plain or packed, and the same each time") {
    const PutPoints points = numbered(5000);
    const std::string plain = std::string{"["}.append(points.text).append("]");
    push::PutPacker packer{false};
    CHECK(!packer.gzip());
    CHECK(std::string_view{packer.pack(points)} == plain);

    push::PutPacker zipper{true};
    CHECK(zipper.gzip());
    const base::PageString zipped = zipper.pack(points);
    CHECK(zipped.size() < plain.size() / 3);
    CHECK(test::unzip(zipped) == plain);
    CHECK(zipper.pack(numbered(1)) != zipped);
    CHECK(zipper.pack(points) == zipped);
    CHECK(test::unzip(zipper.pack(numbered(1))) == R"([{"n":0}])");
}

TEST_CASE("the limit of a body grows as full ones are accepted, and never beyond 1 MiB") {
    BodySize size;
    CHECK(size.limit() == 8192);
    size.accepted(4000); // did not fill it
    CHECK(size.limit() == 8192);
    std::size_t requests = 0;
    for (; size.limit() < BodySize::most && requests < 100; ++requests) {
        size.accepted(size.limit() - 100);
    }
    CHECK(requests == 7);
    size.accepted(size.limit());
    CHECK(size.limit() == BodySize::most);
}

TEST_CASE("a body that is refused for its size is not tried again") {
    BodySize size;
    size.accepted(8000);
    CHECK(size.limit() == 16384);
    CHECK(size.is_probe(12000));
    CHECK(!size.is_probe(8192));
    size.refused(12000);
    CHECK(size.limit() == 8000); // the accepted size
    size.accepted(7000);
    CHECK(size.limit() == 8000); // 16000 would be beyond the refused size
    // A body of that size is not accepted any more, either.
    size.refused(5000);
    CHECK(size.limit() == 2500);
    size.accepted(2400);
    CHECK(size.limit() == 2500);
}

TEST_CASE("any limit from the least on is found, with a bounded number of refusals") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    for (int round = 0; round < 1000; ++round) {
        const std::size_t server = BodySize::least + test::up_to(random, 3 * BodySize::most);
        BodySize size;
        int refusals = 0;
        for (int request = 0; request < 200; ++request) {
            const std::size_t body = size.limit() - test::up_to(random, size.limit() / 3);
            if (body > server) {
                size.refused(body);
                ++refusals;
            } else {
                size.accepted(body);
            }
        }
        CAPTURE(server);
        REQUIRE(refusals <= 10);
        REQUIRE(size.limit() >= std::min({server / 4, BodySize::most / 2}));
    }
}

TEST_CASE("a probe without an answer has to go unanswered twice to be taken for a refusal") {
    BodySize size;
    size.accepted(8000);
    size.unanswered(12000);
    CHECK(size.limit() == 8000);
    size.accepted(7900);
    CHECK(size.limit() == 16000);
    size.unanswered(12000);
    size.accepted(7900);
    CHECK(size.limit() == 8000);
}

TEST_CASE("the head of a request names the target's host and path, and how the body is packed") {
    CHECK(
        push::put_request_head(Target{"http://tsd:4242"}, {}) ==
        "POST /api/put?details HTTP/1.1\r\nHost: tsd:4242\r\nUser-Agent: tickertape/0.1.1"
        "\r\nAccept: application/json\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: ");
    const std::string other = push::put_request_head(
        Target{"https://[fe80::1%25eth0]:443/tsdb/put"},
        {.sync = true, .gzip = false, .credentials = Credentials::user("Aladdin", "open sesame")});
    CHECK(other.starts_with("POST /tsdb/put?sync&details HTTP/1.1\r\nHost: [fe80::1]\r\n"));
    CHECK(other.find("gzip") == std::string::npos);
    CHECK(other.find("\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n") != std::string::npos);
    CHECK(push::version_request(Target{"http://tsd:4242"}, {}) ==
          "GET /api/version HTTP/1.1\r\nHost: tsd:4242\r\nUser-Agent: tickertape/0.1.1\r\nAccept: "
          "application/json\r\n\r\n");
    CHECK(push::version_request(Target{"http://tsd/prefix/api/put"}, Credentials::user("Aladdin", "open sesame"))
              .starts_with("GET /prefix/api/version HTTP/1.1\r\n"));
    CHECK(push::version_request(Target{"http://tsd/other"}, {}).empty());
    CHECK(push::put_request("H: ", "[]") == "H: 2\r\n\r\n[]");
}
