// SPDX-License-Identifier: MIT
// /api/put with the answers of real servers: the texts are OpenTSDB's.
#include <tickertape/testkit/fake_tsd.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/peer.hpp"

using namespace tickertape::testkit;
using Catch::Matchers::ContainsSubstring;
using test::Peer;

namespace {

using Lines = std::vector<std::string>;

const std::string good = R"({"metric":"m","timestamp":1700000000,"value":42,"tags":{"host":"a"}})";
const std::string bad = R"({"metric":"m!","timestamp":1700000000,"value":42,"tags":{"host":"a"}})";
const std::string details = R"({"success":1,"failed":1,"errors":[{"datapoint":{"metric":"m!","timestamp":1700000000,)"
                            R"("value":"42","tags":{"host":"a"}},"error":"Invalid metric name (\"m!\"): illegal )"
                            R"(character: !"}]})";

/// `good`, packed by `gzip -9n`.
std::string gzipped_good() {
    constexpr std::array<unsigned char, 80> bytes{
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xab, 0x56, 0xca, 0x4d, 0x2d, 0x29,
        0xca, 0x4c, 0x56, 0xb2, 0x52, 0xca, 0x55, 0xd2, 0x51, 0x2a, 0xc9, 0xcc, 0x4d, 0x2d, 0x2e, 0x49,
        0xcc, 0x2d, 0x50, 0xb2, 0x32, 0x34, 0x37, 0x80, 0x02, 0x1d, 0xa5, 0xb2, 0xc4, 0x9c, 0xd2, 0x54,
        0x25, 0x2b, 0x13, 0x23, 0xa0, 0x8a, 0xc4, 0xf4, 0x62, 0x25, 0xab, 0x6a, 0xa5, 0x8c, 0xfc, 0xe2,
        0x12, 0xa0, 0xa6, 0x44, 0xa5, 0xda, 0x5a, 0x00, 0x28, 0x68, 0x45, 0x79, 0x44, 0x00, 0x00, 0x00};
    return {bytes.begin(), bytes.end()};
}

std::string request(std::string_view target, std::string_view body, std::string_view headers = {}) {
    std::string text = "POST ";
    text.append(target).append(" HTTP/1.1\r\nHost: t\r\n").append(headers);
    text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n").append(body);
    return text;
}

struct Reply {
    std::string head;
    std::string body;
    [[nodiscard]] std::string status() const { return head.substr(9, 3); }
};

/// Reads one reply. Its head is empty if the connection ends instead.
Reply read_reply(const Peer& peer) {
    Reply reply{.head = peer.until("\r\n\r\n"), .body = {}};
    if (!reply.head.starts_with("HTTP/1.1 ")) {
        return {};
    }
    const std::string name = "Content-Length: ";
    if (const std::size_t at = reply.head.find(name); at != std::string::npos) {
        reply.body = peer.read(std::stoul(reply.head.substr(at + name.size())));
    }
    return reply;
}

Reply put(const FakeTsd& tsd, std::string_view target, std::string_view body, std::string_view headers = {}) {
    const Peer peer{tsd.port()};
    peer.say(request(target, body, headers));
    return read_reply(peer);
}

std::string both() { return "[" + good + "," + bad + "]"; }

/// Returns a good point of this size, with blanks.
std::string padded(std::size_t size) { return good + std::string(size - good.size(), ' '); }

} // namespace

TEST_CASE("OpenTSDB takes a point or several by HTTP, and remembers them as lines") {
    FakeTsd tsd;
    const Reply reply = put(tsd, "/api/put", good);
    CHECK(reply.head == "HTTP/1.1 204 No Content\r\nContent-Type: application/json; charset=UTF-8\r\n"
                        "Content-Length: 0\r\n\r\n");
    CHECK(put(tsd, "/api/put",
              "[" + good + R"(,{"metric":"n","timestamp":"1700000001","value":"1.5","tags":{"a":"b"}},)" +
                  R"({"metric":"n","timestamp":1700000002123,"value":0.25,"tags":{"b":"c","a":"b"}}])")
              .status() == "204");
    CHECK(tsd.lines() == Lines{"put m 1700000000 42 host=a", "put m 1700000000 42 host=a", "put n 1700000001 1.5 a=b",
                               "put n 1700000002123 0.25 b=c a=b"});
    CHECK(tsd.distinct() == 3);
    CHECK(tsd.received().requests == 2);
}

