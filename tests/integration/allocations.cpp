// SPDX-License-Identifier: MIT
// Readings of a running collector allocate nothing.
#include <cstddef>
#include <fstream>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/golden.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

#ifdef TICKERTAPE_COUNT_ALLOCATIONS

namespace {

struct Reader {
    std::string name;
    std::vector<std::string> flags = {};
};

/// Returns the number of allocations before each write so far.
std::vector<std::size_t> counts_in(const std::filesystem::path& file) {
    std::vector<std::size_t> counts;
    std::ifstream lines{file};
    for (std::size_t count = 0; lines >> count;) {
        counts.push_back(count);
    }
    return counts;
}

} // namespace

TEST_CASE("The readings of a collector that has settled allocate nothing") {
    const test::TemporaryDirectory folder;
    folder.write("dfstat/mounts", "/dev/sda1 / ext4 rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n");
    folder.write("auth.log", "");
    const std::string host = test::fixture("hosts/large").string();
    const std::vector<Reader> readers{
        // except cgroup and netlinks, which list directories
        {.name = "authfailures",
         .flags = {"--file", (folder.path() / "auth.log").string(), "--granularity", "50ms", "--timespan", "50ms"}},
        {.name = "dfstat", .flags = {"--proc-root", (folder.path() / "dfstat").string()}},
        {.name = "diskburst", .flags = {"--proc-root", host + "/proc", "--sys-root", host + "/sys", "--every", "10ms"}},
        {.name = "ifstat", .flags = {"--proc-root", host + "/proc"}},
        {.name = "ifstat", .flags = {"--proc-root", host + "/proc", "--rate"}},
        {.name = "iostat", .flags = {"--proc-root", host + "/proc", "--sys-root", host + "/sys"}},
        {.name = "kernel", .flags = {"--proc-root", host + "/proc"}},
        {.name = "netburst", .flags = {"--proc-root", host + "/proc", "--every", "10ms"}},
        {.name = "netfilter", .flags = {"--proc-root", host + "/proc"}},
        {.name = "netstat", .flags = {"--proc-root", host + "/proc"}},
        {.name = "numprocesses", .flags = {"--proc-root", test::fixture("proc/plain").string(), "--timespan", "50ms"}},
        {.name = "pressure", .flags = {"--proc-root", host + "/proc"}},
        {.name = "procnettcp", .flags = {"--proc-root", host + "/proc"}},
        {.name = "procstats", .flags = {"--proc-root", host + "/proc", "--sys-root", host + "/sys"}},
        {.name = "sarcpu", .flags = {"--timespan", "50ms"}},
        {.name = "uptime", .flags = {"--timespan", "50ms"}},
    };
    constexpr std::size_t settled = 6; // consecutive readings; the first ones, and those on a busy machine, may be late
    for (const Reader& reader : readers) {
        CAPTURE(reader.name);
        const std::filesystem::path file = folder.path() / (reader.name + std::to_string(reader.flags.size()));
        std::vector<std::string> arguments{"--dedup", "0", "--user", "root", "--interval", "50ms"};
        arguments.insert(arguments.end(), reader.flags.begin(), reader.flags.end());
        const test::Process process{
            {.program = test::collector(reader.name),
             .arguments = arguments,
             .out = std::filesystem::path{"/dev/null"},
             .environment = {{"LD_PRELOAD", TICKERTAPE_COUNT_ALLOCATIONS}, {"ALLOCATIONS", file.string()}}}};
        std::vector<std::size_t> counts;
        CHECK(test::eventually([&] {
            counts = counts_in(file);
            return counts.size() > settled && counts.back() > 0 && counts[counts.size() - 1 - settled] == counts.back();
        }));
        CAPTURE(counts);
    }
}

#endif
