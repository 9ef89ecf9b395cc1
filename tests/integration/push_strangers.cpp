// SPDX-License-Identifier: MIT
// `tickertape push` to servers that are no TSDs: nothing is acknowledged, all is kept, and one message names the likely kind of server.
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <support/catch.hpp>
#include <support/long_time.hpp>
#include <support/process.hpp>
#include <support/tcp_server.hpp>

namespace {

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using test::Guest;
using test::long_time;
using test::Result;
using test::TcpServer;

/// Five lines.
Result push(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"push", "--deadline", "1"});
    test::Process process{{.program = std::filesystem::path{TICKERTAPE_BIN_DIR} / "tickertape",
                           .arguments = std::move(arguments),
                           .in = test::Pipe{}}};
    for (int i = 0; i < 5; ++i) {
        process.in.write("put m " + std::to_string(1'700'000'000 + i) + " 1 host=h\n");
    }
    process.in.close();
    return test::finish(process, long_time);
}

struct Stranger {
    const char* looks_like;
    std::function<void(Guest&)> serve;
};

std::function<void(Guest&)> answers_each_line(const std::string& answer) {
    return [answer](Guest& guest) {
        for (std::string line; guest.line(line) && guest.say(answer);) {
        }
    };
}

std::function<void(Guest&)> answers_once(const std::string& answer) {
    return [answer](Guest& guest) {
        (void)guest.hear();
        guest.say(answer);
        while (!guest.hear().empty()) {
        }
    };
}

std::function<void(Guest&)> greets(const std::string& greeting, const std::string& answer) {
    return [greeting, answer](Guest& guest) {
        guest.say(greeting);
        answers_each_line(answer)(guest);
    };
}

const std::vector<Stranger>& strangers() {
    using namespace std::string_literals;
    static const std::vector<Stranger> all{
        {"a web server", answers_once("<html>\r\n<head><title>400 Bad Request</title></head>\r\n</html>\r\n")},
        {"a web server", answers_once("HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\nno\n")},
        {"an SSH server", greets("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "Invalid SSH identification string.\r\n")},
        {"a mail or file server", greets("220 mail.example ESMTP\r\n", "500 5.5.2 Error: bad syntax\r\n")},
        {"a Redis", answers_each_line("-ERR unknown command 'put', with args beginning with: 'a'\r\n")},
        {"a memcached", answers_each_line("ERROR\r\n")},
        {"something that sends back what it gets",
         [](Guest& guest) {
             for (std::string part; !(part = guest.hear()).empty();) {
                 guest.say(part);
             }
         }},
        {"a port with TLS", answers_once("\x15\x03\x01\0\x02\x02\x0a"s)},
        {"a port with TLS", answers_once("\x15\x03\x03\0\x02\x02\x16"s)}, // without anything like a line end
        {"a MySQL", greets("\x4a\0\0\0\x0a"
                           "5.7.30\0"s,
                           "\x21\0\0\x01\xff\x84\x04#08S01Got packets out of order"s)},
        {"no telnet port of a TSD", answers_each_line("what?\n")},
        {"no telnet port of a TSD", answers_once("what?")},
        {"no telnet port of a TSD", answers_once(std::string(100'000, 'x'))},
    };
    return all;
}

} // namespace

TEST_CASE("push acknowledges nothing to a server that is no TSD, and names the likely kind of server") {
    for (const Stranger& stranger : strangers()) {
        CAPTURE(stranger.looks_like);
        const TcpServer server{stranger.serve};
        const Result ran = push({server.address()});
        CHECK(ran.ended == test::Ended{.code = 4});
        CHECK_THAT(ran.err, ContainsSubstring("5 lines: 0 acknowledged, 0 unconfirmed, 0 rejected, 5 dropped"));
        CHECK_THAT(ran.err, ContainsSubstring("tickertape: tsd://" + server.address() + ": ") &&
                                ContainsSubstring(": given up\n"));
        CHECK_THAT(ran.err, ContainsSubstring(stranger.looks_like));
    }
}

TEST_CASE("push acknowledges nothing for a 200 without a TSD's count of stored points") {
    const std::string body = GENERATE("", "OK", "<html>login</html>", R"({"success":0,"failed":0,"errors":[]})",
                                      R"({"success":2,"failed":0,"errors":[]})",
                                      R"({"success":18446744073709551615,"failed":-1,"errors":[]})");
    const std::string scheme = GENERATE("http", "influx");
    CAPTURE(scheme, body);
    const TcpServer server{[&body](Guest& guest) {
        for (std::string request; guest.request(request);) {
            guest.say("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
        }
    }};
    const Result ran = push({scheme + "://" + server.address() + (scheme == "influx" ? "/db" : "")});
    CHECK(ran.ended == test::Ended{.code = 4});
    CHECK_THAT(ran.err, ContainsSubstring("5 lines: 0 acknowledged, 0 unconfirmed, 0 rejected, 5 dropped"));
    CHECK_THAT(ran.err, ContainsSubstring(": given up\n"));
    CHECK_THAT(ran.err, ContainsSubstring("it answers, but not as "));
}