TEST_CASE("OpenTSDB stores the good points of a body and answers 400 for the bad ones") {
    FakeTsd tsd;
    const Reply plain = put(tsd, "/api/put", both());
    CHECK(plain.status() == "400");
    CHECK(plain.body == R"({"error":{"code":400,"message":"One or more data points had errors","details":)"
                        R"("Please see the TSD logs or append \"details\" to the put request"}})");
    CHECK(tsd.stored() == 1);
    CHECK(tsd.received().refused == 1);
    const Reply summary = put(tsd, "/api/put?summary", both());
    CHECK(summary.status() == "400");
    CHECK(summary.body == R"({"success":1,"failed":1})");
    const Reply named = put(tsd, "/api/put?sync&details=true", both());
    CHECK(named.status() == "400");
    CHECK(named.body == details);
    CHECK(put(tsd, "/api/put?details", good).body == R"({"success":1,"failed":0,"errors":[]})");
    CHECK(tsd.stored() == 4);
}

TEST_CASE("OpenTSDB has words of its own for bad points by HTTP") {
    FakeTsd tsd;
    const std::vector<std::pair<std::string, std::string>> cases{
        {R"({"timestamp":1700000000,"value":1,"tags":{"a":"b"}})", "Metric name was empty"},
        {R"({"metric":"m","timestamp":0,"value":1,"tags":{"a":"b"}})", "Invalid timestamp"},
        {R"({"metric":"m","timestamp":1700000000,"value":null,"tags":{"a":"b"}})", "Empty value"},
        {R"({"metric":"m","timestamp":1700000000,"value":1})", "Missing tags"},
        {R"({"metric":"m","timestamp":1700000000,"value":"abc","tags":{"a":"b"}})",
         "Unable to parse value to a number"},
    };
    for (const auto& [point, message] : cases) {
        CHECK_THAT(put(tsd, "/api/put?details", point).body, ContainsSubstring("\"error\":\"" + message + "\""));
    }
    CHECK(tsd.stored() == 0);
}

TEST_CASE("OpenTSDB accepts more than JSON, and takes a number from its text") {
    FakeTsd tsd;
    const auto point = [](const std::string& timestamp, const std::string& value) {
        return R"({"metric":"m","timestamp":)" + timestamp + R"(,"value":)" + value + R"(,"tags":{"a":"b"}})";
    };
    for (const char* const number : {"1.0", "1", "1E5", "-0.0", "-0", "0.30000000000000004", "9223372036854775807"}) {
        CHECK(put(tsd, "/api/put?details", point("1700000000", number) + "xx").status() == "200");
        CHECK(tsd.contains(std::string{"put m 1700000000 "} + number + " a=b"));
    }
    CHECK(tsd.stored() == 7);
    CHECK(put(tsd, "/api/put?details", point("1700000000.9", "1")).status() == "200");
    CHECK(tsd.contains("put m 1700000000 1 a=b"));
    CHECK(put(tsd, "/api/put?details", point("5000000000000", "1")).status() == "200");
    CHECK(tsd.contains("put m 705032704000 1 a=b"));
    tsd.clear();
    for (const char* const number : {"NaN", "-INF", "99999999999999999999", "9223372036854775808", "true"}) {
        const Reply reply = put(tsd, "/api/put?details", "[" + good + "," + point("1700000000", number) + "]");
        CHECK_THAT(reply.body, ContainsSubstring(R"({"success":1,"failed":1,"errors":[{"datapoint":{"metric":"m",)"
                                                 R"("timestamp":1700000000,"value":")" +
                                                 std::string{number} + R"(","tags":{"a":"b"}},"error":")" +
                                                 "Unable to parse value to a number\"}]}"));
    }
    CHECK(tsd.distinct() == 1);
    tsd.clear();
    for (const auto& [timestamp, value] :
         {std::pair{R"("now")", "1"}, std::pair{R"("1700000000.5")", "1"}, std::pair{"1700000000", "007"},
          std::pair{"1700000000", ".5"}, std::pair{"1700000000", "1."}, std::pair{"1700000000", "[1]"}}) {
        CAPTURE(timestamp, value);
        const Reply reply = put(tsd, "/api/put?details", "[" + good + "," + point(timestamp, value) + "]");
        CHECK(reply.status() == "400");
        CHECK_THAT(reply.body, ContainsSubstring("Unable to parse the given JSON"));
    }
    CHECK(tsd.stored() == 0);
}

