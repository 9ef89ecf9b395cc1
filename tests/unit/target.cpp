// SPDX-License-Identifier: MIT
#include <tickertape/target.hpp>

#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/seed.hpp"

using tickertape::Target;
using tickertape::Targets;
using tickertape::UsageError;
using Protocol = tickertape::Target::Protocol;

namespace {

struct Good {
    std::string_view text;
    Protocol protocol;
    std::string_view host;
    std::uint16_t port;
    std::string_view path;
    std::string_view again;
};

const std::vector<Good> good{
    {"tsd", Protocol::telnet, "tsd", 4242, "", "tsd://tsd:4242"},
    {"tsd.example.com:1", Protocol::telnet, "tsd.example.com", 1, "", "tsd://tsd.example.com:1"},
    {"tsd://h_1-a:65535", Protocol::telnet, "h_1-a", 65535, "", "tsd://h_1-a:65535"},
    {"10.0.0.1", Protocol::telnet, "10.0.0.1", 4242, "", "tsd://10.0.0.1:4242"},
    {"[::1]", Protocol::telnet, "::1", 4242, "", "tsd://[::1]:4242"},
    {"[2001:db8::1]:4343", Protocol::telnet, "2001:db8::1", 4343, "", "tsd://[2001:db8::1]:4343"},
    {"[::ffff:10.0.0.1]:1", Protocol::telnet, "::ffff:10.0.0.1", 1, "", "tsd://[::ffff:10.0.0.1]:1"},
    {"[fe80::1%eth0]:1", Protocol::telnet, "fe80::1%eth0", 1, "", "tsd://[fe80::1%eth0]:1"},
    {"http://h", Protocol::http, "h", 4242, "/api/put", "http://h:4242/api/put"},
    {"http://h/", Protocol::http, "h", 4242, "/api/put", "http://h:4242/api/put"},
    {"http://h:80/insert/0/opentsdb/api/put", Protocol::http, "h", 80, "/insert/0/opentsdb/api/put",
     "http://h:80/insert/0/opentsdb/api/put"},
    {"https://h", Protocol::https, "h", 443, "/api/put", "https://h:443/api/put"},
    {"https://[::1]/a%20b", Protocol::https, "::1", 443, "/a%20b", "https://[::1]:443/a%20b"},
    {"influx://h/metrics", Protocol::influx, "h", 8086, "metrics", "influx://h:8086/metrics"},
    {"influx://[::1]:1/m", Protocol::influx, "::1", 1, "m", "influx://[::1]:1/m"},
    {"influxs://h/metrics", Protocol::influxs, "h", 8086, "metrics", "influxs://h:8086/metrics"},
    {"influx://h/a/b/metrics:week", Protocol::influx, "h", 8086, "a/b/metrics:week",
     "influx://h:8086/a/b/metrics:week"},
    {"influx2://h/org/bucket", Protocol::influx2, "h", 8086, "org/bucket", "influx2://h:8086/org/bucket"},
    {"influx2s://h:1/p/org/bucket", Protocol::influx2s, "h", 1, "p/org/bucket", "influx2s://h:1/p/org/bucket"},
    {"unix:/run/tickertape/put.sock", Protocol::telnet, "", 0, "/run/tickertape/put.sock",
     "unix:/run/tickertape/put.sock"},
    {"unix:///run/put.sock", Protocol::telnet, "", 0, "/run/put.sock", "unix:/run/put.sock"},
    {"unix:/run/app@1/a:b?c#d", Protocol::telnet, "", 0, "/run/app@1/a:b?c#d", "unix:/run/app@1/a:b?c#d"},
    {"unix:/\xc3\xa9", Protocol::telnet, "", 0, "/\xc3\xa9", "unix:/\xc3\xa9"},
    {"unix:4242", Protocol::telnet, "unix", 4242, "", "tsd://unix:4242"},
    {"unix", Protocol::telnet, "unix", 4242, "", "tsd://unix:4242"},
};

struct Bad {
    std::string_view text;
    std::string_view sentence;
};

const std::vector<Bad> bad{
    {"", "the target '' names no host"},
    {":4242", "the target ':4242' names no host"},
    {"tsd://", "the target 'tsd://' names no host"},
    {"http:///api/put", "the target 'http:///api/put' names no host"},
    {"a b", "the target 'a b' has a character in its host's name that no such name holds"},
    {"a\nb", "the target 'a\\nb' has a character in its host's name that no such name holds"},
    {"h:", "the target 'h:' needs a port from 1 to 65535 after its ':'"},
    {"h:0", "the target 'h:0' needs a port from 1 to 65535 after its ':'"},
    {"h:65536", "the target 'h:65536' needs a port from 1 to 65535 after its ':'"},
    {"h:-1", "the target 'h:-1' needs a port from 1 to 65535 after its ':'"},
    {"h:+1", "the target 'h:+1' needs a port from 1 to 65535 after its ':'"},
    {"h:42x", "the target 'h:42x' needs a port from 1 to 65535 after its ':'"},
    {"::1", "the target '::1' has several ':'; an IPv6 address is to stand in brackets, as in [::1]:4242"},
    {"fe80::1:4242",
     "the target 'fe80::1:4242' has several ':'; an IPv6 address is to stand in brackets, as in [::1]:4242"},
    {"[::1", "the target '[::1' has a '[' without a ']' after its address"},
    {"[]", "the target '[]' has no IPv6 address in its brackets"},
    {"[h]:1", "the target '[h]:1' has no IPv6 address in its brackets"},
    {"[10.0.0.1]:1", "the target '[10.0.0.1]:1' has no IPv6 address in its brackets"},
    {"[:::]", "the target '[:::]' has no IPv6 address in its brackets"},
    {"[fe80::1%]", "the target '[fe80::1%]' has no IPv6 address in its brackets"},
    {"[fe80::1%a/b]", "the target '[fe80::1%a/b]' has a '[' without a ']' after its address"},
    {"[::1]4242", "the target '[::1]4242' has something else than a port after its address"},
    {"h/x", "the target 'h/x' has a path, which only http and influx have"},
    {"tsd://h/", "the target 'tsd://h/' has a path, which only http and influx have"},
    {"ftp://h",
     "the target 'ftp://h' has an unknown scheme; tsd, http, https, influx, influxs, influx2 and influx2s are known"},
    {"://h",
     "the target '://h' has an unknown scheme; tsd, http, https, influx, influxs, influx2 and influx2s are known"},
    {"http://h/a b", "the target 'http://h/a b' has a character in its path that has to be written as %xx there"},
    {"http://h/a#b", "the target 'http://h/a#b' has a character in its path that has to be written as %xx there"},
    {"http://h/\xc3\xa9",
     "the target 'http://h/\\xc3\\xa9' has a character in its path that has to be written as %xx there"},
    {"influx://h", "the target 'influx://h' needs the name of a database, as in influx://host:8086/metrics"},
    {"influx://h/", "the target 'influx://h/' needs the name of a database, as in influx://host:8086/metrics"},
    {"influx://h/a/", "the target 'influx://h/a/' needs the name of a database, as in influx://host:8086/metrics"},
    {"influx://h/a:", "the target 'influx://h/a:' needs the name of a database, as in influx://host:8086/metrics"},
    {"influx://h/:a", "the target 'influx://h/:a' needs the name of a database, as in influx://host:8086/metrics"},
    {"influx2://h/bucket", "the target 'influx2://h/bucket' needs an organisation and a bucket, as in "
                           "influx2://host:8086/ORGANISATION/BUCKET"},
    {"unix:", "the target 'unix:' needs a port from 1 to 65535 after its ':'"},
    {"unix:/", "the target 'unix:/' needs the whole path of a socket, as in unix:/run/tickertape/put.sock"},
    {"unix:run/s", "the target 'unix:run/s' needs the whole path of a socket, as in unix:/run/tickertape/put.sock"},
    {"unix://run/s", "the target 'unix://run/s' needs the whole path of a socket, as in unix:/run/tickertape/put.sock"},
    {"unix:/run/", "the target 'unix:/run/' needs the whole path of a socket, as in unix:/run/tickertape/put.sock"},
    {"unix:////s", "the target 'unix:////s' needs the whole path of a socket, as in unix:/run/tickertape/put.sock"},
    {"unix:/a b", "the target 'unix:/a b' has a blank or a control character in the path of its socket"},
    {"unix:/a\nb", "the target 'unix:/a\\nb' has a blank or a control character in the path of its socket"},
    {"influx2://h//bucket", "the target 'influx2://h//bucket' needs an organisation and a bucket, as in "
                            "influx2://host:8086/ORGANISATION/BUCKET"},
};

std::string sentence_of(std::string_view text) {
    try {
        return "accepted as " + Target{text}.text();
    } catch (const UsageError& error) {
        return error.what();
    }
}

} // namespace

