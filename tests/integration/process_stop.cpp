// SPDX-License-Identifier: MIT
// The end of a collector: by signals and readers that go away, with its points written.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/fair_time.hpp"
#include "support/line_sums.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"
#include "support/under_tcollector.hpp"

using namespace std::chrono_literals;
using test::at_some_time;
using test::eventually;
using test::exit_0;
using test::Process;

namespace {

/// tcollector's patience, which is also our promise.
constexpr std::chrono::milliseconds promised = 5s;

/// Returns how it ends. It must end in the promised time.
std::optional<test::Ended> end_in_time(Process& process) {
    const test::FairTime time;
    const auto ended = process.wait(at_some_time);
    CHECK(time.passed() <= promised);
    return ended;
}

/// A blocked_reader that has counted `bytes`.
Process blocked_reader(int bytes, std::vector<std::string> arguments = {}, test::Stream out = test::Pipe{}) {
    Process reader{{.program = test::test_program("blocked_reader"),
                    .arguments = std::move(arguments),
                    .in = test::Pipe{},
                    .out = std::move(out)}};
    REQUIRE(reader.err.read_line(at_some_time) == "ready");
    if (bytes > 0) {
        reader.in.write(std::string(static_cast<std::size_t>(bytes), 'x'));
        REQUIRE(reader.err.read_line(at_some_time) == "counted");
    }
    return reader;
}

/// Both ends of a full pipe of one page.
class FullPipe {
public:
    FullPipe() {
        REQUIRE(::pipe2(ends_.data(), O_CLOEXEC | O_NONBLOCK) == 0);
        ::fcntl(ends_[1], F_SETPIPE_SZ, 4096);
        while (::write(ends_[1], "\n", 1) == 1) {
        }
        ::fcntl(ends_[1], F_SETFL, 0); // blocking, like tcollector's pipes
        reading = test::PipeEnd{ends_[0]};
    }
    FullPipe(const FullPipe&) = delete;
    FullPipe& operator=(const FullPipe&) = delete;
    ~FullPipe() { close_writing(); }

    void close_writing() {
        if (ends_[1] >= 0) {
            ::close(ends_[1]);
            ends_[1] = -1;
        }
    }
    [[nodiscard]] int writing() const { return ends_[1]; }
    /// Returns the text after the newlines that filled the pipe.
    std::string rest() {
        close_writing();
        const std::string text = reading.read_to_end(at_some_time);
        return text.substr(std::min(text.find_first_not_of('\n'), text.size()));
    }

    test::PipeEnd reading;

private:
    std::array<int, 2> ends_{};
};

/// Returns a mask in /proc/PID/status: SigIgn, SigCgt, SigBlk.
std::uint64_t signal_mask(const Process& process, const std::string& name) {
    std::ifstream file{"/proc/" + std::to_string(process.id()) + "/status"};
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(name + ":")) {
            return std::stoull(line.substr(name.size() + 1), nullptr, 16);
        }
    }
    throw std::runtime_error{"no " + name};
}

bool has(std::uint64_t mask, int signal) { return (mask >> (signal - 1) & 1U) == 1; }

} // namespace

TEST_CASE("TERM, INT and HUP end a collector whose main is blocked in a read, and all that was counted is written") {
    const int signal = GENERATE(SIGTERM, SIGINT, SIGHUP);
    CAPTURE(signal);
    Process reader = blocked_reader(3);
    const test::FairTime time;
    const std::uint64_t before = test::now_in_seconds();
    reader.signal(signal);
    CHECK(end_in_time(reader) == exit_0);
    const auto held_up = std::chrono::duration_cast<std::chrono::seconds>(time.lost());
    const auto points = test::points_in(reader.out.read_to_end(at_some_time), true);
    REQUIRE(points.size() == 1);
    CHECK(points.begin()->second.sum() == 3);
    CHECK(points.begin()->second.stamps_increase());
    // The bucket that was open when the signal came is the last one, and it is complete, because the collector waited for its
    // end.
    CHECK(*test::last_stamp(points) >= before);
    CHECK(*test::last_stamp(points) <= before + 1 + static_cast<std::uint64_t>(held_up.count()));
    CHECK(test::now_in_seconds() > *test::last_stamp(points));
}

