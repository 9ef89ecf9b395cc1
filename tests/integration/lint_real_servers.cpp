// SPDX-License-Identifier: MIT
// Real servers follow the rules of `tickertape lint`. The examples of the rules and random lines are sent to them, and the stored
// points are compared with the meaning of the lines.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include <cli/lint/linter.hpp>

#include "support/catch.hpp"
#include "support/lint_examples.hpp"
#include "support/lint_lines.hpp"
#include "support/peer.hpp"
#include "support/real_servers.hpp"
#include "support/seed.hpp"
#include "support/stored_text.hpp"

namespace {

using namespace tickertape::cli::lint;
using test::RealInfluxDb;
using test::RealServer;
using test::RealVictoriaMetrics;
using Texts = std::vector<std::string>;

std::uint16_t port_of(const std::string& address) {
    return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
}

std::int64_t present() {
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

/// Sends them over a separate connection, up to the server's end.
void send(const RealServer& server, const std::string& lines) {
    static_cast<void>(test::Peer{port_of(server.telnet())}.ask(lines));
}

void wait_for_all_read(const RealVictoriaMetrics& /*server*/) {} // the server confirms them by ending the connection
void wait_for_all_read(RealInfluxDb& server) {
    send(server, "put last 1700000000 1 a=b\n");
    REQUIRE(server.points("last", 1).size() == 1);
}

/// Returns whether this is a VictoriaMetrics like that of Debian 12 (1.79), which the rules describe. A newer one accepts more:
/// that of Debian 13 (1.112) knows timestamps in milliseconds, `.5` and `5.`, and ten more labels. For a newer one, the test only
/// checks that it stores lines without findings.
bool is_of_the_rules(const RealVictoriaMetrics& server) {
    send(server, "put probe 1700000000123 1 a=b\n");
    return test::stored_text(server, "probe").empty();
}
bool is_of_the_rules(const RealInfluxDb& /*server*/) { return true; } // one version for all

/// Returns a name that is not the beginning of another one.
std::string metric_of(std::size_t number) { return "e" + std::to_string(number) + "x"; }

/// Returns the number of points in the lines, without the first ones.
std::size_t points_in(const std::string& lines) {
    return static_cast<std::size_t>(std::count(lines.begin(), lines.end(), '\n'));
}

/// Returns the stored points, by metric.
template <class Server>
std::vector<Texts> stored_by_metric(Server& server, std::size_t metrics) {
    wait_for_all_read(server);
    std::vector<Texts> stored(metrics);
    for (std::string& point : test::stored_text(server, "e%5B0-9%5D")) {
        const std::size_t name = point.starts_with('{') ? point.find("\"e") + 1 : 0; // an answer that cannot be read
        const auto number = static_cast<std::size_t>(std::stoul(point.substr(name + 1)));
        stored.at(number).push_back(std::move(point));
    }
    return stored;
}

void check_bad(const test::LintExample& example, Harm harm, const std::string& lines, const Texts& stored) {
    CAPTURE(lines.substr(0, 200), stored, test::meant_text(lines));
    if (harm == Harm::dropped) {
        CHECK(stored.size() < points_in(lines));
    } else {
        CHECK(stored != test::meant_text(lines));
    }
    if (harm == Harm::fatal) { // later lines are lost
        CHECK(std::none_of(stored.begin(), stored.end(),
                           [](const std::string& point) { return point.find("last") != std::string::npos; }));
    } else if (example.fault == Fault::tag_empty || example.fault == Fault::tag_repeated) {
        CHECK(stored.size() == 1);
    }
}

template <class Server>
void check_examples(Server& server, Target target, const std::vector<Fault>& shown_elsewhere) {
    struct Sent {
        test::LintExample example;
        Harm harm;
        std::string bad;
        std::string good;
    };
    std::vector<Sent> all;
    for (const test::LintExample& example : test::lint_examples()) {
        if (example.target != target ||
            std::find(shown_elsewhere.begin(), shown_elsewhere.end(), example.fault) != shown_elsewhere.end()) {
            continue;
        }
        const auto rules = rules_of(target);
        const auto rule =
            std::find_if(rules.begin(), rules.end(), [&](const Rule& one) { return one.fault == example.fault; });
        REQUIRE(rule != rules.end());
        std::string bad = example.bad;
        bad += rule->harm == Harm::fatal ? "put M 1700000009 1 a=last\n" : "";
        all.push_back({example, rule->harm, test::with_metric(bad, metric_of(2 * all.size())),
                       test::with_metric(example.good, metric_of(2 * all.size() + 1))});
        send(server, all.back().bad);
        send(server, all.back().good);
    }
    const std::vector<Texts> stored = stored_by_metric(server, 2 * all.size());
    const bool of_the_rules = is_of_the_rules(server);
    for (std::size_t i = 0; i < all.size(); ++i) {
        CAPTURE(name_of(all[i].example.fault));
        if (of_the_rules) {
            check_bad(all[i].example, all[i].harm, all[i].bad, stored[2 * i]);
        }
        CAPTURE(all[i].good.substr(0, 200));
        CHECK(stored[2 * i + 1] == test::meant_text(all[i].good));
    }
}

bool is_beyond_2100(const std::string& point) {
    constexpr double year_2100 = 4.1e15;
    const std::size_t value = point.rfind(' ');
    const double microseconds = std::strtod(point.c_str() + point.rfind(' ', value - 1), nullptr);
    return microseconds > year_2100 || point.find(" -9223372036854775808 ") != std::string::npos;
}

/// Returns whether one point is stored, with its meaning. Values may be rounded: VictoriaMetrics reads 1.5e26 as
/// 1.5000000000000002e26.
bool is_stored_as_meant(const Texts& stored, const Texts& meant) {
    if (stored.size() != 1 || meant.size() != 1) {
        return false;
    }
    const std::size_t value = stored[0].rfind(' ');
    const double is = std::strtod(stored[0].c_str() + value, nullptr);
    const double should = std::strtod(meant[0].c_str() + meant[0].rfind(' '), nullptr);
    constexpr double rounding = 1e-14;
    return stored[0].substr(0, value) == meant[0].substr(0, meant[0].rfind(' ')) &&
           std::abs(is - should) <= rounding * std::abs(should);
}

template <class Server>
void check_random_lines(Server& server, Target target) {
    const std::uint64_t seed = test::seed(20261126);
    CAPTURE(seed);
    test::Random random{seed};
    constexpr std::size_t count = 3000;
    // The timestamps are old, and stored infinities have no JSON form.
    Texts lines;
    std::string all = "put first 1700000000 1 a=b\n";
    for (std::size_t i = 0; i < count; ++i) {
        lines.push_back(test::random_lint_line(random, metric_of(i)));
        all += lines.back();
    }
    send(server, all);
    const std::vector<Texts> stored = stored_by_metric(server, count);
    const bool of_the_rules = is_of_the_rules(server);
    const std::int64_t now = present();
    Linter linter{{.target = target, .ignored = {Fault::stamp_old}}};
    linter.add("put first 1700000000 1 a=b", true, now);
    std::size_t clean = 0;
    std::size_t dropped = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string& line = lines[i];
        const auto findings = linter.add(std::string_view{line}.substr(0, line.size() - 1), true, now);
        const test::Verdict verdict{findings};
        CAPTURE(line, verdict.names, stored[i], test::meant_text(line));
        // VictoriaMetrics stores timestamps beyond 64 bits in 1970, where its usual retention drops them. The query for
        // InfluxDB's points ends before the next century.
        if (!test::meant_text(line).empty() && is_beyond_2100(test::meant_text(line)[0])) {
            continue;
        }
        if (of_the_rules) {
            CHECK(verdict.is_dropped() == stored[i].empty());
        }
        if (findings.empty()) {
            CHECK(is_stored_as_meant(stored[i], test::meant_text(line)));
        }
        clean += findings.empty() ? 1U : 0U;
        dropped += verdict.is_dropped() ? 1U : 0U;
    }
    CHECK(clean > count / 200);
    CHECK(dropped > count / 10);
}

} // namespace

