// SPDX-License-Identifier: MIT
// `tickertape push` from a user's point of view.
#include <chrono>
#include <csignal>
#include <string>

#include <support/catch.hpp>
#include <support/process.hpp>
#include <support/push_command.hpp>
#include <support/temporary_directory.hpp>
#include <tickertape/testkit/fake_tsd.hpp>

namespace {

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using test::Ended;
using test::long_time;
using test::push;
using test::push_command;
using test::put_lines;
using test::received;
using test::Result;
using tickertape::testkit::Break;
using tickertape::testkit::FakeTsd;
using tickertape::testkit::Personality;
using tickertape::testkit::Refusal;

} // namespace

TEST_CASE("push sends standard input line by line, byte for byte, and accounts for it") {
    const auto personality = GENERATE(Personality::opentsdb, Personality::influxdb, Personality::victoria_metrics);
    const FakeTsd tsd{{.personality = personality}};
    const Result ran = push({tsd.address()}, put_lines(0, 3000));
    CHECK(ran.ended == test::exit_0);
    CHECK(ran.out.empty());
    CHECK_THAT(ran.err, ContainsSubstring("3000 lines: 3000 acknowledged, 0 unconfirmed, 0 rejected, 0 dropped"));
    CHECK(received(tsd) == put_lines(0, 3000));
}

TEST_CASE("push completes lines in tcollector form as tcollector would") {
    const FakeTsd tsd;
    const Result ran =
        push({tsd.address(), "--host-tag", "web1"}, "m 1700000000 1\nm 1700000001 2 a=b\nm 1700000002 3 host=x\n");
    CHECK(ran.ended == test::exit_0);
    CHECK(tsd.lines() == std::vector<std::string>{"put m 1700000000 1 host=web1", "put m 1700000001 2 host=web1 a=b",
                                                  "put m 1700000002 3 host=x"});
}

TEST_CASE("push rewrites a line that receivers would read in different ways") {
    const FakeTsd tsd;
    const Result ran = push({tsd.address()}, "put  m   1700000000 +7 a=b  c=d \r\nput m 1700000001 .5 a=b\n");
    CHECK(ran.ended == test::exit_0);
    CHECK(tsd.lines() == std::vector<std::string>{"put m 1700000000 7 a=b c=d", "put m 1700000001 0.5 a=b"});
}

TEST_CASE("push names bad lines by number and reason, and sends the others") {
    const FakeTsd tsd;
    const Result ran =
        push({tsd.address()}, "put m 1700000000 1 a=b\nput m 1700000001 x a=b\n\nput m 1700000002 2 a=b\n");
    CHECK(ran.ended == Ended{.code = 1});
    CHECK_THAT(ran.err, ContainsSubstring("stdin:2: bad value 'x'\n"));
    CHECK_THAT(ran.err, ContainsSubstring("stdin:3: empty line\n"));
    CHECK_THAT(ran.err, ContainsSubstring("2 lines: 2 acknowledged"));
    CHECK_THAT(ran.err, ContainsSubstring("2 unusable (1 empty line, 1 bad value)"));
    CHECK(tsd.stored() == 2);
}

TEST_CASE("push names only the first of very many bad lines") {
    const FakeTsd tsd;
    std::string input;
    for (int i = 0; i < 1000; ++i) {
        input += "bad line\n";
    }
    const Result ran = push({tsd.address()}, input);
    CHECK(ran.ended == Ended{.code = 1});
    CHECK(std::count(ran.err.begin(), ran.err.end(), '\n') < 30);
    CHECK_THAT(ran.err, ContainsSubstring("1000 unusable (1000 bad timestamp)"));
}

TEST_CASE("push reads files, and goes on after one that it cannot read") {
    const FakeTsd tsd;
    const test::TemporaryDirectory directory;
    directory.write("a", put_lines(0, 5));
    directory.write("b", put_lines(0, 7));
    const auto path = [&directory](const char* name) { return (directory.path() / name).string(); };
    const Result ran = push({tsd.address(), path("a"), path("missing"), path("b")});
    CHECK(ran.ended == Ended{.code = 1});
    CHECK_THAT(ran.err, ContainsSubstring("cannot open " + path("missing") + ": No such file or directory"));
    CHECK(tsd.stored() == 12);
}