TEST_CASE("A read that main is blocked in is not interrupted by a signal that asks for the end") {
    Process reader = blocked_reader(0);
    reader.signal(SIGTERM);
    CHECK(end_in_time(reader) == exit_0);
    CHECK(reader.err.read_to_end(at_some_time).empty());
}

TEST_CASE("A collector whose main returns by itself writes everything, too") {
    Process reader = blocked_reader(5);
    reader.in.close();
    CHECK(end_in_time(reader) == exit_0);
    CHECK(test::points_in(reader.out.read_to_end(at_some_time), true).begin()->second.sum() == 5);
}

TEST_CASE("TERM, INT and HUP end a collector whose stdout is a full pipe that nobody reads") {
    const int signal = GENERATE(SIGTERM, SIGINT, SIGHUP);
    CAPTURE(signal);
    FullPipe pipe;
    Process reader = blocked_reader(3, {"--interval", "1", "--timespan", "1"}, pipe.writing());
    std::this_thread::sleep_for(1500ms); // so that it has tried to write
    reader.signal(signal);
    CHECK(end_in_time(reader) == exit_0);
    CHECK_NOTHROW(test::points_in(pipe.rest(), true)); // no torn line
}

TEST_CASE("A reader that comes back while a collector ends gets everything") {
    FullPipe pipe;
    Process reader = blocked_reader(3, {"--timespan", "1"}, pipe.writing());
    std::this_thread::sleep_for(1500ms);
    reader.signal(SIGTERM);
    pipe.close_writing();
    std::this_thread::sleep_for(500ms);
    const std::string text = pipe.rest();
    CHECK(end_in_time(reader) == exit_0);
    const auto points = test::points_in(text, true);
    REQUIRE(points.size() == 1);
    CHECK(points.begin()->second.sum() == 3);
}

TEST_CASE("A collector asked to end at any moment of its start-up ends in time and in good order") {
    const bool numprocesses = GENERATE(true, false);
    const auto program = numprocesses ? test::collector("numprocesses") : test::test_program("blocked_reader");
    std::vector<std::unique_ptr<Process>> started;
    for (int attempt = 0; attempt < 40; ++attempt) {
        started.push_back(std::make_unique<Process>(test::Command{.program = program, .in = test::Pipe{}}));
        std::this_thread::sleep_for(std::chrono::microseconds{attempt * attempt * 20}); // up to 30 ms
        started.back()->signal(attempt % 2 == 0 ? SIGTERM : SIGHUP);
    }
    for (const auto& process : started) {
        const auto ended = end_in_time(*process);
        REQUIRE(ended.has_value());
        const std::string out = process->out.read_to_end(at_some_time);
        CHECK_NOTHROW(test::points_in(out, true));
        if (ended->signal != 0) { // before main had begun
            CHECK((ended->signal == SIGTERM || ended->signal == SIGHUP));
            CHECK(out.empty());
        } else {
            CHECK(ended == exit_0);
        }
        const std::string err = process->err.read_to_end(at_some_time);
        CHECK((err.empty() || err == "ready\n"));
    }
}

TEST_CASE("A collector whose reader goes away in mid-stream exits with 0 and writes no message") {
    Process process{{.program = test::collector("numprocesses"),
                     .arguments = {"--interval", "20ms", "--granularity", "20ms", "--timespan", "100ms"}}};
    for (int line = 0; line < 30; ++line) {
        REQUIRE(process.out.read_line(at_some_time).has_value());
    }
    process.out.close();
    CHECK(end_in_time(process) == exit_0);
    CHECK(process.err.read_to_end(at_some_time).empty());
}

TEST_CASE("A collector that has nothing to write learns that its reader has gone") {
    Process reader = blocked_reader(0, {"--timespan", "3600", "--granularity", "60"});
    reader.out.close();
    CHECK(end_in_time(reader) == exit_0);
    CHECK(reader.err.read_to_end(at_some_time).empty());
}