TEST_CASE("VictoriaMetrics treats the examples of lint as the rules predict") {
    RealVictoriaMetrics server;
    check_examples(server, Target::victoriametrics, {Fault::line_length, Fault::stamp_old, Fault::stamp_future});
}

TEST_CASE("InfluxDB treats the examples of lint as the rules predict") {
    RealInfluxDb server;
    check_examples(server, Target::influxdb, {Fault::utf8, Fault::metric_utf8});
}

TEST_CASE("VictoriaMetrics drops random lines as lint reports, and stores those without findings") {
    RealVictoriaMetrics server;
    check_random_lines(server, Target::victoriametrics);
}

TEST_CASE("InfluxDB drops random lines as lint reports, and stores those without findings") {
    RealInfluxDb server;
    check_random_lines(server, Target::influxdb);
}

TEST_CASE("VictoriaMetrics drops points older than a month or two days ahead, as lint reports") {
    RealVictoriaMetrics server{"1"};
    const std::int64_t now = present();
    constexpr std::int64_t hour = 3600; // a slow machine, and VictoriaMetrics' own caution at the limit
    constexpr std::int64_t day = 24 * hour;
    const std::vector<std::int64_t> stamps{now - 31 * day - hour, now - 31 * day + 2 * hour, now + 2 * day - hour,
                                           now + 2 * day + hour};
    std::string lines;
    Linter linter{{.target = Target::victoriametrics}};
    std::vector<std::string> kept;
    for (std::size_t i = 0; i < stamps.size(); ++i) {
        const std::string line = "put " + metric_of(i) + " " + std::to_string(stamps[i]) + " 1 a=b";
        lines += line + "\n";
        if (linter.add(line, true, now).empty()) {
            kept.push_back(test::meant_text(line).at(0));
        }
    }
    send(server, lines);
    CHECK(kept.size() == 2);
    CHECK(test::stored_text(server, "e%5B0-9%5D") == kept);
}