TEST_CASE("OpenTSDB explains unreadable requests, and refuses unknown paths and methods") {
    FakeTsd tsd;
    CHECK_THAT(put(tsd, "/api/put", "").body, ContainsSubstring("Missing request content"));
    CHECK_THAT(put(tsd, "/api/put", "put m").body, ContainsSubstring("The JSON must start as an object or an array"));
    CHECK_THAT(put(tsd, "/api/put", "[]").body, ContainsSubstring("No datapoints found in content"));
    CHECK_THAT(put(tsd, "/api/put", "{]").body, ContainsSubstring("Unable to parse the given JSON"));
    CHECK(put(tsd, "/api/putt", "{}").body == R"({"error":{"code":404,"message":"Endpoint not found"}})");
    CHECK_THAT(put(tsd, "/nothing", "{}").body, ContainsSubstring("<h1>Page Not Found</h1>"));
    CHECK(put(tsd, "/api/put/", good).status() == "204");
    CHECK(put(tsd, "/api/v1/put", good).status() == "204");
    const Peer peer{tsd.port()};
    peer.say("GET /api/put HTTP/1.1\r\n\r\n");
    CHECK(read_reply(peer).status() == "405");
    peer.say("DELETE /api/put HTTP/1.1\r\n\r\n");
    CHECK_THAT(read_reply(peer).body, ContainsSubstring("The HTTP method [DELETE] is not permitted"));
    peer.say("GET /api/version HTTP/1.1\r\n\r\n");
    CHECK_THAT(read_reply(peer).body, ContainsSubstring("\"version\":\"BuildData\""));
}

TEST_CASE("A connection is kept, and answers come in the order of the requests") {
    FakeTsd tsd;
    const Peer peer{tsd.port()};
    peer.say(request("/api/put", good) + request("/api/put", bad) + request("/api/put?summary", good));
    CHECK(read_reply(peer).status() == "204");
    CHECK(read_reply(peer).status() == "400");
    CHECK(read_reply(peer).status() == "200");
    peer.say(request("/api/put", good, "Connection: close\r\n"));
    CHECK(peer.rest() == "HTTP/1.1 204 No Content\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n");
    CHECK(tsd.connections() == 1);
    CHECK(tsd.stored() == 3);
}