TEST_CASE("A collector ends when tcollector is killed") {
    const bool blocked = GENERATE(true, false);
    CAPTURE(blocked);
    test::UnderTcollector pair{blocked ? test::test_program("blocked_reader") : test::collector("numprocesses"),
                               {"--timespan", "1"}};
    if (blocked) {
        REQUIRE(pair.tcollector.err.read_line(at_some_time) == "ready");
    }
    const auto line = pair.tcollector.out.read_line(at_some_time);
    REQUIRE(line.has_value());
    CHECK_FALSE(line->starts_with("put ")); // it detected that tcollector started it
    pair.tcollector.signal(SIGKILL);
    REQUIRE(pair.tcollector.wait(at_some_time) == test::Ended{.signal = SIGKILL});
    CHECK(end_in_time(pair.collector) == exit_0);
}

TEST_CASE("A second signal of another kind does not hurry a collector") {
    Process reader = blocked_reader(2);
    reader.signal(SIGTERM);
    reader.signal(SIGHUP);
    reader.signal(SIGTERM);
    CHECK(end_in_time(reader) == exit_0);
    CHECK(test::points_in(reader.out.read_to_end(at_some_time), true).begin()->second.sum() == 2);
}

TEST_CASE("A second INT ends a collector at once") {
    FullPipe pipe; // so that it takes some time
    Process reader = blocked_reader(2, {}, pipe.writing());
    reader.signal(SIGINT);
    // Two pending signals of one kind are one.
    REQUIRE(eventually([&] { return !has(signal_mask(reader, "ShdPnd"), SIGINT); }));
    reader.signal(SIGINT);
    CHECK(end_in_time(reader) == test::Ended{.signal = SIGINT});
}

TEST_CASE("Signals that were ignored from the start stay ignored, as under nohup") {
    Process reader{{.program = "/bin/sh",
                    .arguments = {"-c", "trap '' HUP INT PIPE; exec \"$0\"", test::test_program("blocked_reader")},
                    .in = test::Pipe{}}};
    REQUIRE(reader.err.read_line(at_some_time) == "ready");
    const std::uint64_t ignored = signal_mask(reader, "SigIgn");
    CHECK(has(ignored, SIGHUP));
    CHECK(has(ignored, SIGINT));
    CHECK(has(ignored, SIGPIPE));
    CHECK(has(signal_mask(reader, "SigCgt"), SIGTERM));
    reader.signal(SIGHUP);
    reader.signal(SIGINT);
    CHECK_FALSE(reader.wait(1500ms).has_value());
    reader.signal(SIGTERM);
    CHECK(end_in_time(reader) == exit_0);
}

TEST_CASE("A collector handles TERM, INT and HUP, and no other signal, and blocks none in main's thread") {
    Process reader = blocked_reader(0);
    const std::uint64_t caught = signal_mask(reader, "SigCgt");
    CHECK(has(caught, SIGTERM));
    CHECK(has(caught, SIGINT));
    CHECK(has(caught, SIGHUP));
    for (const int other : {SIGPIPE, SIGALRM, SIGCHLD, SIGUSR1, SIGUSR2, SIGQUIT, SIGTSTP, SIGPROF}) {
        CAPTURE(other);
        CHECK_FALSE(has(caught, other));
        CHECK_FALSE(has(signal_mask(reader, "SigIgn"), other));
    }
    CHECK(signal_mask(reader, "SigBlk") == 0);
}

TEST_CASE("A successor that is started right after a collector's end repeats no timestamp") {
    const bool fine = GENERATE(true, false);
    CAPTURE(fine);
    const test::TemporaryDirectory directory;
    const std::filesystem::path file = directory.path() / "out";
    const std::vector<std::string> arguments =
        fine
            ? std::vector<std::string>{"--dedup", "0", "--interval", "50ms", "--granularity", "50ms", "--timespan", "5"}
            : std::vector<std::string>{"--timespan", "1"};
    const int runs = fine ? 15 : 4;
    for (int run = 0; run < runs; ++run) {
        Process process{{.program = test::collector("numprocesses"), .arguments = arguments, .out = file}};
        REQUIRE(
            eventually([&] { return has(signal_mask(process, "SigCgt"), SIGTERM); })); // otherwise the signal ends it
        std::this_thread::sleep_for(fine ? 100ms + run * 17ms : 1200ms + run * 170ms);
        process.signal(SIGTERM);
        REQUIRE(end_in_time(process) == exit_0);
    }
    const auto points = test::points_in(test::contents_of(file), true);
    CHECK(points.size() == 9);
    for (const auto& [series, its] : points) {
        CAPTURE(series);
        CHECK(its.stamps_increase());
    }
}

