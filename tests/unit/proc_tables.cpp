// SPDX-License-Identifier: MIT
// Kernel files that are tables: /proc/net/dev, diskstats, interrupts, stat.
#include <tickertape/proc/diskstats.hpp>
#include <tickertape/proc/interrupts.hpp>
#include <tickertape/proc/net_dev.hpp>
#include <tickertape/proc/stat.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "support/catch.hpp"
#include "support/complaint.hpp"
#include "support/temporary_directory.hpp"

using namespace tickertape::proc;
using test::complaint;

namespace {

const std::string net_titles = "Inter-|   Receive  |  Transmit\n face |bytes packets|bytes packets\n";
// The parsers without their last parameter.
constexpr auto net_dev = [](std::string_view text, std::string_view file, SkippedRows& skipped) {
    return parse_net_dev(text, file, skipped);
};
constexpr auto diskstats = [](std::string_view text, std::string_view file, SkippedRows& skipped) {
    return parse_diskstats(text, file, skipped);
};
const std::string sixteen = " 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16";

/// Returns the device of one line; its name points into `text`.
NetDevice device(const std::string& line, std::string& text) {
    text = net_titles + line;
    const auto devices = parse_net_dev(text, "f", test::ignored());
    REQUIRE(devices.size() == 1);
    return devices.front();
}

DiskStats disk(const std::string& line) {
    const auto disks = parse_diskstats(line, "f", test::ignored());
    REQUIRE(disks.size() == 1);
    return disks.front();
}

} // namespace

TEST_CASE("An interface has eight counts of received and eight of sent traffic") {
    const std::string text = net_titles + "  eth0:" + sixteen + "\n    lo:" + sixteen + "\n";
    const auto devices = parse_net_dev(text, "f", test::ignored());
    REQUIRE(devices.size() == 2);
    CHECK(devices[0].name == "eth0");
    CHECK(devices[0].received == std::array<std::uint64_t, 8>{1, 2, 3, 4, 5, 6, 7, 8});
    CHECK(devices[0].sent == std::array<std::uint64_t, 8>{9, 10, 11, 12, 13, 14, 15, 16});
    CHECK(devices[1].name == "lo");
    CHECK(parse_net_dev(net_titles, "f", test::ignored()).empty());
}

TEST_CASE("An interface's name ends at the last colon and may hold any character that the kernel allows") {
    const std::vector<std::string> names{"br-4f2a", "eth0.10", "a@b", "eth0:1", ":", "\xc3\xa4"};
    for (const std::string& name : names) {
        const std::string line = name + ":1 " + sixteen;
        std::string text;
        CHECK(device(line, text).name == name);
        CHECK(device(line, text).received[0] == 1);
    }
}

TEST_CASE("Further columns of an interface are ignored, and numbers of 64 bits are read") {
    std::string text;
    CHECK(device("e: 18446744073709551615" + sixteen + " 17 x\n", text).received[0] == 18446744073709551615U);
}

TEST_CASE("A broken /proc/net/dev is refused with file, line, field and token") {
    CHECK(complaint(net_dev, "") == "/p/f: is empty");
    CHECK(complaint(net_dev, "a|b\n") == "nothing");
    CHECK(complaint(net_dev, "a|b\neth0: 1\n") == "/p/f:2: field 3 '' is not a number");
    CHECK(complaint(net_dev, net_titles + "eth0 1\n") == "/p/f:3: field 1 'eth0' is not a name with a colon after it");
    CHECK(complaint(net_dev, net_titles + "eth0: x\n") == "/p/f:3: field 2 'x' is not a number");
    CHECK(complaint(net_dev, net_titles + "e:" + sixteen.substr(0, 36)) == "/p/f:3: field 17 '' is not a number");
    CHECK(complaint(net_dev, net_titles + "e:" + sixteen + "\ne: 1 -2\n") == "/p/f:4: field 3 '-2' is not a number");
}

TEST_CASE("A disk is read in every width that a kernel wrote, and wider") {
    const std::string seventeen = " 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17";
    CHECK(disk("8 1 sda1 10 20 30 40\n").columns == 4);
    CHECK(disk("8 0 sda 1 2 3 4 5 6 7 8 9 10 11\n").columns == 11);
    CHECK(disk("8 0 sda 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n").columns == 15);
    CHECK(disk("8 0 sda" + seventeen + "\n").columns == 17);
    const std::string line = "  259   5 nvme1n1" + seventeen + " 18 x\n";
    const DiskStats wide = disk(line);
    CHECK(wide.columns == 17);
    CHECK(wide.major == 259);
    CHECK(wide.minor == 5);
    CHECK(wide.name == "nvme1n1");
    CHECK(wide.values[disk_reads] == 1);
    CHECK(wide.values[disk_in_progress] == 9);
    CHECK(wide.values[disk_ms_flushing] == 17);
    CHECK(disk("1 2 cciss/c0d0 1 2 3 4").values[4] == 0);
    CHECK(parse_diskstats("", "f", test::ignored()).empty());
    CHECK(parse_diskstats("\n \n", "f", test::ignored()).empty());
}

