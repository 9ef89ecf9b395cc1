// SPDX-License-Identifier: MIT
#include <push/replies.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"
#include "support/seed.hpp"

using tickertape::push::describe;
using tickertape::push::is_transient;
using tickertape::push::refuses_a_point;
using tickertape::push::refuses_all;
using tickertape::push::reply_kinds;
using tickertape::push::ReplyKind;
using tickertape::push::ReplyReader;
using tickertape::push::stranger;

namespace {

struct Reply {
    ReplyKind kind;
    std::string text;

    friend bool operator==(const Reply&, const Reply&) = default;
    friend std::ostream& operator<<(std::ostream& out, const Reply& reply) {
        return out << describe(reply.kind) << ": " << reply.text;
    }
};

std::vector<Reply> read(ReplyReader& reader, std::string_view bytes) {
    std::vector<Reply> all;
    reader.feed(bytes, [&](ReplyKind kind, std::string_view text) { all.push_back({kind, std::string{text}}); });
    return all;
}

std::vector<Reply> ends_with(ReplyReader& reader) {
    std::vector<Reply> all;
    reader.end([&](ReplyKind kind, std::string_view text) { all.push_back({kind, std::string{text}}); });
    return all;
}

std::vector<Reply> read(std::string_view bytes) {
    ReplyReader reader;
    return read(reader, bytes);
}

// Replies of OpenTSDB 2.x, one a line.
const std::vector<Reply> lines{
    {ReplyKind::illegal_argument, "put: illegal argument: not enough arguments (need least 4, got 3)"},
    {ReplyKind::illegal_argument, "put: illegal argument: Need at least one tag (metric=M, tags={})"},
    {ReplyKind::illegal_argument, "put: illegal argument: Too many tags: 9 maximum allowed: 8, tags: {a=b}"},
    {ReplyKind::illegal_argument, "put: illegal argument: invalid timestamp: 0"},
    {ReplyKind::illegal_argument,
     "put: illegal argument: bad timestamp=1 when trying to add value=[1]/0 to metric=M, tags={a=b}"},
    {ReplyKind::illegal_argument, "put: illegal argument: empty metric name"},
    {ReplyKind::illegal_argument, "put: illegal argument: empty value"},
    {ReplyKind::illegal_argument, "put: illegal argument: invalid tag: host="},
    {ReplyKind::illegal_argument, "put: illegal argument: duplicate tag: host=b, tags={host=a}"},
    {ReplyKind::illegal_argument,
     R"(put: illegal argument: Invalid metric name ("c.bad:metric!"): illegal character: :)"},
    {ReplyKind::illegal_argument,
     R"(put: illegal argument: Invalid tag name with value [a] ("ho!st"): illegal character: !)"},
    {ReplyKind::illegal_argument,
     R"(put: illegal argument: Invalid tag value with key [host] ("a:b,c{}"): illegal character: :)"},
    {ReplyKind::illegal_argument,
     "put: illegal argument: value is NaN or Infinite: Infinity for metric=M timestamp=1700000000"},
    {ReplyKind::invalid_value, "put: invalid value: Invalid character 'a' in 17000abc"},
    {ReplyKind::invalid_value, "put: invalid value: Value too long: 99999999999999999999999"},
    {ReplyKind::invalid_value, "put: invalid value: Empty string"},
    {ReplyKind::invalid_value, "put: invalid value: For input string: \"1e\""},
    {ReplyKind::unknown_metric, "put: unknown metric: No such name for 'metrics': 'M'"},
    {ReplyKind::unauthorized, "put: illegal argument: Unauthorized command: put"},
    {ReplyKind::unauthorized, "AUTH_FAIL"},
    {ReplyKind::read_only, "unknown command: put.  Try `help'."},
    {ReplyKind::throttled, "put: Throttling exception: too much"},
    {ReplyKind::throttled, "put: Please throttle writes: 10000 RPCs waiting"},
    {ReplyKind::storage, "put: HBase error: no region server"},
    {ReplyKind::timed_out, "put: Request timed out: 1000 ms"},
    {ReplyKind::version, "unknown command: version.  Try `help'."},
    {ReplyKind::other, "unknown command: putt.  Try `help'."},
    {ReplyKind::other, "unknown command: .  Try `help'."},
    {ReplyKind::other, "put: something new"},
    {ReplyKind::remark, "AUTH_SUCCESS"},
};

// Texts of other servers, before or after a put line.
struct Stranger {
    std::string_view text;
    std::string_view name;
};
constexpr std::array strangers{
    Stranger{"HTTP/1.1 400 Bad Request\r\n", "a web server"},
    Stranger{"<html>\r\n<head><title>400 Bad Request</title></head>\r\n", "a web server"},
    Stranger{"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "an SSH server"},
    Stranger{"220 mail.example ESMTP\r\n", "a mail or file server"},
    Stranger{"500 5.5.2 Error: bad syntax\r\n", "a mail or file server"},
    Stranger{"-ERR unknown command 'put', with args beginning with: 'a'\r\n", "a Redis"},
    Stranger{"ERROR\r\n", "a memcached"},
    Stranger{"put m 1700000000 1 a=b\n", "something that sends back what it gets"},
    Stranger{"version\n", ""},
    Stranger{"\x15\x03\x01\x01\x02\x02\x0a", "a port with TLS"},
    Stranger{{"\x4a\0\0\0\x0a"
              "5.7.30",
              11},
             "a MySQL"},
    Stranger{"tsd.connectionmgr.connections 1700000000 3 type=open host=a\n",
             ""}, // a TSD that answers without a question
    Stranger{"Built on 2026/11/01 by root\n", ""},
    Stranger{"ok\n", ""},
};

const std::string version_1 = "net.opentsdb.tools 2.5.0-RC1 built at revision a1b2c3 (MINT)";
const std::string version_2 = "Built on 2026/11/01 08:00:00 +0000 by root@build:/opentsdb";

} // namespace

TEST_CASE("each reply of a TSD is recognised by its kind, however it is cut and lines end") {
    for (const std::string_view end : {"\n", "\r\n"}) {
        for (const Reply& reply : lines) {
            std::string bytes = reply.text;
            bytes.append(end);
            for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
                CAPTURE(reply, cut);
                ReplyReader reader;
                std::vector<Reply> all = read(reader, std::string_view{bytes}.substr(0, cut));
                REQUIRE(all.size() == (cut == bytes.size() ? 1U : 0U)); // never before its line has ended
                for (Reply& late : read(reader, std::string_view{bytes}.substr(cut))) {
                    all.push_back(late);
                }
                REQUIRE(all == std::vector{reply});
            }
        }
    }
}

