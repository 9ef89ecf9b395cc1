// SPDX-License-Identifier: MIT
// procstats: CPUs, memory, load, interrupts: what /proc says of the host as a whole.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <tickertape/collector.hpp>

#include "collector/attempt.hpp"
#include "collector/totals.hpp"
#include "proc/cpufreq.hpp"
#include "proc/cpuset.hpp"
#include "proc/entropy_avail.hpp"
#include "proc/interrupts.hpp"
#include "proc/loadavg.hpp"
#include "proc/meminfo.hpp"
#include "proc/numastat.hpp"
#include "proc/softirqs.hpp"
#include "proc/stat.hpp"
#include "proc/uptime.hpp"
#include "proc/vmstat.hpp"

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

void report_vmstat(detail::Totals& totals, const proc::Root& root, std::string& text) {
    constexpr std::array<std::string_view, 6> wanted{"pgpgin", "pgpgout", "pswpin", "pswpout", "pgfault", "pgmajfault"};
    for (const auto& [name, number] : proc::read_vmstat(root, text)) {
        if (std::find(wanted.begin(), wanted.end(), name) != wanted.end()) {
            totals(std::string{"proc.vmstat."}.append(name), number);
        }
    }
}

/// Reports what there is.
template <class Number>
void if_any(auto& out, ReadingName metric, const Tags& tags, const std::optional<Number>& value) {
    if (value) {
        out(metric, *value, tags);
    }
}

void report_frequencies(Readings& out, const proc::Root& sys) {
    for (const auto& [cpu, name, khz] : proc::read_cpufreq(sys)) {
        out(std::string{"proc.scaling."}.append(name), khz, {{"cpu", std::to_string(cpu)}});
    }
}

void report_cpus(Readings& out, detail::Totals& totals, const proc::Root& root, const proc::Root& sys,
                 std::string& text) {
    std::optional<std::map<int, std::string>> groups;
    detail::attempt([&] { groups = proc::read_cpusets(sys, text); });
    const proc::WholeStat stat = proc::read_whole_stat(root, text);
    for (const proc::CpuRow& row : stat.cpus) {
        const int number = row.cpu.value_or(-1);
        const std::string set = groups && groups->contains(number) ? sanitize(groups->at(number)) : "none";
        const std::string cpu = std::to_string(number);
        const std::size_t columns = row.cpu && !groups ? 0 : row.columns; // none rather than with the wrong group
        for (std::size_t i = 0; i < columns; ++i) {
            const std::string_view type = proc::cpu_columns[i];
            row.cpu ? totals("proc.stat.cpu.percpu", row.ticks[i], {{"type", type}, {"cpu", cpu}, {"cpuset", set}})
                    : totals("proc.stat.cpu", row.ticks[i], {{"type", type}});
        }
    }
    if_any(totals, "proc.stat.intr", {}, stat.interrupts);
    if_any(totals, "proc.stat.ctxt", {}, stat.context_switches);
    if_any(totals, "proc.stat.processes", {}, stat.forks);
    if_any(out, "proc.stat.procs_blocked", {}, stat.blocked);
}

void report_table(detail::Totals& totals, ReadingName metric, const proc::PerCpuTable& table) {
    for (const auto& [type, cpu, count] : proc::sum_by_type(table)) {
        totals(metric, count, {{"type", sanitize(type)}, {"cpu", std::to_string(cpu)}});
    }
}

// The kernel's name, the metric, its type.
constexpr std::array<std::array<std::string_view, 3>, 6> node_rules{{{"numa_hit", "sys.numa.zoneallocs", "hit"},
                                                                     {"numa_miss", "sys.numa.zoneallocs", "miss"},
                                                                     {"numa_foreign", "sys.numa.foreign_allocs", ""},
                                                                     {"local_node", "sys.numa.allocation", "local"},
                                                                     {"other_node", "sys.numa.allocation", "remote"},
                                                                     {"interleave_hit", "sys.numa.interleave", "hit"}}};

void report_nodes(detail::Totals& totals, const proc::Root& sys, std::string& text) {
    for (const int node : proc::list_nodes(sys)) {
        for (const auto& [name, pages] : proc::read_numastat(sys, node, text)) {
            for (const auto& [known, metric, type] : node_rules) {
                if (known == name) {
                    const Tags typed{{"node", std::to_string(node)}, {"type", type.empty() ? "none" : type}};
                    totals(metric, pages, type.empty() ? Tags{{"node", std::to_string(node)}} : typed);
                }
            }
        }
    }
}

} // namespace

int main(int argc, char* argv[]) {
    bool per_second = false;
    std::string sys_root = "/sys";
    Collector self{
        argc,
        argv,
        {.name = "procstats",
         .description = "Reports proc.stat.*, proc.meminfo.*, proc.vmstat.* and more: CPUs, memory, load, interrupts.",
         .interval = 15s,
         .flags = {detail::rate_flag(per_second), detail::sys_root_flag(sys_root)}}};
    const proc::Root root{self.proc_root()};
    const proc::Root sys{sys_root};
    detail::need_kernel_file(root, "stat");
    detail::Totals totals{per_second};
    std::string text;
    return self.run_every_n_seconds(self.interval(), [&](Readings& out) {
        using detail::attempt;
        totals.begin(out, self.clock().read().steady);
        attempt([&] {
            const proc::Uptime uptime = proc::read_uptime(root);
            out("proc.uptime.total", uptime.since_boot);
            out("proc.uptime.now", uptime.idle);
        });
        attempt([&] {
            for (const proc::MemInfo& row : proc::read_meminfo(root, text)) {
                out(std::string{"proc.meminfo."}.append(proc::plain_name(row.name)), row.value);
            }
        });
        attempt([&] { report_vmstat(totals, root, text); });
        attempt([&] { report_cpus(out, totals, root, sys, text); });
        attempt([&] {
            const proc::LoadAvg load = proc::read_loadavg(root);
            out("proc.loadavg.1min", load.one_minute);
            out("proc.loadavg.5min", load.five_minutes);
            out("proc.loadavg.15min", load.fifteen_minutes);
            out("proc.loadavg.runnable", load.runnable);
            out("proc.loadavg.total_threads", load.threads);
        });
        attempt([&] { if_any(out, "proc.kernel.entropy_avail", {}, proc::read_entropy_avail(root)); });
        attempt([&] { report_table(totals, "proc.interrupts", proc::read_interrupts(root, text)); });
        attempt([&] { report_table(totals, "proc.softirqs", proc::read_softirqs(root, text)); });
        attempt([&] { report_nodes(totals, sys, text); });
        attempt([&] { report_frequencies(out, sys); });
    });
}