TEST_CASE("The end of a pipe in the middle of a line is not sent, and that of a file is") {
    const FakeTsd tsd;
    const Result ran = push({tsd.address()}, "put m 1700000000 1 host=web12\nput m 1700000001 2 host=web1");
    CHECK(ran.ended == Ended{.code = 1});
    CHECK_THAT(ran.err, ContainsSubstring("stdin:2: line without an end 'put m 1700000001 2 host=web1'"));
    CHECK(tsd.stored() == 1);
    const test::TemporaryDirectory directory;
    directory.write("f", "put m 1700000003 3 host=web12");
    CHECK(push({tsd.address(), (directory.path() / "f").string()}).ended == test::exit_0);
    CHECK(tsd.contains("put m 1700000003 3 host=web12"));
}

TEST_CASE("A slow push that makes progress is not abandoned, and one stopped in a file reports it and fails") {
    const FakeTsd tsd;
    const test::TemporaryDirectory directory;
    directory.write("f", put_lines(0, 300));
    const Result slow = push({tsd.address(), (directory.path() / "f").string(), "--mps", "100", "--deadline", "1"});
    CHECK(slow.ended == test::exit_0);
    directory.write("f", put_lines(0, 100'000));
    test::Process process{push_command({tsd.address(), (directory.path() / "f").string(), "--mps", "100"},
                                       std::filesystem::path{"/dev/null"})};
    REQUIRE(tsd.wait_for(310));
    process.signal(SIGTERM);
    const Result stopped = test::finish(process, long_time);
    CHECK(stopped.ended.code != 0);
    CHECK_THAT(stopped.err, ContainsSubstring("the run ended within it: read up to line"));
}

TEST_CASE("push works where its standard descriptors are closed") {
    const FakeTsd tsd;
    const test::TemporaryDirectory directory;
    directory.write("f", put_lines(0, 3));
    test::Process process{
        {.program = "/bin/sh",
         .arguments = {"-c", "exec " + test::collector("tickertape").string() + " push " + tsd.address() + " " +
                                 (directory.path() / "f").string() + " <&- 2>&-"}}};
    CHECK(process.wait(long_time).value() == test::exit_0);
    CHECK(tsd.stored() == 3);
}

TEST_CASE("A dry run checks lines and connects to no server") {
    const FakeTsd tsd;
    const Result ran = push({tsd.address(), "--dry-run"}, put_lines(0, 10));
    CHECK(ran.ended == test::exit_0);
    CHECK_THAT(ran.err, ContainsSubstring("10 lines could be sent"));
    CHECK(push({tsd.address(), "--dry-run"}, "x\n").ended == Ended{.code = 1});
    CHECK(tsd.connections() == 0);
}

TEST_CASE("push fails with 1 when the target refuses a line") {
    const FakeTsd tsd{
        {.faults = {.refuse = Refusal::unknown_metric, .refuse_if = [](std::string_view m) { return m == "p"; }}}};
    const Result ran = push({tsd.address()}, put_lines(0, 20) + "put p 1700000000 1 a=b\n");
    CHECK(ran.ended == Ended{.code = 1});
    CHECK_THAT(ran.err, ContainsSubstring("20 acknowledged, 0 unconfirmed, 1 rejected"));
    CHECK_THAT(ran.err, ContainsSubstring("tsd://" + tsd.address() + ": it replied 2 times unknown_metric, first: "));
}

TEST_CASE("push fails with 3 when it is not known whether all arrived") {
    // It dies in the middle of the second connection, on which the sender cannot ask.
    const FakeTsd tsd{{.personality = Personality::victoria_metrics,
                       .faults = {.breakage = {.how = Break::reset, .after_lines = 50, .connections = 1}}}};
    const Result ran = push({tsd.address()}, put_lines(0, 2000));
    CHECK(ran.ended == Ended{.code = 3});
    CHECK(tsd.received().duplicates == 0);
}

TEST_CASE("push fails with 4 when no target answers before the deadline") {
    FakeTsd tsd;
    tsd.stop();
    const Result ran = push({tsd.address(), "--deadline", "0.3"}, put_lines(0, 10));
    CHECK(ran.ended == Ended{.code = 4});
    CHECK_THAT(ran.err, ContainsSubstring("10 lines: 0 acknowledged, 0 unconfirmed, 0 rejected, 10 dropped"));
    CHECK_THAT(ran.err, ContainsSubstring("tickertape: tsd://" + tsd.address() +
                                          ": cannot connect: Connection refused: given up\n"));
}

TEST_CASE("push gives up in the middle of a file, too") {
    FakeTsd tsd;
    tsd.stop();
    const test::TemporaryDirectory directory;
    directory.write("long", put_lines(0, 60'000)); // more than the window
    const Result ran = push({tsd.address(), (directory.path() / "long").string(), "--deadline", "0.3"});
    CHECK(ran.ended == Ended{.code = 4});
    CHECK_THAT(ran.err, ContainsSubstring("long': the run ended within it: read up to line"));
}

TEST_CASE("push waits for a TSD that comes late, and loses nothing") {
    FakeTsd tsd;
    tsd.stop();
    test::Process process{push_command({tsd.address()})};
    process.in.write(put_lines(0, 1000));
    process.err.read_line(long_time); // the first failure
    tsd.start();
    process.in.write(put_lines(1000, 2000));
    process.in.close();
    CHECK(test::finish(process, long_time).ended == test::exit_0);
    CHECK(tsd.stored() == 2000);
    CHECK(tsd.distinct() == 2000);
}

TEST_CASE("push sends lines as they arrive, and ends in order at a signal") {
    const FakeTsd tsd;
    test::Process process{push_command({tsd.address()})};
    process.in.write(put_lines(0, 1));
    REQUIRE(tsd.wait_for(1));
    process.in.write(put_lines(1, 2));
    REQUIRE(tsd.wait_for(2));
    process.signal(GENERATE(SIGTERM, SIGINT));
    const Result ran = test::finish(process, long_time);
    CHECK(ran.ended == test::exit_0);
    CHECK_THAT(ran.err, ContainsSubstring("2 lines: 2 acknowledged"));
}

TEST_CASE("push fails with 2 when it is called wrongly") {
    CHECK(push({}).ended == Ended{.code = 2});
    CHECK(push({"localhost:0"}).ended == Ended{.code = 2});
    CHECK(push({"gopher://localhost"}).ended == Ended{.code = 2});
    CHECK(push({"localhost:4242", "--no-such-flag"}).ended == Ended{.code = 2});
    const Result ran = push({"tsd://me:secret@localhost:4242"});
    CHECK(ran.ended == Ended{.code = 2});
    CHECK_THAT(ran.err, !ContainsSubstring("secret"));
}

TEST_CASE("push without a target, and with a target after a file, is bad usage") {
    const FakeTsd tsd;
    const test::TemporaryDirectory directory;
    directory.write("f", put_lines(0, 3));
    const std::string file = (directory.path() / "f").string();
    for (const std::vector<std::string>& words : {std::vector<std::string>{file}, {file, tsd.address()}, {"-"}}) {
        const Result ran = push(words);
        CHECK(ran.ended == Ended{.code = 2});
        CHECK_THAT(ran.err, ContainsSubstring("name the target first"));
    }
    const Result behind = push({tsd.address(), file, "tsd://" + tsd.address()});
    CHECK(behind.ended == Ended{.code = 2});
    CHECK_THAT(behind.err, ContainsSubstring("is a target behind a file; targets come first"));
    CHECK(tsd.connections() == 0);
}

TEST_CASE("A wrong command line of tickertape gives one sentence with its fault, and the help to read") {
    const auto complaint_about = [](std::vector<std::string> arguments) {
        test::Process process{{.program = test::collector("tickertape"),
                               .arguments = std::move(arguments),
                               .in = std::filesystem::path{"/dev/null"}}};
        CHECK(process.out.read_to_end(long_time).empty());
        std::string text = process.err.read_to_end(long_time);
        CHECK(process.wait(long_time) == Ended{.code = 2});
        return text;
    };
    CHECK(complaint_about({}) == "tickertape: a subcommand is required; see tickertape --help\n");
    CHECK(complaint_about({"psuh", "x"}) ==
          "tickertape: there is no command or flag 'psuh'; perhaps push is meant; see tickertape --help\n");
    CHECK(complaint_about({"push", "--dedline", "5"}) ==
          "tickertape: there is no flag '--dedline'; perhaps --deadline is meant; see tickertape push --help\n");
    CHECK(complaint_about({"quite", "unlike"}) ==
          "tickertape: there is no command or flag 'quite'; see tickertape --help\n");
    CHECK_THAT(complaint_about({"burst", "--jsn"}),
               ContainsSubstring("no flag '--jsn'; perhaps --json is meant; see tickertape burst --help"));
    CHECK(complaint_about({"burst", "--top", "x"}) ==
          "tickertape: --top: 'x' is not a valid value; see tickertape burst --help\n");
    CHECK_THAT(complaint_about({"push"}), ContainsSubstring("TARGET is required; see tickertape push --help"));
    CHECK_THAT(complaint_about({"lint", "--target", "influx"}), ContainsSubstring("influx not in"));
}
