// SPDX-License-Identifier: MIT
// The request for a target's version: whatever the answer, the points arrive, and their acknowledgements are honest.
#include <atomic>
#include <chrono>
#include <string>
#include <utility>

#include <support/catch.hpp>
#include <support/process.hpp>
#include <support/pushing.hpp>
#include <support/tcp_server.hpp>
#include <support/temporary_directory.hpp>

namespace {

using namespace std::chrono_literals;
using namespace tickertape;
using Catch::Matchers::ContainsSubstring;
using testkit::FakeTsd;
using testkit::Personality;

/// A target that answers the question in a given way, and accepts all points.
class Asked {
public:
    explicit Asked(std::string answer) : answer_{std::move(answer)} {}

    void serve(test::Guest& guest) {
        for (std::string text; !(text = guest.hear()).empty();) {
            if (text.starts_with("GET ")) {
                ++questions_;
                if (answer_.empty()) {
                    return;
                }
                if (answer_ != "silence") {
                    guest.say(answer_);
                }
            } else {
                asks_sync_ = asks_sync_ || text.find("?sync&") != std::string::npos;
                guest.say("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n");
            }
        }
    }

    [[nodiscard]] int questions() const { return questions_; }
    [[nodiscard]] bool asks_sync() const { return asks_sync_; }

private:
    std::string answer_;
    std::atomic<int> questions_{0};
    std::atomic<bool> asks_sync_{false};
};

std::string answer(const std::string& status, const std::string& body) {
    return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

} // namespace

TEST_CASE("HTTP: the points arrive whatever a target answers to the question for its version") {
    const auto [reply, is_opentsdb] = GENERATE(table<std::string, bool>({
        {answer("200 OK", R"({"short_revision":"","repo":"","host":"h","version":"2.4.1","repo_status":"MODIFIED"})"),
         true},
        {answer("200 OK", R"({"version":"9.9"})"), false},
        {answer("200 OK", "<html>login</html>"), false},
        {answer("200 OK", ""), false},
        {answer("404 Not Found", "404 page not found\n"), false},
        {answer("401 Unauthorized", ""), false},
        {answer("503 Service Unavailable", ""), false},
        {"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", false},
        {"SSH-2.0-OpenSSH_9.2\r\n", false},
        {"", false}, // it hangs up
        {"silence", false},
    }));
    CAPTURE(reply);
    Asked asked{reply};
    const test::TcpServer server{[&asked](test::Guest& guest) { asked.serve(guest); }};
    const auto points = test::some_points(20);
    const test::Pushed pushed = test::push_http("http://" + server.address(), points, {.connections = 1});
    test::check_accounts(pushed, points.size());
    CHECK(pushed.account.acked == points.size());
    CHECK(pushed.account.resent == 0);
    CHECK(pushed.status.targets.at(0).failures == 0);
    CHECK(asked.questions() == 1);
    CHECK(asked.asks_sync() == is_opentsdb);
}

TEST_CASE("tickertape push: a line arrives by HTTP as it does by telnet") {
    const test::TemporaryDirectory directory;
    const std::string host = " host=" + std::string(90, 'h');
    directory.write("lines", "put t.ms 1700000000.250 1 a=b\n"
                             "put t.point 1700000000. 1 a=b\n"
                             "put v.a 1700000000 0.5 a=b\n"
                             "put v.b 1700000000 1.0 a=b\n"
                             "put v.c 1700000000 1e5 a=b\n"
                             "put v.d 1700000000 -0.0 a=b\n"
                             "put v.e 1700000000 +7 z=1 a=b\n"
                             "put v.f 1700000000 5. a=b\n"
                             "put v.g 1700000000 .5E3 a=b\n"
                             "put v.h 1700000000 100000000000000000000 a=b\n"
                             "put long." +
                                 std::string(800, 'x') + " 1700000000 1" + host + "\n");
    const auto push = [&directory](const FakeTsd& tsd, const std::string& scheme) {
        const test::Result result = test::run(
            {.program = test::collector("tickertape"),
             .arguments = {"push", scheme + tsd.address(), "--deadline", "30", (directory.path() / "lines").string()}});
        CAPTURE(result.err);
        CHECK(result.ended == test::exit_0);
    };
    const FakeTsd by_telnet;
    push(by_telnet, "tsd://");
    const FakeTsd by_http;
    push(by_http, "http://");
    const FakeTsd by_http_elsewhere{{.personality = Personality::victoria_metrics}};
    push(by_http_elsewhere, "http://");
    for (const char* const line : {"v.a 1700000000 0.5 a=b", "v.b 1700000000 1.0 a=b", "v.c 1700000000 1e5 a=b",
                                   "v.d 1700000000 -0.0 a=b", "v.f 1700000000 5.0 a=b", "v.g 1700000000 0.5e3 a=b",
                                   "v.h 1700000000 1e+20 a=b", "t.point 1700000000 1 a=b"}) {
        CAPTURE(line);
        const std::string put = std::string{"put "} + line;
        CHECK(by_telnet.contains(put));
        CHECK(by_http.contains(put));
        CHECK(by_http_elsewhere.contains(put));
    }
    CHECK(by_telnet.contains("put t.ms 1700000000.250 1 a=b"));
    CHECK(by_http.contains("put t.ms 1700000000250 1 a=b"));
    CHECK(by_telnet.contains("put v.e 1700000000 7 z=1 a=b"));
    CHECK(by_http.contains("put v.e 1700000000 7 a=b z=1"));
    CHECK(by_telnet.distinct() == 11);
    CHECK(by_http.distinct() == 11);
}

TEST_CASE("tickertape push: milliseconds after 2106 are rejected as bad_time") {
    const test::TemporaryDirectory directory;
    directory.write("lines",
                    "put last 4294967295999 1 a=b\nput far 4294967296000 1 a=b\nput far 5000000000000 1 a=b\n");
    const std::string scheme = GENERATE("tsd://", "http://");
    const FakeTsd tsd;
    const test::Result result =
        test::run({.program = test::collector("tickertape"),
                   .arguments = {"push", scheme + tsd.address(), (directory.path() / "lines").string()}});
    CHECK(result.ended.code == 1);
    CHECK_THAT(result.err, ContainsSubstring("1 acknowledged, 0 unconfirmed, 2 rejected, 0 dropped"));
    CHECK_THAT(result.err, ContainsSubstring("first: 'put far 4294967296000 1 a=b'"));
    CHECK(tsd.lines() == std::vector<std::string>{"put last 4294967295999 1 a=b"});
}

TEST_CASE("tickertape push compresses for a target on this machine on request, or if that takes small requests only") {
    const auto [flag, personality, first, last] =
        GENERATE(table<std::string, testkit::Personality, std::string, std::string>({
            {"", testkit::Personality::victoria_metrics, "", ""},
            {"", testkit::Personality::opentsdb, "", "gzip"},
            {"--gzip", testkit::Personality::victoria_metrics, "gzip", "gzip"},
            {"--no-gzip", testkit::Personality::opentsdb, "", ""},
        }));
    CAPTURE(flag, first);
    const test::TemporaryDirectory directory;
    std::string text;
    for (int i = 0; i < 2000; ++i) {
        text.append("put m ").append(std::to_string(1'700'000'000 + i)).append(" 1 b=c a=b\n");
    }
    directory.write("lines", text);
    const FakeTsd tsd{{.personality = personality}};
    std::vector<std::string> arguments{"push", test::http(tsd), (directory.path() / "lines").string()};
    if (!flag.empty()) {
        arguments.push_back(flag);
    }
    CHECK(test::run({.program = test::collector("tickertape"), .arguments = arguments}).ended == test::exit_0);
    CHECK(tsd.lines().size() == 2000);
    CHECK(tsd.contains("put m 1700001999 1 a=b b=c"));
    CHECK(tsd.requests().front().encoding == first);
    CHECK(tsd.requests().back().encoding == last);
}

TEST_CASE("tickertape push and collectors: --no-sync and --sync") {
    const auto [flag, target] = GENERATE(std::pair<std::string, std::string>{"--no-sync", "/api/put?details"},
                                         std::pair<std::string, std::string>{"--sync", "/api/put?sync&details"},
                                         std::pair<std::string, std::string>{"", "/api/put?sync&details"});
    const test::TemporaryDirectory directory;
    directory.write("lines", "put m 1700000000 1 a=b\n");
    const auto with_flag = [&flag = flag](std::vector<std::string> arguments) {
        if (!flag.empty()) {
            arguments.push_back(flag);
        }
        return arguments;
    };
    const FakeTsd tsd;
    CHECK(test::run({.program = test::collector("tickertape"),
                     .arguments = with_flag({"push", test::http(tsd), (directory.path() / "lines").string()})})
              .ended == test::exit_0);
    CHECK(tsd.requests().at(0).target == target);
    if (flag != "--sync") {
        const FakeTsd other;
        CHECK(test::run({.program = test::collector("uptime"),
                         .arguments = with_flag({"--once", "--tsd", test::http(other)})})
                  .ended == test::exit_0);
        CHECK(other.requests().at(0).target == target);
    }
}