TEST_CASE("OpenTSDB takes bodies of 8192 bytes, none larger, none in chunks, none with Expect") {
    FakeTsd tsd;
    const Peer peer{tsd.port()};
    peer.say(request("/api/put", padded(8192)));
    CHECK(read_reply(peer).status() == "204");
    peer.say(request("/api/put", padded(8193)));
    const Reply large = read_reply(peer);
    CHECK(large.status() == "400");
    CHECK_THAT(large.head, ContainsSubstring("Content-Type: text/html; charset=UTF-8\r\n"));
    CHECK_THAT(large.body, ContainsSubstring("<blockquote>Chunked request not supported.</blockquote>"));
    peer.say("POST /api/put HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n");
    CHECK(read_reply(peer).status() == "400");
    peer.say("POST /api/put HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    CHECK(read_reply(peer).status() == "400"); // before the body
    peer.say("[]" + request("/api/put", good));
    CHECK(read_reply(peer).status() == "204"); // the connection remains usable
    CHECK(tsd.stored() == 2);
    const std::vector<HttpRequest> requests = tsd.requests();
    REQUIRE(requests.size() == 5);
    CHECK(requests[1].wire_size == 8193);
    CHECK(requests[1].status == 400);
    CHECK(requests[2].chunked);
    CHECK(requests[3].expects_continue);
    CHECK(requests[4].body == good);
}

TEST_CASE("The largest body and the answer to larger ones can be set") {
    FakeTsd tsd{{.faults = {.max_body = 100, .large_body_status = 413}}};
    CHECK(put(tsd, "/api/put", padded(100)).status() == "204");
    CHECK(put(tsd, "/api/put", padded(101)).status() == "413");
    tsd.set_faults({.max_body = 100, .large_body_status = 0});
    CHECK(Peer{tsd.port()}.ask(request("/api/put", padded(101))).empty());
    tsd.set_faults({.max_body = 1'000'000});
    CHECK(put(tsd, "/api/put", padded(1'000'000)).status() == "204");
}

TEST_CASE("Compressed bodies are unpacked, and OpenTSDB hangs up on broken ones") {
    FakeTsd tsd;
    const std::string packed = gzipped_good();
    CHECK(put(tsd, "/api/put", packed, "Content-Encoding: gzip\r\nAuthorization: Basic x\r\n").status() == "204");
    CHECK(tsd.contains("put m 1700000000 42 host=a"));
    const HttpRequest request_seen = tsd.requests().at(0);
    CHECK(request_seen.encoding == "gzip");
    CHECK(request_seen.body == good);
    CHECK(request_seen.wire_size == packed.size());
    CHECK(request_seen.authorization == "Basic x");
    const std::string broken = packed.substr(0, packed.size() / 2);
    CHECK(put(tsd, "/api/put", broken, "Content-Encoding: gzip\r\n").head.empty());
    FakeTsd influx{{.personality = Personality::influxdb}};
    CHECK(put(influx, "/api/put", broken, "Content-Encoding: gzip\r\n").body ==
          "could not read gzip, unexpected EOF\n");
}

TEST_CASE("Requests are answered by a status, with Retry-After, a number of times") {
    for (const unsigned status : {400U, 401U, 403U, 404U, 413U, 429U, 500U, 503U}) {
        FakeTsd tsd{{.faults = {.http = {.status = status, .requests = 2, .retry_after = std::chrono::seconds{7}}}}};
        const Peer peer{tsd.port()};
        for (int i = 0; i < 2; ++i) {
            peer.say(request("/api/put?details", good));
            const Reply reply = read_reply(peer);
            CHECK(reply.status() == std::to_string(status));
            CHECK_THAT(reply.head, ContainsSubstring("Retry-After: 7\r\n"));
            CHECK_THAT(reply.body, ContainsSubstring("\"code\":" + std::to_string(status)));
        }
        CHECK(tsd.stored() == 0);
        peer.say(request("/api/put", good));
        CHECK(read_reply(peer).status() == "204");
        CHECK(tsd.stored() == 1);
        CHECK(tsd.received().refused == 2);
    }
}

TEST_CASE("An answer of 200 may say that all points failed") {
    FakeTsd tsd{{.faults = {.http = {.status = 200}}}};
    CHECK(put(tsd, "/api/put?summary", both()).body == R"({"success":0,"failed":2})");
    CHECK_THAT(put(tsd, "/api/put?details", good).body, ContainsSubstring("\"error\":\"Storage exception"));
    CHECK(tsd.stored() == 0);
}

TEST_CASE("Points that the storage refuses show with sync only, unknown metrics always") {
    FakeTsd tsd{{.faults = {.refuse = Refusal::hbase_error}}};
    CHECK(put(tsd, "/api/put", good).status() == "204");
    const Reply reply = put(tsd, "/api/put?sync&summary", good);
    CHECK(reply.status() == "200");
    CHECK(reply.body == R"({"success":0,"failed":1})");
    tsd.set_faults({.refuse = Refusal::throttle});
    CHECK_THAT(put(tsd, "/api/put?sync&details", good).body, ContainsSubstring("Please throttle"));
    CHECK(tsd.stored() == 0);
    CHECK(tsd.received().refused == 3);
    tsd.set_faults(
        {.refuse = Refusal::unknown_metric, .refuse_if = [](std::string_view metric) { return metric == "m!"; }});
    CHECK(put(tsd, "/api/put?summary", "[" + good + "," + good + "]").status() == "200");
    tsd.set_faults(
        {.refuse = Refusal::unknown_metric, .refuse_if = [](std::string_view metric) { return metric == "m"; }});
    const Reply unknown = put(tsd, "/api/put?details", good);
    CHECK(unknown.status() == "400");
    CHECK_THAT(unknown.body, ContainsSubstring("Unknown metric"));
    tsd.set_faults({.refuse = Refusal::unauthorized});
    CHECK(put(tsd, "/api/put", good).status() == "401");
    tsd.set_faults({.refuse = Refusal::read_only});
    CHECK(put(tsd, "/api/put", good).status() == "404");
    CHECK(tsd.stored() == 2);
}

TEST_CASE("A request can be stored and its answer be lost with the connection") {
    FakeTsd tsd{{.faults = {.breakage = {.how = Break::close, .after_lines = 1, .connections = 1}}}};
    CHECK(put(tsd, "/api/put", good).head.empty());
    CHECK(tsd.stored() == 1);
    CHECK(put(tsd, "/api/put", good).status() == "204");
    CHECK(tsd.received().duplicates == 1);
}

TEST_CASE("VictoriaMetrics answers 204 whatever it drops") {
    FakeTsd tsd{{.personality = Personality::victoria_metrics}};
    const std::string abc = R"({"metric":"m","timestamp":1700000000,"value":"abc","tags":{"host":"a"}})";
    CHECK(put(tsd, "/api/put?details", "[" + good + "," + abc + "," + bad + "]").head ==
          "HTTP/1.1 204 No Content\r\n\r\n");
    CHECK(tsd.stored() == 2);
    CHECK(tsd.received().refused == 1);
    CHECK(put(tsd, "/api/put", R"({"metric":"m","timestamp":1700000000123,"value":1,"tags":{"a":"b"}})").status() ==
          "204");
    CHECK(tsd.contains("put m 1700000000123 1 a=b"));
    CHECK(put(tsd, "/api/put", "nonsense").status() == "400");
    CHECK(put(tsd, "/api/version", "").body == "unexpected path requested on HTTP OpenTSDB server: \"/api/version\"\n");
    CHECK(put(tsd, "/api/put", padded(10'000'000)).status() == "204");
    const Peer peer{tsd.port()};
    peer.say("POST /api/put HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 69\r\n\r\n");
    CHECK(peer.until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
}

TEST_CASE("InfluxDB refuses a whole body for one bad point, and stores nothing of it") {
    FakeTsd tsd{{.personality = Personality::influxdb}};
    const std::string text = R"({"metric":"m","timestamp":1700000000,"value":"42","tags":{"host":"a"}})";
    const Reply reply = put(tsd, "/api/put", "[" + good + "," + text + "]");
    CHECK(reply.status() == "400");
    CHECK(reply.body == "json array decode error\n");
    CHECK(tsd.stored() == 0);
    CHECK(put(tsd, "/api/put", "[" + good + "]").status() == "204");
    CHECK(put(tsd, "/api/put", "").body == "peek error: EOF\n");
    CHECK(put(tsd, "/api/version", "").status() == "404");
    CHECK(tsd.stored() == 1);
}

TEST_CASE("A silent server reads requests and answers none") {
    FakeTsd tsd{{.personality = Personality::silent}};
    const Peer peer{tsd.port()};
    CHECK(peer.ask(request("/api/put", good)).empty());
    CHECK(tsd.stored() == 1);
}

TEST_CASE("Input that is not HTTP ends the connection, at OpenTSDB without an answer") {
    FakeTsd tsd;
    CHECK(Peer{tsd.port()}.ask("VERSION\r\n\r\n").empty());
    CHECK(Peer{tsd.port()}.ask("PUT m 1700000000 1 a=b\n\n").empty());
    CHECK(Peer{tsd.port()}.ask("GET /" + std::string(5000, 'x') + " HTTP/1.1\r\n\r\n").empty());
    FakeTsd other{{.personality = Personality::victoria_metrics}};
    CHECK(Peer{other.port()}.ask("VERSION\r\n\r\n").starts_with("HTTP/1.1 400 Bad Request\r\n"));
}
