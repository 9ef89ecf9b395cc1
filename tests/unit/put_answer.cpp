// SPDX-License-Identifier: MIT
#include <chrono>
#include <string>
#include <vector>

#include <push/put_answer.hpp>
#include <support/catch.hpp>
#include <support/seed.hpp>

using namespace tickertape;
using namespace tickertape::push;
using std::chrono::seconds;

namespace {

constexpr WallTime now{seconds{784'111'777}}; // Sun, 06 Nov 1994 08:49:37 GMT

std::string object(const std::string& metric, int timestamp, const std::string& value, const std::string& host = "a") {
    return "{\"metric\":\"" + metric + "\",\"timestamp\":" + std::to_string(timestamp) + ",\"value\":" + value +
           ",\"tags\":{\"cpu\":\"0\",\"host\":\"" + host + "\"}}";
}

/// Returns a point in OpenTSDB's form: with its own order, and the value as text.
std::string error(const std::string& metric, int timestamp, const std::string& value, const std::string& message) {
    return "{\"datapoint\":{\"timestamp\":" + std::to_string(timestamp) + ",\"metric\":\"" + metric +
           "\",\"value\":\"" + value + "\",\"tags\":{\"host\":\"a\",\"cpu\":\"0\"},\"tsuid\":null},\"error\":\"" +
           message + "\"}";
}

PutPoints three() {
    PutPoints points;
    points.add(object("m1", 1'700'000'000, "1"));
    points.add(object("m2", 1'700'000'000, "2.5"));
    points.add(object("m1", 1'700'000'001, "1"));
    return points;
}

PutAnswer judge_three(unsigned status, const std::string& body) {
    return read_answer({.status = status, .body = body}, three(), now);
}

const std::vector<PointResult> all_stored(3, PointResult::stored);
const std::vector<PointResult> all_unsure(3, PointResult::unsure);

} // namespace

TEST_CASE("204, or a summary that counts all points as stored, stores all") {
    for (const auto& [status, body] : std::vector<std::pair<unsigned, std::string>>{
             {204, ""}, {200, R"({"failed":0,"success":3})"}, {200, R"({"errors":[],"failed":0,"success":3})"}}) {
        CAPTURE(status, body);
        const PutAnswer answer = judge_three(status, body);
        CHECK(answer.kind == AnswerKind::per_point);
        CHECK(answer.results == all_stored);
        CHECK(answer.why.empty());
        CHECK(answer.replies.empty());
        CHECK(answer.is_summary == (body.find("failed") != std::string::npos));
    }
}

TEST_CASE("200 with a body that no TSD sends stores nothing") {
    for (const char* body :
         {"", "{}", "<html>Please log in</html>", "[]", "ok", R"({"error":{"code":500}})", R"({"failed":)"}) {
        CAPTURE(body);
        const PutAnswer answer = judge_three(200, body);
        CHECK(answer.kind == AnswerKind::refuses_all);
        CHECK(answer.why.find("not as a TSD does") != std::string::npos);
    }
    CHECK(judge_three(202, "").kind == AnswerKind::refuses_all);
}

TEST_CASE("200 whose counts are not those of the points that were sent stores nothing") {
    for (const char* body :
         {R"({"failed":0,"success":0,"errors":[]})", R"({"failed":0,"success":2})", R"({"failed":0,"success":4})",
          R"({"failed":-1,"success":18446744073709551615})", R"({"failed":-1,"success":4})", R"({"failed":0})",
          R"({"success":3})", R"({"failed":0,"success":"3"})", R"({"failed":0,"success":3.0})"}) {
        CAPTURE(body);
        const PutAnswer answer = judge_three(200, body);
        CHECK(answer.kind == AnswerKind::refuses_all);
        CHECK(answer.why.find("not as a TSD does") != std::string::npos);
    }
}

TEST_CASE("InfluxDB confirms points only by status 204") {
    const auto judge_lines = [](unsigned status, const std::string& body) {
        return read_answer({.status = status, .body = body}, three(), now, HttpDialect::influx);
    };
    CHECK(judge_lines(204, "").results == all_stored);
    for (const auto& [status, body] : std::vector<std::pair<unsigned, std::string>>{
             {200, ""}, {202, ""}, {200, "{}"}, {200, R"({"failed":0,"success":3})"}, {200, "<html>"}}) {
        CAPTURE(status, body);
        CHECK(judge_lines(status, body).kind == AnswerKind::refuses_all);
    }
}

TEST_CASE("points are found by their echo, whatever the order and the place of the errors") {
    const PutAnswer answer = judge_three(400, "{\"errors\":[" + error("m1", 1'700'000'001, "1", "Unknown metric") +
                                                  "," + error("m2", 1'700'000'000, "2.5", "Storage exception: gone") +
                                                  "],\"failed\":2,\"success\":1}");
    CHECK(answer.kind == AnswerKind::per_point);
    CHECK(answer.results == std::vector<PointResult>{PointResult::stored, PointResult::again, PointResult::unknown});
    CHECK(answer.is_summary);
    REQUIRE(answer.replies.size() == 2);
    CHECK(answer.replies[0].kind == "unknown_metric");
    CHECK(answer.replies[0].sample == "'Unknown metric'");
    CHECK(answer.replies[1].kind == "storage");
    CHECK(answer.why == "it says of 2 of 3 points 'Unknown metric'");
}

TEST_CASE("among points that differ only in their values an error finds the one with its value, each once") {
    PutPoints points;
    points.add(object("m1", 1'700'000'000, "1"));
    points.add(object("m1", 1'700'000'000, "2"));
    points.add(object("m1", 1'700'000'000, "3"));
    const HttpAnswer one{.status = 400,
                         .body = "{\"errors\":[" + error("m1", 1'700'000'000, "2", "Unknown metric") +
                                 "],\"failed\":1,\"success\":2}"};
    CHECK(read_answer(one, points, now).results ==
          std::vector<PointResult>{PointResult::stored, PointResult::unknown, PointResult::stored});
    // A value in another form matches any of them, but two errors are two points.
    const std::string other = error("m1", 1'700'000'000, "2.0", "Unknown metric");
    const HttpAnswer two{.status = 400,
                         .body = "{\"errors\":[" + other + "," + other + "],\"failed\":2,\"success\":1}"};
    CHECK(read_answer(two, points, now).count(PointResult::unknown) == 2);
}

TEST_CASE("each message of OpenTSDB is for good or for now") {
    const auto result = [](const std::string& message) {
        return judge_three(200, "{\"errors\":[" + error("m2", 1'700'000'000, "2.5", message) +
                                    "],\"failed\":1,\"success\":2}")
            .results[1];
    };
    for (const char* message : {"Storage exception: java.io", "Please throttle", "Timeout exception", "Write timedout",
                                "Unexpected exception"}) {
        CAPTURE(message);
        CHECK(result(message) == PointResult::again);
    }
    for (const char* message : {"Metric name was empty", "Invalid timestamp", "Empty value", "Missing tags",
                                "Unable to parse value to a number", "Too many tags: 9 maximum allowed: 8", ""}) {
        CAPTURE(message);
        CHECK(result(message) == PointResult::refused);
    }
    CHECK(result("Unknown metric") == PointResult::unknown);
    CHECK(result("No such name for 'metrics': 'm2'") == PointResult::unknown);
}

TEST_CASE("InfluxDB's number of dropped points refuses all points only if it covers all of them") {
    const auto judge_lines = [](const std::string& body) {
        return read_answer({.status = 400, .body = body}, three(), now, HttpDialect::influx);
    };
    const PutAnswer all = judge_lines(R"({"error":"partial write: points beyond retention policy dropped=3"})");
    CHECK(all.results == std::vector<PointResult>(3, PointResult::refused));
    CHECK(all.is_from_storage);
    const PutAnswer some = judge_lines(R"({"error":"partial write: field type conflict: input field dropped=1"})");
    CHECK(some.results == all_unsure);
    CHECK(some.is_from_storage);
    const PutAnswer none = judge_lines(R"({"error":"unable to parse 'x'"})");
    CHECK(none.results == all_unsure);
    CHECK_FALSE(none.is_from_storage);
}

TEST_CASE("errors within the receiver may be about the points, but not errors that ask to come later") {
    for (const unsigned status : {500U, 502U, 504U}) {
        CHECK(judge_three(status, "").is_own_error);
    }
    for (const unsigned status : {408U, 429U, 503U}) {
        CHECK_FALSE(judge_three(status, "").is_own_error);
    }
    HttpAnswer asks{.status = 500};
    asks.retry_after = "7";
    CHECK_FALSE(read_answer(asks, three(), now).is_own_error);
    CHECK(judge_three(401, "").is_unauthorized);
    CHECK_FALSE(judge_three(404, "").is_unauthorized);
}

TEST_CASE("an answer whose counts do not add up leaves the unnamed points in doubt") {
    const std::string named = error("m2", 1'700'000'000, "2.5", "Unknown metric");
    const std::vector<PointResult> others_unsure{PointResult::unsure, PointResult::unknown, PointResult::unsure};
    CHECK(judge_three(400, "{\"errors\":[" + named + "],\"failed\":2}").results == others_unsure);
    CHECK(judge_three(400, "{\"errors\":[" + named + ",{\"error\":\"x\"}],\"failed\":2}").results == others_unsure);
    CHECK(judge_three(400, "{\"errors\":[" + named + ",7],\"failed\":2}").results == others_unsure);
    CHECK(judge_three(400, "{\"errors\":[" + named + "," + error("m9", 1, "1", "x") + "],\"failed\":2}").results ==
          others_unsure);
    CHECK(judge_three(400, "{\"failed\":1,\"success\":2}").results == all_unsure);
    CHECK(judge_three(400, "{\"failed\":0,\"success\":3}").results == all_unsure);
    CHECK(judge_three(400, "{\"failed\":-1}").results == all_unsure);
    CHECK(judge_three(400, "{\"errors\":[" + named + "],\"failed\":1,\"success\":1}").results == others_unsure);
    // A time-out may name the wrong point.
    const std::string late = error("m2", 1'700'000'000, "2.5", "Write timedout");
    CHECK(judge_three(400, "{\"errors\":[" + late + "],\"failed\":1}").results ==
          std::vector<PointResult>{PointResult::unsure, PointResult::again, PointResult::unsure});
}

TEST_CASE("a 400 that names no point means one of them") {
    for (const char* body : {"", "json array decode error\n",
                             "{\"error\":{\"code\":400,\"message\":\"One or more data points had errors\"}}",
                             "{\"error\":", "\xff\xfe", "[[[[", "{\"failed\":{}, \"errors\":{}}"}) {
        CAPTURE(body);
        const PutAnswer answer = judge_three(400, body);
        CHECK(answer.kind == AnswerKind::per_point);
        CHECK(answer.results == all_unsure);
    }
    CHECK(judge_three(422, "no").results == all_unsure);
    const PutAnswer cut = read_answer({.status = 400, .is_cut = true}, three(), now);
    CHECK(cut.results == all_unsure);
    CHECK(read_answer({.status = 200, .is_cut = true}, three(), now).results == all_unsure);
    REQUIRE(judge_three(400, "no").replies.size() == 1);
    CHECK(judge_three(400, "no").replies[0].kind == "http_400");
    CHECK(judge_three(400, "no\n").replies[0].sample == "'no\\n'");
}

TEST_CASE("status and words distinguish too large, later and refused altogether") {
    struct Row {
        unsigned status;
        const char* body;
        AnswerKind kind;
    };
    for (const Row& row :
         {Row{400, "{\"error\":{\"code\":400,\"message\":\"Chunked request not supported.\"}}", AnswerKind::too_large},
          Row{400, "too big HTTP OpenTSDB request; mustn't exceed 33554432", AnswerKind::too_large},
          Row{413, "", AnswerKind::too_large}, Row{408, "", AnswerKind::later}, Row{429, "", AnswerKind::later},
          Row{500, "", AnswerKind::later}, Row{503, "", AnswerKind::later}, Row{599, "", AnswerKind::later},
          Row{0, "", AnswerKind::later}, Row{101, "", AnswerKind::refuses_all}, Row{301, "", AnswerKind::refuses_all},
          Row{307, "", AnswerKind::refuses_all}, Row{401, "", AnswerKind::refuses_all},
          Row{403, "", AnswerKind::refuses_all}, Row{404, "", AnswerKind::refuses_all},
          Row{405, "", AnswerKind::refuses_all}, Row{407, "", AnswerKind::refuses_all}}) {
        CAPTURE(row.status, row.body);
        const PutAnswer answer = judge_three(row.status, row.body);
        CHECK(answer.kind == row.kind);
        CHECK(answer.why.starts_with("it answers " + std::to_string(row.status)));
    }
    const PutAnswer moved = read_answer({.status = 302, .location = "https://evil\r\nx"}, three(), now);
    CHECK(moved.why == "it answers 302; it redirects to 'https://evil\\r\\nx', which is not followed");
}

TEST_CASE("Retry-After is seconds or a date") {
    CHECK(read_retry_after("120", now) == seconds{120});
    CHECK(read_retry_after("0", now) == seconds{0});
    CHECK(read_retry_after("99999999999999999999", now) == seconds{365 * 86'400});
    CHECK(read_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now) == seconds{0});
    CHECK(read_retry_after("Sun, 06 Nov 1994 08:51:07 GMT", now) == seconds{90});
    CHECK(read_retry_after("Mon, 07 Nov 1994 08:49:37 GMT", now) == seconds{86'400});
    CHECK(read_retry_after("Thu, 01 Jan 1970 00:00:00 GMT", now) == seconds{0});
    for (const char* wrong : {"", "soon", "-5", "1.5", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nox 1994 08:49:37 GMT",
                              "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 ovD 1994 08:49:37 GMT",
                              "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 9999 08:49:37 GMT"}) {
        CAPTURE(wrong);
        CHECK(!read_retry_after(wrong, now));
    }
    HttpAnswer answer{.status = 503};
    answer.retry_after = "7";
    CHECK(read_answer(answer, three(), now).retry_after == seconds{7});
}

TEST_CASE("no answer, however it is mangled, throws or loses count of the points") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    const std::string good =
        "{\"errors\":[" + error("m2", 1'700'000'000, "2.5", "Unknown metric") + "],\"failed\":1,\"success\":2}";
    for (int round = 0; round < 20'000; ++round) {
        std::string body = good;
        for (std::size_t i = 0; i <= test::up_to(random, 3); ++i) {
            const std::size_t place = test::up_to(random, body.size() - 1);
            switch (test::up_to(random, 3)) {
            case 0: body[place] = static_cast<char>(test::up_to(random, 255)); break;
            case 1: body.resize(place + 1); break;
            case 2: body.insert(place, body.substr(place / 2, 20)); break;
            default: body.erase(place, 5); break;
            }
            if (body.empty()) {
                body = "[";
            }
        }
        const unsigned status = round % 2 == 0 ? 200 : 400;
        const PutAnswer answer = judge_three(status, body);
        REQUIRE((answer.kind != AnswerKind::per_point || answer.results.size() == 3));
    }
    CHECK(judge_three(400, std::string(100'000, '[')).results == all_unsure);
}
