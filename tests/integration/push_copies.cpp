// SPDX-License-Identifier: MIT
// `tickertape push --copy-to`: every line to several destinations.
#include <sys/ioctl.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

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

/// Returns the number of bytes in a pipe that have not been read yet.
int waiting_in(const test::PipeEnd& pipe) {
    int bytes = -1;
    ioctl(pipe.fd(), FIONREAD, &bytes);
    return bytes;
}

/// Returns the peak memory of a process that still runs, in KiB.
std::size_t most_memory(const test::Process& process) {
    std::ifstream status{"/proc/" + std::to_string(process.id()) + "/status"};
    for (std::string word; status >> word;) {
        if (std::size_t size = 0; word == "VmHWM:" && status >> size) {
            return size;
        }
    }
    throw std::runtime_error{"no VmHWM"};
}

/// Returns the address as the value of the tag `copy`.
std::string tag_of(const FakeTsd& tsd) {
    std::string text = tsd.address();
    std::replace(text.begin(), text.end(), ':', '_');
    return text;
}

} // namespace

TEST_CASE("push sends every line of a pipe and of files to each destination, with an account each") {
    const FakeTsd old;
    const FakeTsd fresh{{.personality = Personality::victoria_metrics}};
    const test::TemporaryDirectory directory;
    directory.write("f", put_lines(0, 500));
    const std::string file = (directory.path() / "f").string();
    const bool is_file = GENERATE(false, true);
    std::vector<std::string> arguments{old.address(), "--copy-to", "http://" + fresh.address()};
    if (is_file) {
        arguments.push_back(file);
    }
    const Result ran = push(arguments, is_file ? std::string{} : put_lines(0, 500));
    CHECK(ran.ended == test::exit_0);
    CHECK(received(old) == put_lines(0, 500));
    CHECK(fresh.distinct() == 500);
    CHECK_THAT(ran.err, ContainsSubstring("tickertape: tsd://" + old.address() + ": 500 lines: 500 acknowledged"));
    CHECK_THAT(ran.err,
               ContainsSubstring("tickertape: http://" + fresh.address() + "/api/put: 500 lines: 500 acknowledged"));
}

TEST_CASE("standard input that is a file is read by each destination at its own pace") {
    const FakeTsd fast;
    const FakeTsd slow;
    const test::TemporaryDirectory directory;
    directory.write("f", put_lines(0, 2000));
    test::Process process{push_command({fast.address(), "--copy-to", slow.address()}, directory.path() / "f")};
    const Result ran = test::finish(process, long_time);
    CHECK(ran.ended == test::exit_0);
    CHECK(received(fast) == put_lines(0, 2000));
    CHECK(received(slow) == put_lines(0, 2000));
}

TEST_CASE("a destination that is down does not affect the others, and has its own deadline") {
    FakeTsd down;
    down.stop();
    const FakeTsd up;
    const bool down_is_first = GENERATE(true, false);
    test::Process process{push_command({down_is_first ? down.address() : up.address(), "--copy-to",
                                        down_is_first ? up.address() : down.address(), "--deadline", "1"})};
    process.in.write(put_lines(0, 10));
    CHECK(up.wait_for(10)); // while push still tries the other
    process.in.write(put_lines(10, 20));
    CHECK(up.wait_for(20));
    process.in.close();
    const Result ran = test::finish(process, long_time);
    CHECK(ran.ended == Ended{.code = 4});
    CHECK_THAT(ran.err, ContainsSubstring("tsd://" + up.address() + ": 20 lines: 20 acknowledged"));
    CHECK_THAT(ran.err, ContainsSubstring("tsd://" + down.address() +
                                          ": 20 lines: 0 acknowledged, 0 unconfirmed, 0 "
                                          "rejected, 20 dropped"));
    CHECK_THAT(ran.err, ContainsSubstring("tickertape: tsd://" + down.address() + ": cannot connect"));
}

