// SPDX-License-Identifier: MIT
// `tickertape agent` with programs that write once a second: its processor time and latency, and the number of lost lines.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "agent_receiver.hpp"
#include "child.hpp"
#include "outside.hpp"
#include "report.hpp"
#include "suites.hpp"

namespace bench {

namespace {

namespace fs = std::filesystem;
using std::chrono::duration;
using std::chrono::milliseconds;
using std::chrono::system_clock;

constexpr int no_restart = 13; // an exit code by tcollector's rules

struct Load {
    std::string name;
    int programs = 20;
    int lines = 100; // of a program in a second
    int seconds = 12;
    std::vector<std::string> flags{};
};

struct Figures {
    double us = 0;       // processor time for a line
    double resident = 0; // MB
    Arrivals arrivals{};
    std::uint64_t written = 0;
    double rate = 0;  // lines that arrive in a second, without the first and the last second
    double agent = 0; // processors that each of the three uses in this time
    double programs = 0;
    double receiver = 0;
};

/// The folder of an agent, with its programs.
class Install {
public:
    Install() : path_{fs::temp_directory_path() / ("tickertape-bench." + std::to_string(getpid()))} {
        fs::create_directories(path_ / "collectors/0");
        std::ofstream{path_ / "agent.conf"};
    }
    Install(const Install&) = delete;
    Install& operator=(const Install&) = delete;
    ~Install() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    void add_program(int number, const Load& load, double begin) const {
        const fs::path path = path_ / "collectors/0" / ("p" + std::to_string(number));
        const double phase = static_cast<double>(number) / load.programs;
        std::ofstream{path} << "#!" << fs::read_symlink("/proc/self/exe").native() << " agent-program\n"
                            << number << ' ' << load.lines << ' ' << load.seconds << ' ' << std::fixed << begin + phase
                            << '\n';
        fs::permissions(path, fs::perms::owner_all);
    }
    [[nodiscard]] std::vector<std::string> command(std::uint16_t port) const {
        const std::string program = TICKERTAPE_BIN_DIR "/tickertape";
        return {program,
                "agent",
                "-c",
                path_ / "collectors",
                "--config",
                path_ / "agent.conf",
                "--status-socket",
                path_ / "s",
                "--host-tag",
                "h",
                "--no-tcollector-stats",
                "127.0.0.1:" + std::to_string(port)};
    }

private:
    fs::path path_;
};

double since_1970() { return duration<double>(system_clock::now().time_since_epoch()).count(); }

/// Sleeps until a number of seconds since 1970.
void sleep_until(double when) {
    std::this_thread::sleep_until(
        system_clock::time_point{std::chrono::duration_cast<system_clock::duration>(duration<double>{when})});
}

/// Processor time of all threads of a process so far, in ns.
double cpu_of(pid_t pid) {
    double all = 0;
    for (const fs::directory_entry& task : fs::directory_iterator{"/proc/" + std::to_string(pid) + "/task"}) {
        double ns = 0;
        std::ifstream{task.path() / "schedstat"} >> ns;
        all += ns;
    }
    return all;
}

/// Processor time of the ended children of a process, in seconds.
double cpu_of_ended(pid_t pid) {
    std::ifstream in{"/proc/" + std::to_string(pid) + "/stat"};
    std::string word;
    constexpr int before = 15; // fields before cutime; the name has no blank
    for (int i = 0; i < before; ++i) {
        in >> word;
    }
    double user = 0;
    double system = 0;
    in >> user >> system;
    return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

Figures measure(const Load& load) {
    Receiver receiver{load.programs};
    const Install install;
    // A thousand programs take seconds to start, more on a busy machine.
    const double begin = since_1970() + 3 + load.programs * 0.015;
    for (int number = 0; number < load.programs; ++number) {
        install.add_program(number, load, begin);
    }
    std::vector<std::string> command = install.command(receiver.port());
    command.insert(command.end(), load.flags.begin(), load.flags.end());
    Child agent{command};
    sleep_until(begin + 1);
    Figures figures;
    const double cpu_before = cpu_of(agent.pid());
    const std::uint64_t lines_before = receiver.lines();
    const double receiver_before = receiver.cpu_ns();
    const double measured_from = since_1970();
    sleep_until(begin + load.seconds - 1);
    const double cpu = cpu_of(agent.pid()) - cpu_before;
    const double measured = since_1970() - measured_from;
    const std::uint64_t lines = std::max<std::uint64_t>(1, receiver.lines() - lines_before);
    figures.us = cpu / 1e3 / static_cast<double>(lines);
    figures.rate = static_cast<double>(lines) / measured;
    figures.agent = cpu / 1e9 / measured;
    figures.receiver = (receiver.cpu_ns() - receiver_before) / 1e9 / measured;
    figures.resident = memory_of(agent.pid(), "Rss");
    figures.written = static_cast<std::uint64_t>(load.programs) * static_cast<std::uint64_t>(load.lines) *
                      static_cast<std::uint64_t>(load.seconds);
    const double latest = begin + load.seconds + 60; // on a machine that is far too busy
    while (receiver.lines() < figures.written && since_1970() < latest) {
        std::this_thread::sleep_for(milliseconds{10});
    }
    const double last = since_1970();
    std::this_thread::sleep_for(milliseconds{1500}); // repeated lines would arrive now, and the programs end
    figures.programs = cpu_of_ended(agent.pid()) / (last - begin);
    agent.signal(SIGTERM);
    agent.wait();
    figures.arrivals = receiver.end();
    return figures;
}

void say_all(const Load& load, const Figures& figures, double latency_limit) {
    const auto say_one = [&](const std::string& demand, const std::string& what, double figure, const char* unit,
                             Limit limit = {}) { say({demand, load.name + ": " + what, figure, unit, limit}); };
    const Arrivals& arrivals = figures.arrivals;
    say_one("agent 6", "lines lost", static_cast<double>(figures.written - std::min(figures.written, arrivals.lines)),
            "", at_most(0));
    say_one("agent 6", "lines twice or out of order", static_cast<double>(arrivals.disordered), "", at_most(0));
    say_one("", "lines written", static_cast<double>(figures.written), "");
    constexpr double almost = 0.98; // a window of some seconds ends within a piece
    say_one("agent 6", "lines in a second", figures.rate, "", at_least(almost * load.programs * load.lines));
    say_one("agent 6", "processor time of a line", figures.us, "us", at_most(2));
    say_one("agent 6", "resident", figures.resident, "MB", load.programs <= 20 ? at_most(15) : Limit{});
    say_one("", "latency, median", arrivals.latency_ms(0.5), "ms");
    say_one("agent 6", "latency, p99", arrivals.latency_ms(0.99), "ms",
            latency_limit > 0 ? at_most(latency_limit) : Limit{});
    say_one("", "processors in use, by the agent", figures.agent, "");
    say_one("", "by the programs", figures.programs, "");
    say_one("", "by the receiver", figures.receiver, "");
}

} // namespace

void agent_suite() {
    double load_average = 0;
    getloadavg(&load_average, 1);
    say({"", "agent: load of the machine before it", load_average, ""});
    const Load usual{.name = "20 programs, 2,000 lines/s"};
    const Figures slow = measure(usual);
    say_all(usual, slow, 1200);
    const Load quick{.name = "the same with --flush 0.05", .flags = {"--flush", "0.05"}};
    const Figures fast = measure(quick);
    say_all(quick, fast, 100);
    say({"", "processor time of a line, --flush 0.05 / default", fast.us / slow.us, ""});
    const Load many{.name = "1,000 programs, 100,000 lines/s", .programs = 1000, .seconds = 20};
    say_all(many, measure(many), 0);
}

int run_agent_program(const char* file) {
    std::ifstream in{file};
    std::string first;
    std::getline(in, first);
    int number = 0;
    int lines = 0;
    int seconds = 0;
    double begin = 0;
    if (!(in >> number >> lines >> seconds >> begin)) {
        throw std::runtime_error{"the program has no settings"};
    }
    const std::string end = " child=" + std::to_string(number) + "\n";
    std::uint64_t value = 0; // a sequence number, so that the receiver notices missing lines
    std::string text;
    for (int second = 0; second < seconds; ++second) {
        sleep_until(begin + second);
        const std::string stamp = " " + std::to_string(static_cast<std::int64_t>(since_1970() * 1e3)) + " ";
        text.clear();
        for (int line = 0; line < lines; ++line) {
            text.append("bench.agent.m").append(std::to_string(line)).append(stamp);
            text.append(std::to_string(value++)).append(end);
        }
        for (std::size_t at = 0; at < text.size();) {
            const ssize_t written = write(STDOUT_FILENO, text.data() + at, text.size() - at);
            if (written < 0) {
                return 1;
            }
            at += static_cast<std::size_t>(written);
        }
    }
    return no_restart;
}

} // namespace bench
