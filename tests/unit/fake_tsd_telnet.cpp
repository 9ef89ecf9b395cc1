// SPDX-License-Identifier: MIT
// The telnet form with the behaviour of real servers: the texts are OpenTSDB's.
#include <tickertape/testkit/fake_tsd.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/peer.hpp"

using namespace tickertape::testkit;
using test::Peer;

namespace {

const std::string good = "put m 1700000000 1 host=a\n";

std::string ask(const FakeTsd& tsd, std::string_view text) { return Peer{tsd.port()}.ask(text); }

} // namespace

TEST_CASE("OpenTSDB answers each bad put with its fault, and continues to read") {
    FakeTsd tsd;
    const std::vector<std::pair<std::string, std::string>> cases{
        {"put m 1700000000 1", "illegal argument: not enough arguments (need least 4, got 3)"},
        {"put", "illegal argument: not enough arguments (need least 4, got 0)"},
        {"put m 1700000000 1 ", "illegal argument: Need at least one tag (metric=m, tags={})"},
        {"put m 1700000000 1 a=1 b=1 c=1 d=1 e=1 f=1 g=1 h=1 i=1",
         "illegal argument: Too many tags: 9 maximum allowed: 8, tags: "
         "{a=1, b=1, c=1, d=1, e=1, f=1, g=1, h=1, i=1}"},
        {"put m 0 1 a=1", "illegal argument: invalid timestamp: 0"},
        {"put m -5 1 a=1", "illegal argument: invalid timestamp: -5"},
        {"put m 17000000000000 300 a=1", "illegal argument: bad timestamp=17000000000000 when trying to add "
                                         "value=[1, 44]/1 to metric=m, tags={a=1}"},
        {"put  1700000000 1 a=1", "illegal argument: empty metric name"},
        {"put m  1700000000 1 a=1", "invalid value: Empty string"},
        {"put m 1700000000  1 a=1", "illegal argument: empty value"},
        {"put m 1700000000 1 host=", "illegal argument: invalid tag: host="},
        {"put m 1700000000 1 host", "illegal argument: invalid tag: host"},
        {"put m 1700000000 1 host=a=b", "illegal argument: invalid tag: host=a=b"},
        {"put m 1700000000 1 host=a host=b", "illegal argument: duplicate tag: host=b, tags={host=a}"},
        {"put c.bad:metric! 1700000000 1 a=1",
         "illegal argument: Invalid metric name (\"c.bad:metric!\"): illegal character: :"},
        {"put m 1700000000 1 ho!st=a",
         "illegal argument: Invalid tag name with value [a] (\"ho!st\"): illegal character: !"},
        {"put m 1700000000 1 host=a:b,c{}",
         "illegal argument: Invalid tag value with key [host] (\"a:b,c{}\"): illegal character: :"},
        {"put m 1700000000 1e400 a=1",
         "illegal argument: value is NaN or Infinite: Infinity for metric=m timestamp=1700000000"},
        {"put m 17000abc 1 a=1", "invalid value: Invalid character 'a' in 17000abc"},
        {"put m 1700000000 99999999999999999999 a=1", "invalid value: Value too long: 99999999999999999999"},
        {"put m 1700000000 9223372036854775808 a=1", "invalid value: Overflow in 9223372036854775808"},
        {"put m 1700000000 + a=1", "invalid value: Just a sign, no value: +"},
        {"put m - 1 a=1", "invalid value: Just a sign, no value: -"},
        {"put m 1700000000 1.2.3 a=1", "invalid value: multiple points"},
        {"put m 1700000000 nan a=1", "invalid value: Invalid character 'n' in nan"},
        {"put m 1700000000 1e a=1", "invalid value: For input string: \"1e\""},
    };
    std::string said;
    std::string answers;
    for (const auto& [line, answer] : cases) {
        said += line + '\n';
        answers += "put: " + answer + '\n';
    }
    CHECK(ask(tsd, said + good) == answers);
    CHECK(tsd.stored() == 1);
    CHECK(tsd.received().refused == cases.size());
}

