// SPDX-License-Identifier: MIT
#include "support/host_collectors.hpp"

#include <algorithm>
#include <fstream>

#include "support/catch.hpp"
#include "support/fed_file.hpp"
#include "support/golden.hpp"

namespace test {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

const std::vector<HostCollector>& host_collectors() {
    static const std::vector<HostCollector> all{
        {.name = "cgroup",
         .files = {"sys/fs/cgroup/system.slice/web@1.service/cpu.stat",
                   "sys/fs/cgroup/system.slice/web@1.service/memory.events",
                   "sys/fs/cgroup/system.slice/web@1.service/memory.current"},
         .reads_sys = true},
        {.name = "diskburst", .files = {"proc/diskstats"}, .reads_sys = true},
        {.name = "ifstat", .files = {"proc/net/dev"}},
        {.name = "iostat", .files = {"proc/diskstats", "sys/block/dm-0/dm/name"}, .reads_sys = true},
        {.name = "kernel", .files = {"proc/sys/fs/file-nr"}},
        {.name = "netburst", .files = {"proc/net/dev"}},
        {.name = "netfilter", .files = {"proc/sys/net/netfilter/nf_conntrack_max"}},
        {.name = "netlinks", .files = {"proc/net/softnet_stat", "sys/class/net/eth0/carrier"}, .reads_sys = true},
        {.name = "netstat",
         .files = {"proc/net/sockstat", "proc/net/netstat", "proc/net/snmp", "proc/net/tcp", "proc/net/tcp6"}},
        {.name = "pressure",
         .files = {"proc/pressure/cpu", "proc/pressure/memory", "proc/pressure/io", "proc/pressure/irq"}},
        {.name = "procnettcp",
         .files = {"proc/net/tcp", "proc/net/tcp6"},
         .flags = {"--users", "root=0,www-data=33,mysql=112"}},
        {.name = "procstats",
         .files = {"proc/stat", "proc/meminfo", "proc/vmstat", "proc/uptime", "proc/loadavg", "proc/interrupts",
                   "proc/softirqs", "proc/sys/kernel/random/entropy_avail", "sys/devices/system/node/node0/numastat",
                   "sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "sys/fs/cgroup/cpuset/web/cpuset.cpus"},
         .reads_sys = true},
        {.name = "dfstat", .files = {"proc/mounts"}, .flags = {"--deadline", "100"}},
    };
    return all;
}

const HostCollector& host_collector(std::string_view name) {
    const auto& all = host_collectors();
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.name == name; });
    REQUIRE(found != all.end());
    return *found;
}

Result run_on(const fs::path& host, const HostCollector& collector, const std::vector<std::string>& arguments,
              const std::map<std::string, std::string>& environment) {
    std::vector<std::string> all{"--proc-root", (host / "proc").string(), "--hostname", "golden"};
    if (collector.reads_sys) {
        all.insert(all.end(), {"--sys-root", (host / "sys").string()});
    }
    all.insert(all.end(), collector.flags.begin(), collector.flags.end());
    all.insert(all.end(), arguments.begin(), arguments.end());
    std::map<std::string, std::string> variables = environment;
    if (collector.name == "dfstat") {
        variables.insert({{"LD_PRELOAD", TICKERTAPE_STATVFS},
                          {"STATVFS", (host / "statvfs").string()},
                          {"ASAN_OPTIONS", "verify_asan_link_order=0"}});
    }
    if (collector.name == "kernel") {
        variables.insert({{"LD_PRELOAD", TICKERTAPE_STATVFS},
                          {"ADJTIMEX", (host / "adjtimex").string()},
                          {"ASAN_OPTIONS", "verify_asan_link_order=0"}});
    }
    return run({.program = test::collector(collector.name), .arguments = all, .environment = variables}, 120s);
}

Result run_once_on(const fs::path& host, const HostCollector& collector, std::vector<std::string> more) {
    more.insert(more.end(), {"--once", "--now", "1700000000"});
    return run_on(host, collector, more);
}

Result run_on_changing(const fs::path& host, const HostCollector& collector, const fs::path& file,
                       const std::vector<std::string>& texts, std::vector<std::string> more) {
    fs::remove(host / file);
    const FedFile fed{host / file, texts};
    more.insert(more.end(), {"--now", "1700000000", "--interval", "10", "--for",
                             std::to_string(10 * (texts.size() - 1)), "--dedup", "0"});
    return run_on(host, collector, more);
}

std::string without_place(const std::string& out) {
    std::string lines;
    for (const std::string& line : complete_lines(out)) {
        std::string text = line.substr(4);
        const std::size_t time = text.find(' ');
        text.erase(time, text.find(' ', time + 1) - time);
        const std::size_t host = text.find(" host=golden");
        INFO(line);
        REQUIRE(host != std::string::npos);
        lines += text.erase(host, 12) + "\n";
    }
    return lines;
}

std::multimap<std::string, double> by_series(const std::string& out) {
    std::multimap<std::string, double> values;
    for (std::string line : complete_lines(out)) {
        const std::size_t blank = line.find(' ');
        const std::size_t end = std::min(line.find(' ', blank + 1), line.size());
        const std::string value = line.substr(blank + 1, end - blank - 1);
        std::size_t used = 0;
        const double number = std::stod(value, &used);
        INFO(line);
        CHECK(used == value.size());
        values.emplace(line.erase(blank, end - blank), number);
    }
    return values;
}

HostCopy::HostCopy(const std::string& tree) { fs::copy(fixture("hosts/" + tree), host(), fs::copy_options::recursive); }

void HostCopy::write(const fs::path& file, std::string_view text) const {
    std::ofstream{host() / file, std::ios::binary} << text;
}

} // namespace test
