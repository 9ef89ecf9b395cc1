// SPDX-License-Identifier: MIT The real host collectors on this machine, beside tools that tell the same: a counter
// lies between what the tool says before and after.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/process.hpp"

namespace {

using namespace std::chrono_literals;

/// The one number that a command prints; nothing if it prints none, as where the tool is missing.
std::optional<double> number_of(const std::string& command) {
    const test::Result result =
        test::run({.program = "/bin/sh", .arguments = {"-c", "{ " + command + "; } 2>/dev/null"}}, 60s);
    char* end = nullptr;
    const double number = std::strtod(result.out.c_str(), &end);
    return end == result.out.c_str() ? std::nullopt : std::optional{number};
}

/// The value in a line that begins so and has all of these tags.
std::optional<double> value_in(const std::string& out, const std::string& metric,
                               const std::vector<std::string>& tags) {
    for (const std::string& line : test::complete_lines(out)) {
        if (line.starts_with(metric + " ") && std::all_of(tags.begin(), tags.end(), [&](const std::string& tag) {
                return (line + " ").find(" " + tag + " ") != std::string::npos;
            })) {
            return std::stod(line.substr(line.find(' ', metric.size() + 1)));
        }
    }
    return std::nullopt;
}

struct Check {
    std::string collector;
    std::string command; ///< prints the number
    std::string metric;
    std::vector<std::string> tags = {};
};

/// What a machine has no tool for is skipped.
void check(const std::vector<Check>& checks) {
    for (const Check& wanted : checks) {
        CAPTURE(wanted.command, wanted.metric);
        const auto before = number_of(wanted.command);
        if (!before) {
            WARN("skipped, as the tool is missing here: " + wanted.command);
            continue;
        }
        const test::Result result = test::run({.program = test::collector(wanted.collector),
                                               .arguments = {"--once", "--interval", "1", "--format", "tcollector"}},
                                              60s);
        const auto after = number_of(wanted.command);
        REQUIRE(after.has_value());
        const auto ours = value_in(result.out, wanted.metric, wanted.tags);
        REQUIRE(ours.has_value());
        CHECK(*ours >= std::min(*before, *after));
        CHECK(*ours <= std::max(*before, *after));
    }
}

} // namespace

TEST_CASE("procstats tells what awk reads from /proc") {
    check({{"procstats", "awk '$1 == \"ctxt\" { print $2 }' /proc/stat", "proc.stat.ctxt"},
           {"procstats", "awk '$1 == \"intr\" { print $2 }' /proc/stat", "proc.stat.intr"},
           {"procstats", "awk '$1 == \"cpu\" { print $2 }' /proc/stat", "proc.stat.cpu", {"type=user"}},
           {"procstats", "awk '$1 == \"MemTotal:\" { printf \"%.0f\", $2 * 1024 }' /proc/meminfo",
            "proc.meminfo.memtotal"},
           {"procstats", "awk '$1 == \"pgfault\" { print $2 }' /proc/vmstat", "proc.vmstat.pgfault"}});
}

TEST_CASE("ifstat tells what ip -s link does") {
    const auto count = [](const std::string& direction, int column) {
        return "ip -s link show lo | awk 'found { print $" + std::to_string(column) + "; exit } /" + direction +
               ":/ { found = 1 }'";
    };
    check({{"ifstat", count("RX", 1), "proc.net.bytes", {"iface=lo", "direction=in"}},
           {"ifstat", count("RX", 2), "proc.net.packets", {"iface=lo", "direction=in"}},
           {"ifstat", count("TX", 1), "proc.net.bytes", {"iface=lo", "direction=out"}},
           {"ifstat", count("TX", 2), "proc.net.packets", {"iface=lo", "direction=out"}}});
}

TEST_CASE("netstat tells what nstat does") {
    const auto count = [](const std::string& name) {
        return "nstat -asz " + name + " | awk '$1 == \"" + name + "\" { print $2 }'";
    };
    check({{"netstat", count("TcpOutRsts"), "net.stat.tcp.resets", {"direction=out"}},
           {"netstat", count("UdpInDatagrams"), "net.stat.udp.datagrams", {"direction=in"}},
           {"netstat", count("TcpExtDelayedACKs"), "net.stat.tcp.delayedack", {"type=sent"}},
           {"netstat", count("TcpExtTCPAbortOnClose"), "net.stat.tcp.abort", {"type=data_after_close"}}});
}

TEST_CASE("dfstat tells what df does") {
    const auto size = [](const std::string& column) { return "df -B1 --output=" + column + " / | tail -n 1"; };
    check({{"dfstat", size("size"), "df.bytes.total", {"mount=/"}},
           {"dfstat", size("itotal"), "df.inodes.total", {"mount=/"}}});
}
