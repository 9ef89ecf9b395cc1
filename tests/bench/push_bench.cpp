// SPDX-License-Identifier: MIT
// `tickertape push` of a million lines, beside `nc`.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "child.hpp"
#include "measure.hpp"
#include "net.hpp"
#include "report.hpp"
#include "scratch.hpp"
#include "suites.hpp"

namespace bench {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t lines = 1'000'000;
constexpr std::uint64_t series = 1000;
const std::string tickertape = std::string{TICKERTAPE_BIN_DIR} + "/tickertape";

/// Writes lines of a thousand series over a thousand seconds; each `run` has other seconds.
std::string write_lines(const fs::path& path, std::uint64_t run) {
    std::FILE* const out = std::fopen(path.c_str(), "w");
    if (out == nullptr) {
        throw std::runtime_error{"cannot write " + path.string()};
    }
    for (std::uint64_t i = 0; i < lines; ++i) {
        const unsigned long long second = 1'700'000'000 + run * 10'000 + i / series;
        std::fprintf(out, "put sys.cpu.user %llu %llu cpu=%llu host=web01\n", second,
                     static_cast<unsigned long long>(i * 7919 % 100'000), static_cast<unsigned long long>(i % series));
    }
    std::fclose(out);
    return path.string();
}

/// A real server with an empty storage of its own.
class VictoriaMetrics {
public:
    explicit VictoriaMetrics(const fs::path& data)
        : query_port_{free_port()}, telnet_port_{free_port()}, http_port_{free_port()},
          child_{{"victoria-metrics", "-storageDataPath=" + data.string(), "-retentionPeriod=100y",
                  "-httpListenAddr=127.0.0.1:" + std::to_string(query_port_),
                  "-opentsdbListenAddr=127.0.0.1:" + std::to_string(telnet_port_),
                  "-opentsdbHTTPListenAddr=127.0.0.1:" + std::to_string(http_port_)}} {
        for (int i = 0; !answers(http_port_) || !answers(telnet_port_) || !answers(query_port_); ++i) {
            if (i > 3000) {
                throw std::runtime_error{"VictoriaMetrics does not start"};
            }
            std::this_thread::sleep_for(std::chrono::milliseconds{10});
        }
    }
    static bool is_installed() { return fs::exists("/usr/bin/victoria-metrics"); }
    [[nodiscard]] std::uint16_t telnet_port() const noexcept { return telnet_port_; }
    [[nodiscard]] std::uint16_t http_port() const noexcept { return http_port_; }

private:
    std::uint16_t query_port_;
    std::uint16_t telnet_port_;
    std::uint16_t http_port_;
    Child child_;
};

std::string at(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

/// Runs a sender to its end. `may_end` decides whether an exit code is fine.
Child::End sent(const std::vector<std::string>& command, const std::string& input) {
    const int in = input.empty() ? -1 : open(input.c_str(), O_RDONLY | O_CLOEXEC);
    Child child{command, {.in = in}};
    const Child::End end = child.wait();
    if (in >= 0) {
        close(in);
    }
    if (end.status != 0) {
        throw std::runtime_error{command.front() + " ended with " + std::to_string(end.status)};
    }
    return end;
}

/// Compares the lines a second and the processor time of push with those of nc, run in turn. Run i sends `file(i)` twice.
void compare(const char* to, std::uint16_t port, double least, double most_cpu,
             const std::function<std::string(int)>& file) {
    std::array<std::vector<double>, 2> wall;
    std::array<std::vector<double>, 2> cpu;
    for (int i = 0; i < 7; ++i) {
        const std::string own = file(2 * i);
        const Child::End push = sent({tickertape, "push", "--quiet", at(port), own}, {});
        const std::string others = file(2 * i + 1);
        const Child::End nc = sent({"nc", "-N", "127.0.0.1", std::to_string(port)}, others);
        wall[0].push_back(push.wall_ns);
        wall[1].push_back(nc.wall_ns);
        cpu[0].push_back(push.cpu_ns);
        cpu[1].push_back(nc.cpu_ns);
    }
    const std::string name = std::string{"push / nc -N into "} + to + ", ";
    // With so few runs, the quickest counts.
    const std::array fastest{quantile(wall[0], 0), quantile(wall[1], 0)};
    const std::array cheapest{quantile(cpu[0], 0), quantile(cpu[1], 0)};
    say({"push 10", name + "lines/s", fastest[1] / fastest[0], "", at_least(least)});
    say({"push 10", name + "processor time of the sender", cheapest[0] / cheapest[1], "",
         most_cpu > 0 ? at_most(most_cpu) : Limit{}});
    const std::array<const char*, 2> who{"push", "nc -N"};
    for (std::size_t i = 0; i < who.size(); ++i) {
        say({"", std::string{who[i]} + " into " + to, static_cast<double>(lines) / fastest[i] * 1e3, "M/s"});
        say({"", std::string{who[i]} + " into " + to + ", processor time of a line",
             cheapest[i] / static_cast<double>(lines), "ns"});
    }
}

} // namespace

void push_suite() {
    const Scratch scratch;
    {
        const NullSink sink;
        std::string file = write_lines(scratch.path() / "lines", 0);
        compare("a sink that only reads", sink.port(), 0.5, 2, [&](int) { return file; });
    }
    if (!VictoriaMetrics::is_installed()) {
        say({"", "VictoriaMetrics is not installed: not measured", 0});
        return;
    }
    const VictoriaMetrics server{scratch.path() / "data"};
    compare("VictoriaMetrics", server.telnet_port(), 0.9, 0,
            [&](int i) { return write_lines(scratch.path() / "lines", static_cast<std::uint64_t>(i)); });
}

void http_suite() {
    if (!VictoriaMetrics::is_installed()) {
        say({"", "VictoriaMetrics is not installed: HTTP not measured", 0});
        return;
    }
    const Scratch scratch;
    const VictoriaMetrics server{scratch.path() / "data"};
    const SlowNetwork network{server.http_port(), std::chrono::milliseconds{10}}; // each way
    double best = 0;
    double best_direct = 0;
    double cpu = 1e18;
    for (int i = 0; i < 3; ++i) {
        const std::string file = write_lines(scratch.path() / "lines", static_cast<std::uint64_t>(i));
        const Child::End slow = sent({tickertape, "push", "--quiet", "http://" + at(network.port()), file}, {});
        const Child::End direct = sent({tickertape, "push", "--quiet", "http://" + at(server.http_port()), file}, {});
        best = std::max(best, lines / slow.wall_ns * 1e9);
        best_direct = std::max(best_direct, lines / direct.wall_ns * 1e9);
        cpu = std::min(cpu, slow.cpu_ns);
    }
    say({"push 10", "push by HTTP through 20 ms more round trip", best, "points/s", at_least(100'000)});
    say({"", "push by HTTP without", best_direct, "points/s"});
    say({"", "push by HTTP, processor time of a point", cpu / static_cast<double>(lines), "ns"});
}

} // namespace bench