TEST_CASE("a target is read in all its forms, and its text reads back as the same one") {
    for (const Good& row : good) {
        CAPTURE(row.text);
        const Target target{row.text};
        CHECK(target.protocol() == row.protocol);
        CHECK(target.uses_tls() == (row.protocol == Protocol::https || row.protocol == Protocol::influxs ||
                                    row.protocol == Protocol::influx2s));
        CHECK(target.host() == row.host);
        CHECK(target.port() == row.port);
        CHECK(target.is_unix_socket() == row.host.empty());
        CHECK(target.path() == row.path);
        CHECK(target.text() == row.again);
        CHECK(Target{target.text()} == target);
    }
}

TEST_CASE("an invalid target is refused with a sentence that names it and the fault") {
    for (const Bad& row : bad) {
        CHECK(sentence_of(row.text) == row.sentence);
    }
}

TEST_CASE("the path of a Unix socket has at most 107 bytes") {
    const std::string longest = "/" + std::string(106, 'x');
    CHECK(Target{"unix:" + longest}.path() == longest);
    CHECK(Target{"unix://" + longest}.path() == longest);
    CHECK_THAT(sentence_of("unix:" + longest + "x"),
               Catch::Matchers::EndsWith(" has a path of 108 bytes, and the longest of a Unix socket has 107"));
}