TEST_CASE("A broken /proc/diskstats is refused with file, line, field and token") {
    CHECK(complaint(diskstats, "8\n") == "/p/f:1: field 2 '' is not a number");
    CHECK(complaint(diskstats, "8 0\n") == "/p/f:1: field 3 '' is no name");
    CHECK(complaint(diskstats, "8 0 sda\n") == "/p/f:1: field 4 '' is not a number");
    CHECK(complaint(diskstats, "8 0 sda 1 2 3\n") == "/p/f:1: field 7 '' is not a number");
    CHECK(complaint(diskstats, "\n8 0 sda 1 2 3 4 5\n") == "/p/f:2: field 9 '' is not a number");
    CHECK(complaint(diskstats, "8 0 sda 1 2 3 4 5 6 7 8 9 10\n") == "/p/f:1: field 14 '' is not a number");
    CHECK(complaint(diskstats, "8 0 sda 1 2 3 4.5\n") == "/p/f:1: field 7 '4.5' is not a number");
    CHECK(complaint(diskstats, "-8 0 sda 1 2 3 4\n") == "/p/f:1: field 1 '-8' is not a number");
}

TEST_CASE("A table of CPUs names the existing ones, and each row has a count for each, or one for all") {
    const PerCpuTable table = parse_interrupts("      CPU0   CPU2  \n"
                                               "  24:     1  2  PCI-MSIX-0000:00:01.0   0-edge      eth0-rx-3\n"
                                               " NMI:    10  20   Non-maskable interrupts\n"
                                               "\n"
                                               " ERR:  7\n",
                                               "f", test::ignored());
    CHECK(table.cpus == std::vector<int>{0, 2});
    REQUIRE(table.rows.size() == 3);
    CHECK(table.rows[0].name == "24");
    CHECK(table.rows[0].is_numbered());
    CHECK(table.rows[0].network_device() == "eth0-rx");
    CHECK(table.counts(table.rows[0])[1] == 2);
    CHECK(table.rows[1].name == "NMI");
    CHECK_FALSE(table.rows[1].is_numbered());
    CHECK(table.rows[1].description == "Non-maskable interrupts");
    CHECK(table.counts(table.rows[1])[0] == 10);
    CHECK(table.counts(table.rows[2]).size() == 1);
    CHECK(table.counts(table.rows[2])[0] == 7);
}

TEST_CASE(
    "An interrupt is counted for a network card only if no other device shares it, whatever the number of its queue") {
    const auto device = [](std::string_view description) {
        return PerCpuTable::Row{.name = "24", .description = description}.network_device();
    };
    CHECK(device("PCI-MSI-edge      eth0") == "eth0");
    CHECK(device("IR-PCI-MSI 524289-edge      eth0-TxRx-12") == "eth0-TxRx");
    CHECK(device("PCI-MSI-edge      eth8-8") == "eth8");
    CHECK(device("PCI-MSI-edge      eth0-") == "eth0-");
    CHECK(device("PCI-MSI-edge      veth") == "veth");
    CHECK(device("IO-APIC   4-edge      eth0").empty());
    CHECK(device("PCI-MSI-edge      nvme0q1").empty());
    CHECK(device("").empty());
}

TEST_CASE("The queues of a network card are counted together, numbered interrupts of others not at all") {
    const PerCpuTable table = parse_interrupts("CPU0 CPU3\n1: 5 5 IO-APIC i8042\n"
                                               "2: 1 2 PCI-MSI-edge eth0-1\n3: 10 20 PCI-MSI-edge eth0-2\nHI: 3 4\n",
                                               "f", test::ignored());
    std::string text;
    for (const TypeCount& sum : sum_by_type(table)) {
        text += std::string{sum.type} + "/" + std::to_string(sum.cpu) + "=" + std::to_string(sum.count) + " ";
    }
    CHECK(text == "HI/0=3 HI/3=4 eth0/0=11 eth0/3=22 ");
}