TEST_CASE("OpenTSDB takes all forms of numbers and times that it knows") {
    FakeTsd tsd;
    const std::vector<std::string> lines{
        "put m 1700000000 .5 a=1",      "put m 1700000000 5. a=1",     "put m 1700000000 +7 a=1",
        "put m 1700000000 1E6 a=1",     "put m 1700000000 1.5f a=1",   "put m 1700000000 -9223372036854775808 a=1",
        "put m 1700000000 1e-400 a=1",  "put m 1700000000123 1 a=1",   "put m 1700000000.250 1 a=1",
        "put m 1700000000 1  a=1  b=2", "put m 1700000000 1 a=1 a=1 ", "put m 1700000000 1 a=\xFF\xFE",
    };
    std::string said;
    for (const std::string& line : lines) {
        said += line + '\n';
    }
    CHECK(ask(tsd, said).empty());
    CHECK(tsd.lines() == lines);
    CHECK_FALSE(ask(tsd, "put m 1700000000 1 a=\xC3\xA9\n").empty()); // read as Latin-1, it contains a sign
}

TEST_CASE("OpenTSDB has further commands, and an answer for those that it does not know") {
    FakeTsd tsd;
    CHECK(ask(tsd, "\n") == "unknown command: .  Try `help'.\n");
    CHECK(ask(tsd, " put m\r\n") == "unknown command: .  Try `help'.\n");
    CHECK(ask(tsd, "auth basic a b\n") == "unknown command: auth.  Try `help'.\n");
    CHECK(ask(tsd, "help\n").starts_with("available commands: "));
    CHECK(ask(tsd, "status\n") == "unknown command: status.  Try `help'.\n");
    CHECK(ask(tsd, "stats\n").starts_with("tsd."));
    const Peer peer{tsd.port()};
    peer.say("exit\n" + good); // the next line is in the same packet
    CHECK(peer.rest().empty());
    CHECK(tsd.stored() == 1);
}

TEST_CASE("OpenTSDB answers version in order, with the good and the bad before it in the accounts") {
    FakeTsd tsd;
    const std::string answer = ask(tsd, good + "bad\nversion\n");
    CHECK(answer.starts_with("unknown command: bad.  Try `help'.\nnet.opentsdb.tools BuildData"));
    CHECK(std::count(answer.begin(), answer.end(), '\n') == 3);
    tsd.set_faults({.answer_version = false});
    CHECK(ask(tsd, "version\n").empty());
    CHECK(tsd.received().versions == 2);
}

TEST_CASE("OpenTSDB drops a last line without a newline, the others store it") {
    for (const auto& [personality, stored] : {std::pair{Personality::opentsdb, 1},
                                              {Personality::victoria_metrics, 2},
                                              {Personality::influxdb, 2},
                                              {Personality::silent, 2}}) {
        FakeTsd tsd{{.personality = personality}};
        CHECK(ask(tsd, good + "put m 1700000001 1 host=a").empty());
        CHECK(tsd.stored() == static_cast<std::uint64_t>(stored));
    }
}

TEST_CASE("OpenTSDB closes at a line of more than 1024 bytes, without a word") {
    FakeTsd tsd;
    const std::string start = "put m 1700000000 1 host=";
    const std::string fits = start + std::string(1024 - start.size(), 'a');
    CHECK(ask(tsd, fits + "\nversion\n").starts_with("net.opentsdb"));
    const Peer peer{tsd.port()};
    peer.say(good + fits + "a\n" + good + "version\n");
    CHECK(peer.rest().empty());
    CHECK(tsd.stored() == 2);
    const Peer endless{tsd.port()};
    endless.say(fits + "a");
    CHECK(endless.rest().empty());
}

TEST_CASE("Lines arrive whole, however they are cut") {
    FakeTsd tsd;
    const Peer peer{tsd.port()};
    for (const char c : good + "version\n") {
        peer.say({&c, 1});
    }
    CHECK_FALSE(peer.until("fake-tsd\n").empty());
    CHECK(tsd.contains("put m 1700000000 1 host=a"));
}

TEST_CASE("Points are refused as OpenTSDB does, all or those of some metrics") {
    const std::vector<std::pair<Refusal, std::string>> cases{
        {Refusal::unknown_metric, "put: unknown metric: No such name for 'metrics': 'm'\n"},
        {Refusal::throttle, "put: Please throttle writes: "},
        {Refusal::hbase_error, "put: HBase error: "},
        {Refusal::unauthorized, "put: illegal argument: Unauthorized command: put\n"},
        {Refusal::read_only, "unknown command: put.  Try `help'.\n"},
    };
    for (const auto& [refusal, answer] : cases) {
        FakeTsd tsd{{.faults = {.refuse = refusal}}};
        CHECK(ask(tsd, good).starts_with(answer));
        CHECK(tsd.stored() == 0);
        CHECK(tsd.received().refused == 1);
        tsd.set_faults({.refuse = refusal, .refuse_if = [](std::string_view metric) { return metric == "poison"; }});
        CHECK(ask(tsd, good).empty());
        CHECK_FALSE(ask(tsd, "put poison 1700000000 1 a=1\n").empty());
        CHECK(tsd.stored() == 1);
    }
}

