// SPDX-License-Identifier: MIT
// Collectors that push by themselves: --tsd.
#include <chrono>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <support/long_time.hpp>
#include <support/process.hpp>
#include <tickertape/testkit/fake_tsd.hpp>

namespace {

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using test::Ended;
using test::long_time;
using test::Result;
using tickertape::testkit::FakeTsd;
using tickertape::testkit::Personality;

/// numprocesses on a fixed tree, at a fixed time.
Result run(std::vector<std::string> arguments, std::map<std::string, std::string> environment = {}) {

    arguments.insert(arguments.end(),
                     {"--hostname", "h", "--proc-root", TICKERTAPE_SOURCE_DIR "/tests/fixtures/proc/plain"});
    test::Process process{{.program = std::filesystem::path{TICKERTAPE_BIN_DIR} / "numprocesses",
                           .arguments = std::move(arguments),
                           .environment = std::move(environment)}};
    return test::finish(process, long_time);
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

std::vector<std::string> sorted(std::vector<std::string> lines) {
    std::sort(lines.begin(), lines.end());
    return lines;
}

} // namespace

TEST_CASE("A collector pushes the very lines that it would print") {
    const auto scheme = GENERATE("", "tsd://", "http://");
    const FakeTsd tsd;
    const Result printed = run({"--now", "1700000000", "--once", "--tag", "a=b"});
    const Result pushed = run({"--now", "1700000000", "--once", "--tag", "a=b", "--tsd", scheme + tsd.address()});
    CHECK(pushed.ended == test::exit_0);
    CHECK(pushed.out.empty());
    CHECK(pushed.err.empty());
    CHECK(sorted(tsd.lines()).size() == 9);
    if (std::string{scheme} != "http://") { // there its tags have a different order
        CHECK(sorted(tsd.lines()) == sorted(lines_of(printed.out)));
    }
}

TEST_CASE("Equal values are not held back from a TSD") {
    const FakeTsd tsd;
    const Result ran = run({"--for", "3", "--timespan", "1", "--tsd", tsd.address(), "--self-metrics", "0"});
    CHECK(ran.ended == test::exit_0);
    // On a fixed tree all values stay the same.
    std::size_t idle = 0;
    for (const std::string& line : tsd.lines()) {
        idle += line.find("state=idle") != std::string::npos ? 1 : 0;
    }
    CHECK(idle >= 2);
}

TEST_CASE("A collector that pushes reports on itself, its pushing included") {
    const FakeTsd tsd;
    const Result ran = run({"--for", "3", "--timespan", "1", "--tsd", tsd.address(), "--self-metrics", "1"});
    CHECK(ran.ended == test::exit_0);
    std::string all;
    for (const std::string& line : tsd.lines()) {
        all += line + "\n";
    }
    CHECK_THAT(all, ContainsSubstring("put tickertape.up "));
    CHECK_THAT(all, ContainsSubstring("put tickertape.push.acked "));
    CHECK_THAT(all, ContainsSubstring("collector=numprocesses host=h"));
}

TEST_CASE("A collector whose TSD is down reports the failure and its unacknowledged points") {
    FakeTsd tsd;
    tsd.stop();
    const Result ran = run({"--now", "1700000000", "--once", "--tsd", tsd.address()});
    CHECK_THAT(ran.err,
               ContainsSubstring("tsd://" + tsd.address() + ": cannot connect: Connection refused: trying again"));
    CHECK(ran.ended != test::exit_0); // its only reading arrived nowhere
    const Result lasting = run({"--for", "1", "--tsd", tsd.address()});
    CHECK(lasting.ended == test::exit_0);
    // At least one reading: 9 points, and more if a second one differs.
    CHECK_THAT(lasting.err, ContainsSubstring(" points are not acknowledged in time"));
    CHECK_THAT(lasting.err, !ContainsSubstring(" 0 points are not acknowledged in time"));
}

TEST_CASE("Several targets come from the environment, too, and the next one takes over from a dead one") {
    FakeTsd dead;
    dead.stop();
    const FakeTsd tsd;
    const Result ran =
        run({"--now", "1700000000", "--once"}, {{"TICKERTAPE_TSD", dead.address() + " " + tsd.address()}});
    CHECK(ran.ended == test::exit_0);
    CHECK(tsd.stored() == 9);
}

TEST_CASE("Texts that are no targets, and targets that do not go together, are refused with a sentence") {
    const Result none = run({"--tsd", "gopher://h"});
    CHECK(none.ended == Ended{.code = 2});
    CHECK(none.err == "numprocesses: --tsd: the target 'gopher://h' has an unknown scheme; tsd, http, https, influx, "
                      "influxs, influx2 and influx2s are known\n");
    const Result mixed = run({"--tsd", "h:4242", "--tsd", "http://h"});
    CHECK(mixed.ended == Ended{.code = 2});
    CHECK_THAT(mixed.err, ContainsSubstring("speak different protocols"));
    const Result secret = run({"--tsd", "http://me:secret@h"});
    CHECK(secret.ended == Ended{.code = 2});
    CHECK_THAT(secret.err, !ContainsSubstring("secret"));
    CHECK(run({"--tsd", "h", "--mps", "-1"}).ended == Ended{.code = 2});
    const Result secure = run({"--check-config"}, {{"TICKERTAPE_TSD", "https://h"}});
    CHECK(secure.ended == Ended{.code = 2});
    CHECK_THAT(secure.err,
               ContainsSubstring("TICKERTAPE_TSD: 'https://h:443/api/put' needs TLS, which collectors do without"));
}