TEST_CASE("A broken table of CPUs is refused with file, line, field and token") {
    CHECK(complaint(parse_interrupts, "") == "/p/f:1: field 1 '' is no CPU");
    CHECK(complaint(parse_interrupts, "CPU0 CPU CPU2\n") == "/p/f:1: field 2 'CPU' is no CPU");
    CHECK(complaint(parse_interrupts, "CPU0 CPU-1\n") == "/p/f:1: field 2 'CPU-1' is no CPU");
    CHECK(complaint(parse_interrupts, "CPU0\nNMI 1\n") == "/p/f:2: field 1 'NMI' is not a name with a colon after it");
    CHECK(complaint(parse_interrupts, "CPU0\n: 1\n") == "/p/f:2: field 1 ':' is not a name with a colon after it");
    CHECK(complaint(parse_interrupts, "CPU0\nNMI: x\n") == "/p/f:2: field 2 'x' is not a number");
    CHECK(complaint(parse_interrupts, "CPU0 CPU1\nNMI: 1 2x\n") == "/p/f:2: field 3 '2x' is not a number");
}

TEST_CASE("All of /proc/stat is read, without the CPUs that are offline") {
    const WholeStat stat = parse_whole_stat(
        "cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\ncpu12 5 6 7 8 9 0 0 0 0 0\ncpux 1\nintr 77 1 2 3\n"
        "ctxt 88\nbtime 1\nprocesses 99\nprocs_blocked 3\nsoftirq 1 2\n",
        "f", test::ignored());
    REQUIRE(stat.cpus.size() == 3);
    CHECK_FALSE(stat.cpus[0].cpu.has_value());
    CHECK(stat.cpus[0].columns == 10);
    CHECK(stat.cpus[0].ticks[9] == 10);
    CHECK(stat.cpus[1].cpu == 0);
    CHECK(stat.cpus[1].columns == 10);
    CHECK(stat.cpus[2].cpu == 12);
    CHECK(stat.cpus[2].ticks[4] == 9);
    CHECK(stat.interrupts == 77);
    CHECK(stat.context_switches == 88);
    CHECK(stat.forks == 99);
    CHECK(stat.blocked == 3);
    CHECK_FALSE(parse_whole_stat("cpu 1 2 3 4\n", "f", test::ignored()).forks.has_value());
}

TEST_CASE("A broken line anywhere in /proc/stat is refused with file, line, field and token") {
    CHECK(complaint(parse_whole_stat, "") == "/p/f: there is no line 'cpu'");
    CHECK(complaint(parse_whole_stat, "cpu0 1 2 3 4\n") == "nothing"); // the others stay
    CHECK(complaint(parse_whole_stat, "cpu 1 2 3 4 5\ncpu7 1 2 3 4\n") == "/p/f: the row cpu7 is shorter than others");
    CHECK(complaint(parse_whole_stat, "cpu 1 2 3 4\ncpu0 1 2 3\n") == "/p/f:2: field 5 '' is not a number");
    CHECK(complaint(parse_whole_stat, "cpu 1 2 3 4\nctxt\n") == "/p/f:2: field 2 '' is not a number");
    CHECK(complaint(parse_whole_stat, "cpu 1 2 3 4\nintr -1\n") == "/p/f:2: field 2 '-1' is not a number");
}

TEST_CASE("All rows of /proc/interrupts are read, however little each read gives") {
    // A pipe of packets: each read returns one. In this way the kernel returns a record that does not fit into the first page of
    // the file, such as that of all named interrupts.
    const std::array<std::string, 3> packets{"      CPU0 CPU1\n", "  7:     1    2  IO-APIC  eth0\n",
                                             "NMI:     3    4  Non-maskable interrupts\nERR:     5\n"};
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_DIRECT | O_CLOEXEC) == 0);
    const tickertape::base::UniqueFd file{ends[0]};
    {
        const tickertape::base::UniqueFd writer{ends[1]};
        for (const std::string& packet : packets) {
            REQUIRE(::write(writer.get(), packet.data(), packet.size()) == static_cast<ssize_t>(packet.size()));
        }
    }
    const test::TemporaryDirectory proc;
    std::filesystem::create_symlink("/proc/self/fd/" + std::to_string(file.get()), proc.path() / "interrupts");
    const Root root{proc.path()};
    std::string buffer;
    const PerCpuTable table = read_interrupts(root, buffer);
    REQUIRE(table.rows.size() == 3);
    CHECK(table.rows[1].name == "NMI");
    CHECK(table.rows[2].name == "ERR");
}