TEST_CASE("A server can send an error that belongs to no point") {
    FakeTsd tsd{{.faults = {.complaint = "put: HBase error: something is wrong"}}};
    CHECK(ask(tsd, good + good) == "put: HBase error: something is wrong\n");
    CHECK(tsd.stored() == 2);
}

TEST_CASE("VictoriaMetrics hangs up with an HTTP 400 when the first line is no put") {
    FakeTsd tsd{{.personality = Personality::victoria_metrics}};
    for (const std::string_view line : {"version\n", "\n", " put m 1700000000 1 a=1\n"}) {
        const Peer peer{tsd.port()};
        peer.say(line);
        CHECK(peer.rest() == "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
                             "Connection: close\r\n\r\n400 Bad Request");
    }
    CHECK(ask(tsd, good + "version\nput bad\n" + good).empty());
    CHECK(tsd.stored() == 2);
}

TEST_CASE("VictoriaMetrics and InfluxDB never say which lines they drop") {
    const std::vector<std::pair<std::string, std::pair<bool, bool>>> cases{
        {"put m 1700000000 1", {true, true}},          {"put m 1700000000123 1 a=1", {false, true}},
        {"put m 1700000000.250 1 a=1", {true, false}}, {"put m -5 1 a=1", {false, false}},
        {"put m 4100000000 1 a=1", {false, true}},     {"put m 1700000000 .5 a=1", {false, true}},
        {"put m 1700000000 +7 a=1", {false, true}},    {"put m 1700000000 nan a=1", {false, false}},
        {"put m 1700000000 inf a=1", {true, false}},   {"put m 1700000000 1e400 a=1", {true, false}},
        {"put m 1700000000 0x10 a=1", {false, false}}, {"put m 1700000000 1 host", {false, true}},
        {"put\tm\t1700000000\t1\ta=1", {false, true}}, {"garbage", {false, false}},
    };
    FakeTsd victoria{{.personality = Personality::victoria_metrics}};
    FakeTsd influx{{.personality = Personality::influxdb}};
    for (const auto& [line, stored] : cases) {
        CAPTURE(line);
        CHECK(ask(victoria, good + line + '\n').empty());
        CHECK(ask(influx, good + line + '\n').empty());
        CHECK(victoria.contains(line) == stored.first);
        CHECK(influx.contains(line) == stored.second);
    }
}

TEST_CASE("InfluxDB answers version without a newline, and nothing else") {
    FakeTsd tsd{{.personality = Personality::influxdb}};
    CHECK(ask(tsd, "version\nversion x\r\n") == "InfluxDB TSDB proxyInfluxDB TSDB proxy");
    CHECK(ask(tsd, "VERSION\nstats\nhelp\nexit\nPUT x\n" + good).empty());
    CHECK(tsd.stored() == 1);
}

TEST_CASE("A line that no buffer holds resets VictoriaMetrics and is skipped by InfluxDB") {
    const std::string monster = "put m 1700000000 1 a=" + std::string(300'000, 'x') + '\n';
    FakeTsd victoria{{.personality = Personality::victoria_metrics}};
    const Peer peer{victoria.port()};
    peer.say(good + monster + good);
    CHECK(peer.rest() == "(reset)");
    CHECK(victoria.stored() == 1);
    FakeTsd influx{{.personality = Personality::influxdb}};
    CHECK(ask(influx, good + monster + good).empty());
    CHECK(influx.stored() == 2);
}

TEST_CASE("A silent server answers nothing and takes every put") {
    FakeTsd tsd{{.personality = Personality::silent}};
    CHECK(ask(tsd, good + "version\nput !\n").empty());
    CHECK(tsd.stored() == 2);
}

TEST_CASE("Errors are lost on a peer that does not read them, version is not") {
    FakeTsd tsd{{.keep = Keep::counts}};
    const Peer peer{tsd.port()};
    std::string bad;
    constexpr std::size_t lines = 1'000'000;
    for (std::size_t i = 0; i < lines; ++i) {
        bad += "put x\n";
    }
    peer.say(bad + "version\n");
    peer.half_close();
    REQUIRE(tsd.wait_until([](const Received& received) { return received.versions == 1; }));
    const std::string answers = peer.rest();
    CHECK(answers.ends_with("/fake-tsd\n"));
    CHECK(static_cast<std::size_t>(std::count(answers.begin(), answers.end(), '\n')) < lines);
    CHECK(tsd.received().refused == lines);
}