TEST_CASE("all replies at once, byte by byte and in random pieces are the same ones") {
    std::vector<Reply> expected = lines;
    std::string bytes;
    for (const Reply& reply : lines) {
        bytes.append(reply.text).append("\n");
    }
    bytes.append("\n\r\n"); // empty lines say nothing
    bytes.append(version_1).append("\n").append(version_2).append("\n");
    expected.push_back({ReplyKind::version, version_2});
    bytes.append("InfluxDB TSDB proxy");
    expected.push_back({ReplyKind::version, "InfluxDB TSDB proxy"});
    CHECK(read(bytes) == expected);

    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    for (const std::size_t most : {0U, 3U, 100U, 1000U}) {
        ReplyReader reader;
        std::vector<Reply> all;
        for (std::size_t at = 0; at < bytes.size();) {
            const std::size_t size = 1 + test::up_to(random, most);
            for (Reply& reply : read(reader, std::string_view{bytes}.substr(at, size))) {
                all.push_back(reply);
            }
            at += size;
        }
        CHECK(all == expected);
    }
}

TEST_CASE("a version is two lines, and counts once, at the end of the second") {
    ReplyReader reader;
    CHECK(read(reader, version_1 + "\n" + version_2).empty());
    CHECK(read(reader, "\n") == std::vector<Reply>{{ReplyKind::version, version_2}});
    CHECK(read(version_1 + "\r\n" + version_2 + "\r\n") == std::vector<Reply>{{ReplyKind::version, version_2}});
    // A second line alone answers nothing. The same holds for a first line that another line follows.
    CHECK(read(version_2 + "\n") == std::vector<Reply>{{ReplyKind::not_a_tsd, version_2}});
    CHECK(read(version_1 + "\nok\n" + version_2 + "\n") == std::vector<Reply>{{ReplyKind::not_a_tsd, "ok"}});
    // An error that names a point may have any text.
    CHECK(read("put: unknown metric: No such name for 'metrics': ' built at revision '\n").front().kind ==
          ReplyKind::unknown_metric);
}

TEST_CASE("InfluxDB's version has no line end and is complete at its last letter, as often as it comes") {
    const std::string text = "InfluxDB TSDB proxy";
    const Reply reply{ReplyKind::version, text};
    ReplyReader reader;
    CHECK(read(reader, text.substr(0, text.size() - 1)).empty());
    CHECK(read(reader, "y") == std::vector{reply});
    CHECK(read(reader, text + text) == std::vector{reply, reply});
    CHECK(read(reader, text + "\n" + text + "\n") == std::vector{reply, reply});
    CHECK(read(reader, "put: HBase error: InfluxDB TSDB proxy\n").front().kind == ReplyKind::storage);
    std::string many;
    for (int i = 0; i < 5000; ++i) {
        many += text;
    }
    CHECK(read(reader, many).size() == 5000);
}

