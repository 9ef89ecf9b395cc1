// SPDX-License-Identifier: MIT
// A scan of all processes, as numprocesses makes one each second: demand 6.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "child.hpp"
#include "measure.hpp"
#include "report.hpp"
#include "suites.hpp"
#include <tickertape/proc/pid_stat.hpp>

namespace bench {

namespace {

constexpr std::size_t rounds = 400;
constexpr int sleepers = 400; // besides the processes of the machine

/// The least work: it makes no list, and does not look at the text.
int open_read_close(int proc, const std::vector<std::string>& files) {
    int read_files = 0;
    std::array<char, 1024> buffer;
    for (const std::string& name : files) {
        const int file = openat(proc, name.c_str(), O_RDONLY | O_CLOEXEC);
        if (file >= 0) {
            read_files += read(file, buffer.data(), buffer.size()) > 0 ? 1 : 0;
            close(file);
        }
    }
    return read_files;
}

} // namespace

void scan_suite() {
    std::vector<std::unique_ptr<Child>> asleep;
    for (int i = 0; i < sleepers; ++i) {
        asleep.push_back(std::make_unique<Child>(std::vector<std::string>{"sleep", "600"}));
    }
    const tickertape::proc::Root root{"/proc"};
    std::vector<int> pids;
    root.list_pids(pids);
    std::vector<std::string> files;
    for (const int pid : pids) {
        files.push_back(std::to_string(pid) + "/stat");
    }
    const int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    volatile int seen = 0; // so that nothing is left out
    const auto [bare, scan, list] = interleaved(
        rounds, CLOCK_THREAD_CPUTIME_ID, [&] { seen = seen + open_read_close(proc, files); },
        [&] {
            root.list_pids(pids);
            for (const int pid : pids) {
                if (const auto stat = tickertape::proc::read_pid_stat(root, pid)) {
                    seen = seen + (stat->state != 0 ? 1 : 0);
                }
            }
        },
        [&] { root.list_pids(pids); });
    close(proc);
    const auto each = static_cast<double>(files.size());
    say({"", "processes", each});
    say({"", "baseline: open, read and close of a process's stat", bare / each / 1000, "us"});
    say({"", "of a scan, which lists and parses them, a process", scan / each / 1000, "us"});
    say({"", "of listing alone", list / each / 1000, "us"});
    say({"6", "scan of all processes / open, read, close", scan / bare, "", at_most(1.2)});
}

} // namespace bench
