// SPDX-License-Identifier: MIT
// procstats on a machine with 1,536 CPUs and a thousand interrupts.
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "support/catch.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

// Sanitizers need additional memory.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {

constexpr int cpus = 1536;

/// Makes a table like /proc/interrupts with these rows.
void write_table(const std::filesystem::path& path, int numbered, std::string_view names) {
    std::ofstream file{path};
    std::string numbers;
    for (int cpu = 0; cpu < cpus; ++cpu) {
        file << "CPU" << cpu << "      ";
        numbers += "  1234567" + std::to_string(cpu % 10);
    }
    file << '\n';
    for (int interrupt = 0; interrupt < numbered; ++interrupt) {
        file << interrupt << ':' << numbers << " IR-PCI-MSI 1-edge nvme" << interrupt << "q1\n";
    }
    std::istringstream words{std::string{names}};
    for (std::string name; words >> name;) {
        file << name << ':' << numbers << "   Some of these\n";
    }
}

/// Returns kB, as in /proc/PID/status.
std::uint64_t highest_memory(const test::Process& process) {
    std::ifstream status{"/proc/" + std::to_string(process.id()) + "/status"};
    for (std::string word; status >> word;) {
        if (word == "VmHWM:") {
            std::uint64_t kilobytes = 0;
            status >> kilobytes;
            return kilobytes;
        }
    }
    return 0;
}

} // namespace

TEST_CASE("procstats stays below 64 MB on a machine with 1,536 CPUs") {
    const test::TemporaryDirectory host;
    std::filesystem::create_directories(host.path() / "sys");
    std::string stat = "cpu  1 2 3 4 5 6 7 8 9 10\n";
    for (int cpu = 0; cpu < cpus; ++cpu) {
        stat += "cpu" + std::to_string(cpu) + " 1 2 3 4 5 6 7 8 9 " + std::to_string(cpu) + "\n";
    }
    host.write("proc/stat", stat);
    write_table(host.path() / "proc/interrupts", 1200, "NMI LOC SPU PMI IWI RTR RES CAL TLB TRM THR DFR MCE MCP");
    write_table(host.path() / "proc/softirqs", 0, "HI TIMER NET_TX NET_RX BLOCK IRQ_POLL TASKLET SCHED HRTIMER RCU");
    test::Process procstats{{.program = test::collector("procstats"),
                             .arguments = {"--proc-root", (host.path() / "proc").string(), "--sys-root",
                                           (host.path() / "sys").string(), "--interval", "1", "--user", "root"}}};
    std::size_t interrupts = 0;
    bool others = false;
    while (interrupts < 14 * cpus || !others) { // all points of one reading
        const auto line = procstats.out.read_line(test::at_some_time);
        REQUIRE(line);
        interrupts += line->starts_with("put proc.interrupts ") ? 1 : 0;
        others |= line->starts_with("put proc.softirqs ");
    }
    CHECK(highest_memory(procstats) > 10'000);
    CHECK(highest_memory(procstats) < 64'000);
    procstats.signal(SIGTERM);
    static_cast<void>(procstats.out.read_to_end(test::at_some_time));
    CHECK(procstats.wait(test::at_some_time) == test::exit_0);
}

#endif
