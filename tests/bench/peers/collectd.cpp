// SPDX-License-Identifier: MIT
// A host's collectors beside collectd.
#include <sys/types.h>
#include <time.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "beside.hpp"
#include "child.hpp"
#include "net.hpp"
#include "outside.hpp"
#include "scratch.hpp"

namespace {

namespace fs = std::filesystem;

/// Writes the settings of collectd: the plugins that read what our collectors read.
fs::path settings(const fs::path& folder, std::uint16_t port) {
    const fs::path file = folder / "collectd.conf";
    std::ofstream out{file};
    out << "Interval 1\nFQDNLookup false\nBaseDir \"" << folder.string() << "\"\nPIDFile \"" << folder.string()
        << "/pid\"\nTypesDB \"" TICKERTAPE_COLLECTD "/share/collectd/types.db\"\n";
    for (const char* const plugin :
         {"cpu", "load", "memory", "vmem", "swap", "entropy", "irq", "uptime", "contextswitch", "numa", "interface",
          "protocols", "tcpconns", "conntrack", "df", "disk", "write_tsdb"}) {
        out << "LoadPlugin " << plugin << '\n';
    }
    out << "<Plugin write_tsdb>\n<Node>\nHost \"127.0.0.1\"\nPort \"" << port << "\"\n</Node>\n</Plugin>\n";
    return file;
}

/// A program and its children: `tickertape host` has one that asks the file systems.
std::vector<pid_t> family_of(pid_t pid) {
    std::vector<pid_t> family{pid};
    for (const fs::directory_entry& thread : fs::directory_iterator{"/proc/" + std::to_string(pid) + "/task"}) {
        std::ifstream children{thread.path() / "children"};
        for (pid_t child = 0; children >> child;) {
            family.push_back(child);
        }
    }
    return family;
}

/// The processor time of all of them so far, in ns.
double processor_time(const std::vector<pid_t>& family) {
    double sum = 0;
    for (const pid_t pid : family) {
        clockid_t clock{};
        if (clock_getcpuclockid(pid, &clock) != 0) {
            throw std::runtime_error{"a program ended early"};
        }
        sum += bench::now_ns(clock);
    }
    return sum;
}

double memory(const std::vector<pid_t>& family) {
    double sum = 0;
    for (const pid_t pid : family) {
        sum += bench::memory_of(pid, "Pss");
    }
    return sum;
}

void measure(bench::Beside& table) {
    constexpr std::chrono::seconds begin{5};
    constexpr std::chrono::seconds length{60};
    const bench::Scratch folder;
    const bench::NullSink sink;
    const bench::Child theirs{{TICKERTAPE_COLLECTD "/sbin/collectd", "-f", "-C", settings(folder.path(), sink.port())}};
    const bench::Child ours{{TICKERTAPE_BIN_DIR "/tickertape", "host", "procstats", "ifstat", "netstat", "netfilter",
                             "dfstat", "iostat", "procnettcp", "pressure", "--interval", "1", "--dedup", "0", "--tsd",
                             "127.0.0.1:" + std::to_string(sink.port())}};
    std::this_thread::sleep_for(begin);
    const std::vector<pid_t> all_of_ours = family_of(ours.pid());
    const std::vector<pid_t> all_of_theirs = family_of(theirs.pid());
    const bench::Pair before{processor_time(all_of_ours), processor_time(all_of_theirs)};
    std::this_thread::sleep_for(length);
    constexpr double of_an_hour = 3600.0 / static_cast<double>(length.count()) / 1e9; // s, from ns of `length`
    const std::string differs =
        "Each reads and sends what it can: collectd no pressure, and less of /proc/stat and of TCP, but the "
        "connections of each port.";
    table.row("processor time of an hour at an interval of 1 s",
              {(processor_time(all_of_ours) - before.ours) * of_an_hour,
               (processor_time(all_of_theirs) - before.theirs) * of_an_hour},
              "s", differs);
    table.row("proportional memory", {memory(all_of_ours), memory(all_of_theirs)}, "MB", differs);
}

} // namespace

int main(int argc, char** argv) { return bench::measure_beside(argc, argv, measure); }