TEST_CASE("an unknown answer is one reply, with or without a line end and anything after it") {
    for (const Stranger& each : strangers) {
        CAPTURE(each.text);
        ReplyReader reader;
        std::vector<Reply> all = read(reader, each.text);
        REQUIRE(all.size() == 1);
        CHECK(all[0].kind == ReplyKind::not_a_tsd);
        CHECK(stranger(all[0].text) == each.name);
        CHECK(read(reader, version_1 + "\n" + version_2 + "\n").empty());
    }
    for (const std::string_view begun : {"Welcome", "-ERR unknown", "\x15\x03\x01", "5"}) {
        CAPTURE(begun);
        ReplyReader reader;
        CHECK(read(reader, begun).empty());
        CHECK(ends_with(reader) == std::vector<Reply>{{ReplyKind::not_a_tsd, std::string{begun}}});
        CHECK(ends_with(reader).empty());
    }
    // A reply of a TSD that is cut off has no effect.
    for (const std::string& begun : {std::string{"put: illeg"}, std::string{"p"}, version_1, version_1 + "\nBuil",
                                     std::string{"InfluxDB TSDB"}, std::string{}}) {
        CAPTURE(begun);
        ReplyReader reader;
        CHECK(read(reader, begun).empty());
        CHECK(ends_with(reader).empty());
    }
}

TEST_CASE("an endless line shows that a server is no TSD before the line ends") {
    ReplyReader reader;
    const std::vector<Reply> all = read(reader, std::string(100'000, 'x'));
    REQUIRE(all.size() == 1);
    CHECK(all[0].kind == ReplyKind::not_a_tsd);
    CHECK(all[0].text.size() == ReplyReader::longest);
}

TEST_CASE("an HTTP response is one reply, whatever follows") {
    const std::string refusal = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
                                "Connection: close\r\n\r\n400 Bad Request";
    const std::vector<Reply> expected{{ReplyKind::not_a_tsd, "HTTP/1.1 400 Bad Request"}};
    CHECK(read(refusal) == expected);
    for (std::size_t cut = 0; cut <= refusal.size(); ++cut) {
        ReplyReader reader;
        std::vector<Reply> all = read(reader, std::string_view{refusal}.substr(0, cut));
        for (Reply& late : read(reader, std::string_view{refusal}.substr(cut))) {
            all.push_back(late);
        }
        REQUIRE(all == expected);
    }
}

TEST_CASE("an endless line is cut, and the next one is read right") {
    const std::string begin = "put: HBase error: ";
    const std::string garbage(100'000, 'x');
    ReplyReader reader;
    CHECK(read(reader, begin + garbage).empty());
    CHECK(read(reader, garbage).empty());
    const std::vector<Reply> all = read(reader, "\nput: ok\n");
    REQUIRE(all.size() == 2);
    CHECK(all[0].kind == ReplyKind::storage);
    CHECK(all[0].text.size() == ReplyReader::longest);
    CHECK(all[1] == Reply{ReplyKind::other, "put: ok"});
}

TEST_CASE("random bytes do no harm, and are no version") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    for (int i = 0; i < 500; ++i) {
        ReplyReader reader;
        std::string bytes(test::up_to(random, 5000), '\0');
        std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<char>(random()); });
        for (const Reply& reply : read(reader, bytes)) {
            REQUIRE(reply.kind == ReplyKind::not_a_tsd);
            REQUIRE(reply.text.size() <= ReplyReader::longest);
        }
    }
}

TEST_CASE("each kind of reply has a name of its own and at most one meaning") {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < reply_kinds; ++i) {
        const auto kind = static_cast<ReplyKind>(i);
        names.insert(describe(kind));
        CHECK(static_cast<int>(refuses_a_point(kind)) + static_cast<int>(is_transient(kind)) +
                  static_cast<int>(refuses_all(kind)) <=
              1);
    }
    CHECK(names.size() == reply_kinds);
    CHECK(names.count("unknown") == 0);
    CHECK(describe(static_cast<ReplyKind>(reply_kinds)) == "unknown");
    CHECK(refuses_a_point(ReplyKind::unknown_metric));
    CHECK(is_transient(ReplyKind::throttled));
    CHECK(refuses_all(ReplyKind::read_only));
    CHECK(refuses_all(ReplyKind::not_a_tsd));
    CHECK_FALSE(refuses_all(ReplyKind::version));
    CHECK_FALSE(refuses_a_point(ReplyKind::remark));
}