TEST_CASE("A successor of a collector that counts repeats no timestamp, and between them no count is lost") {
    const bool fine = GENERATE(true, false);
    CAPTURE(fine);
    const test::TemporaryDirectory directory;
    const std::filesystem::path file = directory.path() / "out";
    const int runs = fine ? 15 : 4;
    for (int run = 0; run < runs; ++run) {
        Process reader = blocked_reader(1, {"--granularity", fine ? "200ms" : "1"}, file);
        reader.signal(SIGTERM);
        REQUIRE(end_in_time(reader) == exit_0);
    }
    const auto points = test::points_in(test::contents_of(file), true);
    REQUIRE(points.size() == 1);
    CHECK(points.begin()->second.stamps_increase());
    CHECK(points.begin()->second.sum() == runs);
}

TEST_CASE("A collector ends with an exit code and one sentence, after it has written its held points") {
    struct Way {
        const char* how;
        int code;
        const char* sentence;
    };
    const Way way = GENERATE(values<Way>({
        {"return", 0, ""},
        {"cannot work", 13, "ends: there is nothing to collect here\n"},
        {"usage", 2, "ends: the flag does not fit\n"},
        {"throw", 1, "ends: the disk is on fire\n"},
        {"throw an int", 1, "ends: an unknown exception ended it\n"},
        {"throw from main", 1, "ends: main had enough\n"},
    }));
    CAPTURE(way.how);
    const test::Result result = test::run({.program = test::test_program("ends"), .arguments = {"--how", way.how}});
    CHECK(result.ended == test::Ended{.code = way.code});
    CHECK(result.err == way.sentence);
    const auto points = test::points_in(result.out, true);
    REQUIRE(points.size() == 1);
    CHECK(points.begin()->second.sum() == 7);
}

TEST_CASE("The flag --for ends a collector in good order") {
    const test::FairTime time;
    const test::Result result =
        test::run({.program = test::collector("numprocesses"), .arguments = {"--for", "2", "--dedup", "0"}});
    const auto held_up = std::chrono::duration_cast<std::chrono::seconds>(time.lost());
    CHECK(time.passed() <= 2s + promised);
    CHECK(result.ended == exit_0);
    CHECK(result.err.empty());
    for (const auto& [series, its] : test::points_in(result.out, true)) {
        CHECK(its.stamps_increase());
        CHECK(its.stamps.size() <= 4 + static_cast<std::size_t>(held_up.count()));
    }
}

TEST_CASE("A full disk is reported once, and neither hangs nor ends a collector") {
    Process process{{.program = test::collector("numprocesses"),
                     .arguments = {"--timespan", "1"},
                     .out = std::filesystem::path{"/dev/full"}}};
    const auto report = process.err.read_line(at_some_time);
    REQUIRE(report.has_value());
    CHECK(report->find("No space left on device") != std::string::npos);
    CHECK_FALSE(process.wait(2500ms).has_value());
    process.signal(SIGTERM);
    CHECK(end_in_time(process) == exit_0);
    const auto lost = test::complete_lines(process.err.read_to_end(at_some_time));
    REQUIRE(lost.size() == 1);
    CHECK(lost[0].find("points of counters at the end: they are lost") != std::string::npos);
}

TEST_CASE("A reading that cannot be written at all is a failure") {
    const test::Result full = test::run({.program = test::collector("numprocesses"),
                                         .arguments = {"--once"},
                                         .out = std::filesystem::path{"/dev/full"}});
    CHECK(full.ended == test::Ended{.code = 1});
    CHECK(full.err.ends_with("numprocesses: the reading could not be written\n"));

    const test::Result closed =
        test::run({.program = "/bin/sh",
                   .arguments = {"-c", "exec \"$0\" --once >&-", test::collector("numprocesses").string()}});
    CHECK(closed.ended == test::Ended{.code = 2});
    CHECK(closed.err == "numprocesses: standard output is closed: there is nowhere to write to\n");
}

TEST_CASE("A signal to a forked child ends the child, and does not stop its parent") {
    const test::Result result = test::run({.program = test::test_program("forks")});
    CHECK(result.ended == exit_0);
}