TEST_CASE("VictoriaMetrics closes the connection at a line as long as lint says") {
    RealVictoriaMetrics server;
    const auto with_line_of = [](std::size_t size, const std::string& metric) {
        const std::string begin = "put " + metric + " 1700000000 1 ";
        return begin + std::string(size - begin.size() - 3, ' ') + "a=b\nput " + metric + " 1700000001 1 a=b\n";
    };
    send(server, with_line_of(Examiner::longest_line + 40'000, metric_of(0)));
    send(server, with_line_of(Examiner::longest_line - 1, metric_of(1)));
    const std::vector<Texts> stored = stored_by_metric(server, 2);
    CHECK(stored[0].empty());
    CHECK(stored[1].size() == 2);
}

TEST_CASE("InfluxDB answers with a replacement character for invalid UTF-8, as lint reports") {
    RealInfluxDb server;
    send(server, "put e0x 1700000000 1 a=\xff\n");
    wait_for_all_read(server);
    const std::string address = server.influx(); // influx://127.0.0.1:PORT/opentsdb
    const test::Peer peer{port_of(address.substr(0, address.rfind('/')))};
    peer.say("GET /query?db=opentsdb&q=select%20*%20from%20e0x HTTP/1.0\r\n\r\n"); // a half-close would interrupt it
    const std::string answer = peer.rest();
    CAPTURE(answer);
    CHECK(answer.find("\\ufffd") != std::string::npos);
}

TEST_CASE("InfluxDB drops points that it writes together with a metric of invalid UTF-8, as lint reports") {
    RealInfluxDb server;
    constexpr std::size_t batch = 1000; // so that later points are not in it
    std::string lines = "put e0\xff 1700000000 1 a=b\n";
    while (points_in(lines) < batch) {
        lines += "put e1x " + std::to_string(1'700'000'000 + points_in(lines)) + " 1 a=b\n";
    }
    send(server, lines);
    wait_for_all_read(server);
    CHECK(test::stored_text(server, "e").empty());
}