TEST_CASE("no sentence about a target repeats a secret") {
    for (const std::string_view text :
         {"me:s3cret@h", "s3cret@h:4242", "http://me:s3cret@h/api/put", "https://me:s3/cret@h",
          "http://me:s3@cret@h:99999", "foo://me:s3cret@h", "me:s3cret@http://h", "me:s3?cret@h", "tsd://me:s3cret@",
          "influx://h/db?u=me&p=s3cret", "unix:s3cret@h/x", "http://h:0/?p=s3cret", "h?s3cret", "[::1?s3cret"}) {
        const std::string sentence = sentence_of(text);
        CAPTURE(text, sentence);
        CHECK(sentence.find("s3") == std::string::npos);
        CHECK(sentence.find("cret") == std::string::npos);
        CHECK(sentence.starts_with("the target '"));
    }
    CHECK(sentence_of("me:pw@h:1") == "the target 'h:1' has credentials before it; they belong in a file or the "
                                      "environment, see the manual on pushing");
    CHECK(sentence_of("http://h/x?a=b") ==
          "the target 'http://h/x' has a '?' behind it; parameters are no part of a target");
}

TEST_CASE("random text is refused or reads back as the same target") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    constexpr std::string_view parts[] = {"http://", "influx://", "tsd://", "unix:", "[", "]", "::1",
                                          ":",       "4242",      "/",      "h",     ".", "%", "a"};
    int accepted = 0;
    for (int i = 0; i < 20'000; ++i) {
        std::string text;
        for (std::size_t n = test::up_to(random, 6); n > 0; --n) {
            text.append(parts[test::up_to(random, std::size(parts) - 1)]);
        }
        try {
            const Target target{text};
            ++accepted;
            CAPTURE(text, target.text());
            REQUIRE(Target{target.text()} == target);
        } catch (const UsageError&) { // NOLINT(bugprone-empty-catch): most texts are no targets
        }
    }
    CHECK(accepted > 100);
}

TEST_CASE("targets are one or more of the same protocol") {
    const Targets one{"h:1"};
    CHECK(one.all().size() == 1);
    CHECK(one.protocol() == Protocol::telnet);
    const std::string text = "https://h";
    CHECK(Targets{text}.protocol() == Protocol::http);
    CHECK(Targets{"influx://a/d", "influxs://b/d"}.protocol() == Protocol::influx);
    const Targets two{"http://a", "https://b"};
    CHECK(two.all().size() == 2);
    CHECK(two.all()[1].host() == "b");
    const auto sentence = [](std::vector<Target> targets) {
        try {
            const Targets accepted{std::move(targets)};
            return std::string{};
        } catch (const UsageError& error) {
            return std::string{error.what()};
        }
    };
    CHECK(sentence({}) == "no target is given; one looks like host:4242");
    CHECK(sentence({Target{"a"}, Target{"b"}, Target{"http://c"}}) ==
          "the targets tsd://a:4242 and http://c:4242/api/put speak different protocols; one queue is pushed by one "
          "protocol");
    CHECK(sentence({Target{"influx://a/d"}, Target{"http://c"}}) != "");
    CHECK_THROWS_AS((Targets{"a", "b:x"}), UsageError);
    CHECK(Targets{"unix:/s", "h"}.protocol() == Protocol::telnet);
    CHECK(sentence({Target{"unix:/s"}, Target{"http://c"}}) ==
          "the targets unix:/s and http://c:4242/api/put speak different protocols; one queue is pushed by one "
          "protocol");
}

TEST_CASE("each protocol has a name") {
    CHECK(describe(Protocol::telnet) == "telnet");
    CHECK(describe(Protocol::http) == "http");
    CHECK(describe(Protocol::https) == "https");
    CHECK(describe(Protocol::influx) == "influx");
    CHECK(describe(Protocol::influxs) == "influxs");
    CHECK(describe(Protocol::influx2) == "influx2");
    CHECK(describe(Protocol::influx2s) == "influx2s");
    CHECK(describe(static_cast<Protocol>(9)) == "unknown protocol");
}