TEST_CASE("a destination that is silent does not delay a file for the other") {
    const FakeTsd silent{{.faults = {.breakage = {.how = Break::stall}}}};
    const FakeTsd up;
    const test::TemporaryDirectory directory;
    directory.write("f", put_lines(0, 200'000)); // more than sockets and queues hold
    test::Process process{push_command(
        {silent.address(), "--copy-to", up.address(), "--deadline", "0", (directory.path() / "f").string()})};
    CHECK(up.wait_for(200'000));
    process.signal(SIGTERM);
    const Result ran = test::finish(process, long_time);
    CHECK_THAT(ran.err, ContainsSubstring("tsd://" + up.address() + ": 200000 lines: 200000 acknowledged"));
}

TEST_CASE("from a pipe, points that a silent destination cannot hold are dropped there alone and counted") {
    const FakeTsd silent{{.faults = {.breakage = {.how = Break::stall}}}};
    const FakeTsd up;
    constexpr std::size_t number = 600'000; // 20 MB
    test::Process process{push_command({up.address(), "--copy-to", silent.address(), "--deadline", "1"})};
    std::jthread writer{[&] {
        for (std::size_t i = 0; i < number; i += 10'000) {
            process.in.write(put_lines(i, i + 10'000));
            if (!up.wait_for(i)) { // otherwise the queue of this destination would overflow, too
                break;
            }
        }
        process.in.close();
    }};
    writer.join();
    const Result ran = test::finish(process, long_time);
    CHECK(up.stored() == number);
    CHECK_THAT(ran.err, ContainsSubstring("tsd://" + up.address() + ": 600000 lines: 600000 acknowledged"));
    CHECK_THAT(ran.err, ContainsSubstring("tsd://" + silent.address() + ": 600000 lines: 0 acknowledged"));
    CHECK_THAT(ran.err, ContainsSubstring(": lines came faster than it took them: "));
    CHECK(ran.ended.code != 0);
}

TEST_CASE("single lines of a pipe for a copy that is down take no more memory than they may") {
    FakeTsd down;
    down.stop();
    const FakeTsd up;
    test::Process process{push_command({up.address(), "--copy-to", down.address(), "--deadline", "1"})};
    process.in.write(put_lines(0, 100'000)); // more than its sender and its pipe hold; the queue has room for more
    for (std::size_t i = 100'000; i < 104'000; ++i) {
        process.in.write(put_lines(i, i + 1));
        CHECK(test::eventually([&] { return waiting_in(process.in) == 0; })); // push has read it
    }
    CHECK(up.wait_for(104'000));
    CHECK(most_memory(process) < 100'000); // 4,000 buffers of 64 KiB would be 262,144 KiB
    process.in.close();
    const Result ran = test::finish(process, long_time);
    CHECK_THAT(ran.err, ContainsSubstring("tsd://" + up.address() + ": 104000 lines: 104000 acknowledged"));
    CHECK_THAT(ran.err, ContainsSubstring("tsd://" + down.address() +
                                          ": 104000 lines: 0 acknowledged, 0 unconfirmed, 0 rejected, 104000 dropped"));
}

TEST_CASE("a stop with copies ends an idle pipe at once, and all that waits for answers at the same time") {
    const FakeTsd up;
    const bool is_silent = GENERATE(false, true);
    tickertape::testkit::FakeTsdOptions options;
    if (is_silent) {
        options.faults.breakage.how = Break::stall;
    }
    const FakeTsd copy{options};
    // Separate waits of 3 s after a stop would take 6 s and more. A busy machine gets more than one try.
    const std::chrono::milliseconds most = is_silent ? 5s : 2500ms;
    std::chrono::steady_clock::duration fastest = long_time;
    for (std::size_t tries = 0; tries < 5 && fastest > most; ++tries) {
        test::Process process{push_command({up.address(), "--copy-to", copy.address()})};
        process.in.write(put_lines(0, 10));
        CHECK(up.wait_for(10 * (tries + 1)));
        CHECK((is_silent || copy.wait_for(10 * (tries + 1))));
        const auto begun = std::chrono::steady_clock::now();
        process.signal(SIGTERM);
        const Result ran = test::finish(process, long_time);
        fastest = std::min(fastest, std::chrono::steady_clock::now() - begun);
        CHECK_THAT(ran.err, ContainsSubstring("tsd://" + up.address() + ": 10 lines: 10 acknowledged"));
    }
    CHECK(fastest < most);
}

TEST_CASE("a destination that refuses points rejects them in its own account") {
    const FakeTsd up;
    const FakeTsd refuses{{.faults = {.refuse = Refusal::unknown_metric,
                                      .refuse_if = [](std::string_view metric) { return metric == "n"; }}}};
    const Result ran = push({up.address(), "--copy-to", refuses.address(), "--deadline", "1"},
                            put_lines(0, 5) + "put n 1700000000 1 a=b\n");
    CHECK(ran.ended == Ended{.code = 1});
    CHECK_THAT(ran.err,
               ContainsSubstring("tsd://" + up.address() + ": 6 lines: 6 acknowledged, 0 unconfirmed, 0 rejected"));
    CHECK_THAT(ran.err, ContainsSubstring("tsd://" + refuses.address() +
                                          ": 6 lines: 5 acknowledged, 0 unconfirmed, 1 rejected"));
    CHECK_THAT(ran.err,
               ContainsSubstring("tsd://" + refuses.address() + ": the receiver refused it: 1 rejected, first: "));
}

TEST_CASE("each destination has a spool of its own") {
    const FakeTsd up;
    FakeTsd down;
    down.stop();
    const test::TemporaryDirectory directory;
    const std::vector<std::string> arguments{
        up.address(), "--copy-to", down.address(), "--spool", directory.path().string(), "--deadline", "1"};
    const Result first = push(arguments, put_lines(0, 10));
    CHECK(first.ended == Ended{.code = 4 + 1});
    CHECK(up.stored() == 10);
    down.start();
    CHECK(push(arguments, put_lines(10, 11)).ended == test::exit_0);
    CHECK(down.distinct() == 11);
    CHECK(up.distinct() == 11);
}

TEST_CASE("a bad line is named once for all destinations, and counted for each") {
    const FakeTsd one;
    const FakeTsd other;
    const Result ran = push({one.address(), "--copy-to", other.address()}, "bad\n" + put_lines(0, 1));
    CHECK(ran.ended == Ended{.code = 1});
    const std::size_t first = ran.err.find("stdin:1: ");
    CHECK(first != std::string::npos);
    CHECK(ran.err.find("stdin:1: ", first + 1) == std::string::npos);
    CHECK_THAT(ran.err, ContainsSubstring(other.address() + ": 1 line: 1 acknowledged"));
}

TEST_CASE("a copy may name targets for fail-over, and no target belongs to two destinations") {
    const FakeTsd up;
    const FakeTsd second;
    FakeTsd down;
    down.stop();
    CHECK(push({up.address(), "--copy-to", down.address() + "," + second.address()}, put_lines(0, 3)).ended ==
          test::exit_0);
    CHECK(second.stored() == 3);
    const Result twice = push({up.address(), "--copy-to", second.address() + "," + up.address()});
    CHECK(twice.ended == Ended{.code = 2});
    CHECK_THAT(twice.err, ContainsSubstring("the target 'tsd://" + up.address() + "' belongs to two destinations"));
    // A TSD takes both protocols on one port; the paths of a proxy may lead to different TSDs.
    CHECK(push({up.address(), "--copy-to", "http://" + up.address()}).ended == Ended{.code = 2});
    CHECK(push({"--dry-run", "http://" + up.address() + "/a", "--copy-to", "http://" + up.address() + "/b"}).ended ==
          test::exit_0);
}

TEST_CASE("standard input that is named twice is at its end the second time, for each destination") {
    const FakeTsd one;
    const FakeTsd other;
    const test::TemporaryDirectory directory;
    directory.write("f", put_lines(0, 10));
    const bool is_file = GENERATE(false, true);
    test::Process process{push_command({one.address(), "--copy-to", other.address(), "-", "-"},
                                       is_file ? test::Stream{directory.path() / "f"} : test::Stream{test::Pipe{}})};
    if (!is_file) {
        process.in.write(put_lines(0, 10));
        process.in.close();
    }
    CHECK(test::finish(process, long_time).ended == test::exit_0);
    CHECK(received(one) == put_lines(0, 10));
    CHECK(received(other) == put_lines(0, 10));
}

TEST_CASE("the account names lines of its own beside those of the input, and copies of one address have a tag each") {
    const FakeTsd up;
    const FakeTsd copies;
    const FakeTsd refuses{{.faults = {.refuse = Refusal::unknown_metric,
                                      .refuse_if = [](std::string_view metric) { return metric == "m"; }}}};
    test::Process process{push_command({up.address(), "--self-metrics", "1ms", "--deadline", "1", "--copy-to",
                                        refuses.address(), "--copy-to", "http://" + copies.address() + "/api/put",
                                        "--copy-to", "http://" + copies.address() + "/api/v1/put"})};
    const std::string name = tag_of(copies);
    std::size_t written = 0;
    CHECK(test::eventually([&] { // a report comes with the first line after its due time
        process.in.write(put_lines(written, written + 1));
        ++written;
        const std::string first = received(copies);
        return first.find(" copy=" + name + " ") != std::string::npos &&
               first.find(" copy=" + name + "_2 ") != std::string::npos &&
               received(up).find("tickertape.push.") != std::string::npos &&
               received(refuses).find("tickertape.push.") != std::string::npos;
    }));
    process.in.close();
    const Result ran = test::finish(process, long_time);
    CHECK(ran.ended == Ended{.code = 4});
    CHECK_THAT(ran.err, ContainsSubstring("tsd://" + up.address() + ": " + std::to_string(written) + " lines and "));
    CHECK_THAT(ran.err, ContainsSubstring(" of its own: "));
    CHECK_THAT(ran.err,
               ContainsSubstring("tickertape: tsd://" + refuses.address()) && ContainsSubstring(": given up\n"));
}

TEST_CASE("credentials of the first destination are not sent to a copy") {
    const FakeTsd first;
    const FakeTsd copy;
    test::Command command = push_command({"http://" + first.address(), "--copy-to", "http://" + copy.address()});
    command.environment = {{"TICKERTAPE_TSD_AUTH", "me:secret"}};
    CHECK(test::run(command, put_lines(0, 1), long_time).ended == test::exit_0);
    REQUIRE(first.requests().size() == 1);
    REQUIRE(copy.requests().size() == 1);
    CHECK_FALSE(first.requests().front().authorization.empty());
    CHECK(copy.requests().front().authorization.empty());
    command.environment["TICKERTAPE_COPY_AUTH"] = "Bearer other";
    CHECK(test::run(command, put_lines(1, 2), long_time).ended == test::exit_0);
    CHECK(copy.requests().back().authorization == "Bearer other");
}
