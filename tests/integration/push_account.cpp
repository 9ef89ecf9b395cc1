// SPDX-License-Identifier: MIT
// The table of exit codes in sdk/docs/pushing.md, cell by cell: `tickertape push` of twenty lines, of which three have the metric
// `bad`, to each kind of server.
#include <algorithm>
#include <filesystem>
#include <functional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <support/catch.hpp>
#include <support/long_time.hpp>
#include <support/process.hpp>
#include <support/tcp_server.hpp>
#include <support/unzip.hpp>

namespace {

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using test::Guest;
using test::long_time;
using test::Result;
using test::TcpServer;

constexpr std::string_view version_answer =
    "net.opentsdb.tools 2.4.1 built at revision abc (MINT)\nBuilt on 2026/11/01 by root@build:/opentsdb\n";

Result push(const std::string& target, bool is_empty) {
    test::Process process{{.program = std::filesystem::path{TICKERTAPE_BIN_DIR} / "tickertape",
                           .arguments = {"push", "--deadline", "1", target},
                           .in = test::Pipe{}}};
    std::string lines; // in one write, so that they are in one batch
    for (int i = 0; i < (is_empty ? 0 : 20); ++i) {
        lines +=
            "put " + std::string{i % 7 == 5 ? "bad" : "good"} + " " + std::to_string(1'700'000'000 + i) + " 1 host=h\n";
    }
    process.in.write(lines);
    process.in.close();
    return test::finish(process, long_time);
}

/// Serves a telnet port that answers each put line by `answer`, and `version` like OpenTSDB.
std::function<void(Guest&)> telnet(std::function<std::string(std::string_view line)> answer) {
    return [answer = std::move(answer)](Guest& guest) {
        for (std::string line; guest.line(line);) {
            guest.say(line == "version" ? std::string{version_answer} : answer(line));
        }
    };
}

bool is_bad(std::string_view text) { return text.find("bad") != std::string_view::npos; }

std::string reply(const std::string& status, const std::string& body = {}) {
    return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

constexpr const char* stored = "HTTP/1.1 204 No Content\r\n\r\n";

/// Serves an HTTP port that answers each body by `answer`; an empty answer ends the connection.
std::function<void(Guest&)> http(std::function<std::string(const std::string& body)> answer) {
    return [answer = std::move(answer)](Guest& guest) {
        for (std::string body; guest.request(body);) {
            const std::string text = answer(test::unzip(body));
            if (text.empty() || !guest.say(text)) {
                return;
            }
        }
    };
}

std::function<void(Guest&)> always(const std::string& status, const std::string& body = {}) {
    return http([=](const std::string&) { return reply(status, body); });
}

/// Returns the objects of an array.
std::vector<std::string> objects(const std::string& body) {
    std::vector<std::string> all;
    for (std::size_t at = body.find("{\"metric\""); at != std::string::npos;) {
        const std::size_t next = body.find("{\"metric\"", at + 1);
        all.push_back(body.substr(at, body.find("}}", at) + 2 - at));
        at = next;
    }
    return all;
}

/// Answers like OpenTSDB with `?details`.
std::function<void(Guest&)> details(const std::string& error, bool all) {
    return http([=](const std::string& body) {
        std::string errors;
        std::size_t failed = 0;
        const auto points = objects(body);
        for (const std::string& object : points) {
            if (all || is_bad(object)) {
                errors += (errors.empty() ? "" : ",") + ("{\"datapoint\":" + object + ",\"error\":\"" + error + "\"}");
                ++failed;
            }
        }
        return reply(failed > 0 ? "400 Bad Request" : "200 OK",
                     "{\"success\":" + std::to_string(points.size() - failed) +
                         ",\"failed\":" + std::to_string(failed) + ",\"errors\":[" + errors + "]}");
    });
}

/// Answers like InfluxDB, whose storage leaves some points out.
std::string partial(const std::string& body, bool all) {
    std::size_t bad = 0;
    std::istringstream lines{body};
    for (std::string line; std::getline(lines, line);) {
        bad += all || is_bad(line) ? 1 : 0;
    }
    return bad == 0 ? stored
                    : reply("400 Bad Request",
                            "{\"error\":\"partial write: field type conflict dropped=" + std::to_string(bad) + "\"}");
}

void swallow(Guest& guest) {
    while (!guest.hear().empty()) {
    }
}

struct Cell {
    const char* protocol;
    const char* what;
    std::function<void(Guest&)> serve;
    const char* account;
    int code;
};

const std::vector<Cell>& cells() {
    static const auto nothing = [](std::string_view) { return std::string{}; };
    static const auto says = [](const char* text) { return [text](std::string_view) { return std::string{text}; }; };
    static const std::vector<Cell> all{
        {"telnet", "stores all", telnet(nothing), "20 acknowledged, 0 unconfirmed, 0 rejected, 0 dropped", 0},
        {"telnet", "refuses some", telnet([](std::string_view line) {
             return std::string{is_bad(line) ? "put: illegal argument: Invalid tag\n" : ""};
         }),
         "17 acknowledged, 0 unconfirmed, 3 rejected, 0 dropped", 1},
        {"telnet", "refuses all", telnet(says("put: illegal argument: no\n")),
         "0 acknowledged, 0 unconfirmed, 1 rejected, 19 dropped", 4},
        {"telnet", "unknown metrics", telnet([](std::string_view line) {
             return "put: unknown metric: No such name for 'metrics': '" +
                    std::string{line.substr(4, line.find(' ', 4) - 4)} + "'\n";
         }),
         "0 acknowledged, 0 unconfirmed, 20 rejected, 0 dropped", 4},
        {"telnet", "read-only", telnet(says("unknown command: put.  Try `help'.\n")),
         "0 acknowledged, 0 unconfirmed, 0 rejected, 20 dropped", 4},
        {"telnet", "throttled", telnet(says("put: Please throttle writes: 10000 RPCs waiting\n")),
         "0 acknowledged, 0 unconfirmed, 0 rejected, 20 dropped", 4},
        {"telnet", "storage fails", telnet(says("put: HBase error: no region server\n")),
         "0 acknowledged, 0 unconfirmed, 0 rejected, 20 dropped", 4},
        {"telnet", "no TSD", telnet(says("-ERR unknown command 'put'\n")),
         "0 acknowledged, 0 unconfirmed, 0 rejected, 20 dropped", 4},
        {"telnet", "silence",
         [](Guest& guest) {
             swallow(guest);
             guest.stay();
         },
         "0 acknowledged, 1 unconfirmed, 0 rejected, 19 dropped", 1},
        {"telnet", "VictoriaMetrics stores all", swallow, "20 acknowledged, 0 unconfirmed, 0 rejected, 0 dropped", 0},

        {"http", "stores all", http([](const std::string&) { return std::string{stored}; }),
         "20 acknowledged, 0 unconfirmed, 0 rejected, 0 dropped", 0},
        {"http", "refuses some", details("Unable to parse value to a number", false),
         "17 acknowledged, 0 unconfirmed, 3 rejected, 0 dropped", 1},
        {"http", "refuses some, and does not say which", http([](const std::string& body) {
             return is_bad(body) ? reply("400 Bad Request", "json array decode error") : std::string{stored};
         }),
         "17 acknowledged, 0 unconfirmed, 3 rejected, 0 dropped", 1},
        {"http", "refuses all", details("Unable to parse value to a number", true),
         "0 acknowledged, 0 unconfirmed, 0 rejected, 20 dropped", 4},
        {"http", "refuses all, and does not say which", always("400 Bad Request", "bad"),
         "0 acknowledged, 0 unconfirmed, 0 rejected, 20 dropped", 4},
        {"http", "unknown metrics", details("Unknown metric", true),
         "0 acknowledged, 0 unconfirmed, 20 rejected, 0 dropped", 4},
        {"http", "read-only", always("404 Not Found"), "0 acknowledged, 0 unconfirmed, 0 rejected, 20 dropped", 4},
        {"http", "throttled", always("429 Too Many Requests"), "0 acknowledged, 0 unconfirmed, 0 rejected, 20 dropped",
         4},
        {"http", "busy", always("503 Service Unavailable"), "0 acknowledged, 0 unconfirmed, 0 rejected, 20 dropped", 4},
        {"http", "5xx", always("500 Internal Server Error"), "0 acknowledged, 0 unconfirmed, 0 rejected, 20 dropped",
         4},
        {"http", "wrong path", always("400 Bad Request", "unexpected path requested on HTTP OpenTSDB server"),
         "0 acknowledged, 0 unconfirmed, 0 rejected, 20 dropped", 4},
        {"http", "no TSD", always("200 OK", "<html>"), "0 acknowledged, 0 unconfirmed, 0 rejected, 20 dropped", 4},
        {"http", "no HTTP",
         [](Guest& guest) {
             (void)guest.hear();
             guest.say("SSH-2.0-OpenSSH_9.2\r\n");
             swallow(guest);
         },
         "0 acknowledged, 0 unconfirmed, 0 rejected, 20 dropped", 4},
        {"http", "hang-up", http([](const std::string&) { return std::string{}; }),
         "0 acknowledged, 20 unconfirmed, 0 rejected, 0 dropped", 3},
        {"http", "silence", swallow, "0 acknowledged, 20 unconfirmed, 0 rejected, 0 dropped", 3},

        {"influx", "stores all", http([](const std::string&) { return std::string{stored}; }),
         "20 acknowledged, 0 unconfirmed, 0 rejected, 0 dropped", 0},
        {"influx", "refuses some", http([](const std::string& body) { return partial(body, false); }),
         "17 acknowledged, 0 unconfirmed, 3 rejected, 0 dropped", 1},
        {"influx", "refuses all", http([](const std::string& body) { return partial(body, true); }),
         "0 acknowledged, 0 unconfirmed, 20 rejected, 0 dropped", 4},
        {"influx", "read-only", always("403 Forbidden"), "0 acknowledged, 0 unconfirmed, 0 rejected, 20 dropped", 4},
        {"influx", "throttled", always("429 Too Many Requests"),
         "0 acknowledged, 0 unconfirmed, 0 rejected, 20 dropped", 4},
        {"influx", "5xx", always("500 Internal Server Error"), "0 acknowledged, 0 unconfirmed, 0 rejected, 20 dropped",
         4},
        {"influx", "wrong path", always("404 Not Found"), "0 acknowledged, 0 unconfirmed, 0 rejected, 20 dropped", 4},
        {"influx", "no TSD", always("200 OK"), "0 acknowledged, 0 unconfirmed, 0 rejected, 20 dropped", 4},
        {"influx", "hang-up", http([](const std::string&) { return std::string{}; }),
         "0 acknowledged, 20 unconfirmed, 0 rejected, 0 dropped", 3},
        {"influx", "silence", swallow, "0 acknowledged, 20 unconfirmed, 0 rejected, 0 dropped", 3},
    };
    return all;
}

} // namespace

TEST_CASE("push: the account and the exit code are those of the table, cell by cell") {
    for (const Cell& cell : cells()) {
        CAPTURE(cell.protocol, cell.what);
        const TcpServer server{cell.serve};
        const std::string target = std::string{cell.protocol} == "telnet" ? server.address()
                                   : std::string{cell.protocol} == "http" ? "http://" + server.address()
                                                                          : "influx://" + server.address() + "/db";
        const Result ran = push(target, false);
        CHECK_THAT(ran.err, ContainsSubstring(std::string{"20 lines: "} + cell.account));
        CHECK(ran.ended == test::Ended{.code = cell.code});
        // The report names a target that accepts nothing with the reason, and each refusal has an example.
        const bool is_given_up = cell.code == 4 || cell.code == 3 || std::string_view{cell.what} == "silence";
        CHECK((ran.err.find(": given up\n") != std::string::npos) == is_given_up);
        const std::size_t rejected = ran.err.find(": the receiver refused it: ");
        CHECK((rejected != std::string::npos) == (ran.err.find(" 0 rejected") == std::string::npos));
        const Result empty = push(target, true);
        CHECK(empty.ended == test::exit_0);
    }
}

TEST_CASE("push: a target that accepts and closes ends push in time, without an acknowledged line") {
    const TcpServer server{[](Guest&) {}};
    const Result ran = push(server.address(), false);
    CHECK_THAT(ran.err, ContainsSubstring("20 lines: 0 acknowledged") && ContainsSubstring(": given up\n"));
    const bool some_in_doubt = ran.err.find(" 0 unconfirmed") == std::string::npos;
    CHECK(ran.ended == test::Ended{.code = some_in_doubt ? 1 : 4});
}
