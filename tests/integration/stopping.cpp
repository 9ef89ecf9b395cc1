// SPDX-License-Identifier: MIT
// TERM, INT and `q` end each command wherever it waits.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <tickertape/testkit/fake_tsd.hpp>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"
#include "support/terminal.hpp"

namespace {

using namespace std::chrono_literals;
using test::at_some_time;
using test::Ended;
using test::Process;
using tickertape::testkit::FakeTsd;

/// A FIFO without a writer, and without another reader.
std::string fifo_in(const test::TemporaryDirectory& directory) {
    const std::string path = (directory.path() / "fifo").string();
    REQUIRE(mkfifo(path.c_str(), 0600) == 0);
    return path;
}

Process command(std::vector<std::string> arguments, test::Stream in = std::filesystem::path{"/dev/null"},
                test::Stream out = test::Pipe{}) {
    return Process{{.program = test::collector("tickertape"),
                    .arguments = std::move(arguments),
                    .in = std::move(in),
                    .out = std::move(out)}};
}

std::uint64_t handled_signals(const Process& process) {
    std::ifstream file{"/proc/" + std::to_string(process.id()) + "/status"};
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("SigCgt:")) {
            return std::stoull(line.substr(sizeof "SigCgt:" - 1), nullptr, 16);
        }
    }
    return 0;
}

/// Waits until it handles TERM and sleeps in five checks in a row, because it may also sleep before.
void await_waiting(const Process& process) {
    int asleep = 0;
    REQUIRE(test::eventually([&] {
        const bool handles = (handled_signals(process) >> (SIGTERM - 1) & 1U) == 1;
        asleep = handles && process.state() == 'S' ? asleep + 1 : 0;
        return asleep >= 5;
    }));
}

/// Checks that this signal ends it.
void check_ends(Process& process, int signal, int code = 0) {
    CAPTURE(signal);
    await_waiting(process);
    process.signal(signal);
    CHECK(process.wait(at_some_time) == Ended{.code = code});
}

/// A port without a listener.
std::string dead_target() {
    FakeTsd tsd;
    tsd.stop();
    return tsd.address();
}

/// If a first signal leads to a wait, the second one ends the process. A busy machine may reach the end of the wait first, so
/// there are several attempts.
void check_second_signal_ends(const std::function<Process()>& start, int first, int second) {
    CAPTURE(first, second);
    bool ended_by_second = false;
    for (int attempt = 0; attempt < 10 && !ended_by_second; ++attempt) {
        Process process = start();
        await_waiting(process);
        process.signal(first);
        std::this_thread::sleep_for(300ms);
        process.signal(second);
        ended_by_second = process.wait(at_some_time) == Ended{.signal = second};
    }
    CHECK(ended_by_second);
}

const std::map<std::string, std::string> surroundings{
    {"TERM", "xterm-256color"}, {"LC_ALL", "C.UTF-8"}, {"NO_COLOR", ""}, {"COLUMNS", ""}};

Process watch(const test::Terminal& terminal, const std::string& file) {
    return Process{{.program = test::collector("tickertape"),
                    .arguments = {"watch", file},
                    .in = test::Pipe{},
                    .out = test::Device{terminal.path()},
                    .own_session = true,
                    .environment = surroundings}};
}

/// A blocking pipe that is full.
class FullPipe {
public:
    FullPipe() {
        REQUIRE(::pipe2(ends_.data(), O_CLOEXEC | O_NONBLOCK) == 0);
        while (::write(ends_[1], "\n", 1) == 1) {
        }
        ::fcntl(ends_[1], F_SETFL, 0);
    }
    FullPipe(const FullPipe&) = delete;
    FullPipe& operator=(const FullPipe&) = delete;
    ~FullPipe() {
        ::close(ends_[0]);
        ::close(ends_[1]);
    }
    [[nodiscard]] int writing() const { return ends_[1]; }

private:
    std::array<int, 2> ends_{};
};

} // namespace

TEST_CASE("TERM, INT and HUP end lint, burst and push on a FIFO that nobody writes") {
    const int signal = GENERATE(SIGTERM, SIGINT, SIGHUP);
    const test::TemporaryDirectory directory;
    const std::string fifo = fifo_in(directory);
    const FakeTsd tsd;
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{"lint", "--target", "opentsdb", fifo},
                                                      {"burst", fifo},
                                                      {"push", tsd.address(), fifo}}) {
        CAPTURE(arguments[0]);
        Process process = command(arguments);
        check_ends(process, signal);
    }
}

