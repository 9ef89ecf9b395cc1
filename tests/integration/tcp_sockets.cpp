// SPDX-License-Identifier: MIT
// netstat and procnettcp report the same of this machine's sockets from the kernel's answers and from its files.
#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <unistd.h>

#include "support/catch.hpp"
#include "support/process.hpp"

namespace {

using namespace std::chrono_literals;

constexpr int no_namespace = 77;

/// Lines of TCP states, without the timestamps.
std::vector<std::string> tcp_lines(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in{text};
    for (std::string line; std::getline(in, line);) {
        if (line.find("tcp_state") != std::string::npos || line.find("proc.net.tcp") != std::string::npos) {
            const std::size_t stamp = line.find(' ', line.find_first_of("np")) + 1;
            lines.push_back(line.erase(stamp, line.find(' ', stamp) + 1 - stamp));
        }
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

bool has(const std::vector<std::string>& lines, const std::string& a, const std::string& b) {
    return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
        return line.find(a) != std::string::npos && line.find(b) != std::string::npos;
    });
}

} // namespace

TEST_CASE("12,000 sockets of all kinds make the same lines by sock_diag and from the file, unprivileged, too") {
    std::vector<std::string> users{"nobody"};
    if (geteuid() == 0) {
        users.emplace_back("root");
    }
    for (const std::string& user : users) {
        // Uses /proc twice, once by a name for which only the file is read. So changes of the sockets between readings are
        // noticed, too.
        std::string script;
        for (const std::string root : {"/proc/", "/proc", "/proc/"}) {
            for (const std::string name : {"netstat", "procnettcp"}) {
                script.append(test::collector(name).string()).append(" --format tcollector --once --dedup 0");
                script.append(geteuid() == 0 ? " --user " + user : "")
                    .append(" --proc-root ")
                    .append(root)
                    .append("; ");
            }
            script.append("echo =; ");
        }
        const test::Result result = test::run(
            {.program = test::test_program("many_sockets"), .arguments = {"3000", "6000", "/bin/sh", "-c", script}},
            300s);
        if (result.ended.code == no_namespace) {
            WARN("skipped: there is no network namespace to be had");
            return;
        }
        CAPTURE(user, result.err);
        REQUIRE(result.ended == test::exit_0);
        const std::size_t second = result.out.find("=\n");
        const std::size_t third = result.out.find("=\n", second + 1);
        REQUIRE(third != std::string::npos);
        const auto before = tcp_lines(result.out.substr(0, second));
        const auto by_kernel = tcp_lines(result.out.substr(second, third - second));
        const auto after = tcp_lines(result.out.substr(third));
        CHECK(before == after);
        CHECK(by_kernel == before);
        CHECK(result.err.find("sock_diag") == std::string::npos);
        CHECK(has(by_kernel, "net.tcp_state.time_wait 4000", "type=tcp"));
        CHECK(has(by_kernel, "net.tcp_state.time_wait 2000", "type=tcp6"));
        CHECK(has(by_kernel, "net.tcp_state.syn_recv 2", "type=tcp6"));
        // Their numbers are not compared, because a port of the other end may also be that of a service.
        CHECK(has(by_kernel, "endpoint=external", "state=established"));
        CHECK(has(by_kernel, "service=memcache", "state=established")); // IPv4 in IPv6
    }
}
