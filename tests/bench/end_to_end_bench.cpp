// SPDX-License-Identifier: MIT
// 1,000 series each second, from the counter into a pipe or to a TSD: demand 4.
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <tickertape/autodump.hpp>
#include <tickertape/buffered.hpp>
#include <tickertape/put_lines.hpp>
#include <tickertape/tsd_telnet.hpp>

#include "child.hpp"
#include "line_baselines.hpp"
#include "measure.hpp"
#include "net.hpp"
#include "report.hpp"
#include "suites.hpp"

namespace bench {

namespace {

constexpr int seconds = 31; // two dumps, and the rest at the end
constexpr int series = 1000;

tickertape::AnyTransmitter output(std::string_view target) {
    if (target == "-") {
        return tickertape::PutLines{};
    }
    return tickertape::TsdTelnet{tickertape::Targets{std::string{target}}};
}

} // namespace

int run_thousand_counters(int for_seconds, const char* target) {
    std::vector<tickertape::MetricCounter<tickertape::rate>> counters;
    for (int i = 0; i < series; ++i) {
        counters.push_back(tickertape::MetricCounter{"bench.end", {.tags = {{"cpu", std::to_string(i)}}}});
    }
    const double before = now_ns(CLOCK_PROCESS_CPUTIME_ID);
    std::uint64_t lines = 0;
    {
        tickertape::autodump dump{output(target), counters};
        std::this_thread::sleep_for(std::chrono::seconds{for_seconds});
        lines = dump.finish().accepted;
    }
    const double cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID) - before;
    std::fprintf(stderr, "%llu %.0f\n", static_cast<unsigned long long>(lines), cpu);
    return 0;
}

void end_to_end_suite() {
    const NullSink sink;
    std::array<int, 2> pipe_fds{};
    std::array<int, 2> first{};
    std::array<int, 2> second{};
    if (pipe(pipe_fds.data()) != 0 || pipe(first.data()) != 0 || pipe(second.data()) != 0) {
        throw std::runtime_error{"cannot make a pipe"};
    }
    const std::string self = "/proc/" + std::to_string(getpid()) + "/exe";
    std::jthread reader{[fd = pipe_fds[0]] {
        std::array<char, 65536> buffer;
        while (read(fd, buffer.data(), buffer.size()) > 0) {
        }
    }};
    Child printing{{self, "thousand-counters", std::to_string(seconds), "-"}, {.out = pipe_fds[1], .err = first[1]}};
    Child pushing{{self, "thousand-counters", std::to_string(seconds), "127.0.0.1:" + std::to_string(sink.port())},
                  {.err = second[1]}};
    close(pipe_fds[1]);
    close(first[1]);
    close(second[1]);
    const double scale = machine_scale();
    const auto result = [scale](Child& child, int fd, const char* name, double limit) {
        std::FILE* const told = fdopen(fd, "r");
        unsigned long long lines = 0;
        double cpu = 0;
        bool ok = false;
        std::array<char, 1024> line{};
        while (std::fgets(line.data(), line.size(), told) != nullptr) { // the last line; the others are messages
            ok = std::sscanf(line.data(), "%llu %lf", &lines, &cpu) == 2 && lines > 0;
        }
        std::fclose(told);
        const Child::End end = child.wait();
        if (!ok || end.status != 0) {
            throw std::runtime_error{std::string{"the process that "} + name + " failed"};
        }
        const double us = cpu / static_cast<double>(lines) / 1e3;
        say({"4", std::string{"processor time of a line, scaled, "} + name, us * scale, "us", at_most(limit)});
        say({"", std::string{"processor time of a line, "} + name, us, "us"});
        // The pulse once a second, and a dump each 15 s.
        say({"4", std::string{"waits of all threads in a second, "} + name, end.switches / seconds, ""});
    };
    result(printing, first[0], "printed into a pipe", 2);
    result(pushing, second[0], "pushed over loopback", 3);
    reader.join();
    close(pipe_fds[0]);
}

} // namespace bench