TEST_CASE("TERM and INT end lint, burst and push while standard input is silent") {
    const int signal = GENERATE(SIGTERM, SIGINT);
    const FakeTsd tsd;
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"lint", "--target", "opentsdb"}, {"burst"}, {"push", tsd.address()}}) {
        CAPTURE(arguments[0]);
        Process process = command(arguments, test::Pipe{});
        check_ends(process, signal);
    }
}

TEST_CASE("TERM, INT and q end watch on a FIFO that nobody writes") {
    const test::TemporaryDirectory directory;
    const std::string fifo = fifo_in(directory);
    const std::string key = GENERATE("", "q", "\x03");
    CAPTURE(key);
    test::Terminal terminal{12, 80};
    Process process = watch(terminal, fifo);
    REQUIRE(terminal.shows("0 series"));
    if (key.empty()) {
        check_ends(process, GENERATE(SIGTERM, SIGINT, SIGHUP));
    } else {
        terminal.type(key);
        CHECK(process.wait(at_some_time) == test::exit_0);
    }
}

TEST_CASE("watch shows lines from a FIFO whose writer comes later") {
    const test::TemporaryDirectory directory;
    const std::string fifo = fifo_in(directory);
    test::Terminal terminal{12, 80};
    Process process = watch(terminal, fifo);
    REQUIRE(terminal.shows("0 series"));
    std::ofstream{fifo} << "put late.metric 1700000000 17 host=h\n";
    CHECK(terminal.shows("late.metric"));
    terminal.type("q");
    CHECK(process.wait(at_some_time) == test::exit_0);
}

TEST_CASE("lint waits for the writer of a FIFO, and reads to its end") {
    const test::TemporaryDirectory directory;
    const std::string fifo = fifo_in(directory);
    Process process = command({"lint", "--target", "opentsdb", fifo});
    await_waiting(process);
    std::ofstream{fifo} << "put m 1700000000 17 host=h\nput m 1700000001 18 host=h\n";
    CHECK(process.wait(at_some_time) == test::exit_0);
    CHECK_THAT(process.err.read_to_end(at_some_time), Catch::Matchers::ContainsSubstring("2 lines"));
}

TEST_CASE("TERM ends lint and burst though nobody reads their output") {
    const test::TemporaryDirectory directory;
    std::string bad;
    for (int i = 0; i < 200; ++i) {
        bad += "put m." + std::to_string(i) + " 1700000000 no host=h\n";
    }
    directory.write("bad", bad);
    const std::string file = (directory.path() / "bad").string();
    const FullPipe full;
    Process lint = command({"lint", "--max", "0", "--target", "opentsdb", file}, std::filesystem::path{"/dev/null"},
                           full.writing());
    await_waiting(lint);
    lint.signal(SIGTERM);
    CHECK(lint.wait(at_some_time) == Ended{.code = 2});
    // Here the first TERM ends the reading, and nobody reads the report.
    Process burst = command({"burst"}, test::Pipe{}, full.writing());
    burst.in.write("put m 1700000000 1 host=h\n");
    check_ends(burst, SIGTERM, 1);
}

TEST_CASE("A second TERM or INT ends lint at once while nobody reads its output") {
    const test::TemporaryDirectory directory;
    const FullPipe full;
    const int second = GENERATE(SIGTERM, SIGINT);
    check_second_signal_ends(
        [&] {
            Process lint = command({"lint", "--max", "0", "--target", "opentsdb"}, test::Pipe{}, full.writing());
            lint.in.write(std::string(100, 'x') + "\n");
            return lint;
        },
        SIGTERM, second);
}

TEST_CASE("push ends within its grace period when its target is dead, and at once at a second signal") {
    const std::string target = dead_target();
    const int signal = GENERATE(SIGTERM, SIGINT);
    const auto start = [&] {
        Process push = command({"push", target, "--deadline", "0"}, test::Pipe{});
        push.in.write("put m 1700000000 1 host=h\n");
        return push;
    };
    Process push = start();
    check_ends(push, signal, 4);
    check_second_signal_ends(start, SIGTERM, signal);
}

TEST_CASE("A collector that reads once and pushes to a dead target ends at a signal") {
    const std::string target = dead_target();
    const int signal = GENERATE(SIGTERM, SIGINT);
    bool ended_by_signal = false;
    for (int attempt = 0; attempt < 10 && !ended_by_signal; ++attempt) {
        Process process{{.program = test::collector("uptime"), .arguments = {"--once", "--tsd", target}}};
        await_waiting(process);
        std::this_thread::sleep_for(600ms); // it waits for the target from then on
        process.signal(signal);
        ended_by_signal = process.wait(at_some_time) == Ended{.signal = signal};
    }
    CHECK(ended_by_signal);
}
