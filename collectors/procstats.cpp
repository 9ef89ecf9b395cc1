// SPDX-License-Identifier: MIT
// procstats: CPUs, memory, load, interrupts: what /proc says of the host as a whole.
#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include <tickertape/attempt.hpp>
#include <tickertape/metric_name.hpp>
#include <tickertape/proc/entropy_avail.hpp>
#include <tickertape/proc/loadavg.hpp>
#include <tickertape/proc/reused.hpp>
#include <tickertape/proc/softirqs.hpp>
#include <tickertape/proc/uptime.hpp>
#include <tickertape/proc/vmstat.hpp>
#include <tickertape/slow_source.hpp>
#include <tickertape/totals.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

void report_vmstat(Totals& totals, const proc::Root& root, proc::Reused& kept) {
    constexpr std::array<std::string_view, 8> wanted{"pgpg",     "pswp",       "pgfault", "pgmajfault",
                                                     "oom_kill", "allocstall", "pgscan_", "pgsteal_"};
    kept.numbers = proc::read_vmstat(root, kept.text, std::move(kept.numbers));
    for (const proc::NamedNumber& row : kept.numbers) {
        if (std::any_of(wanted.begin(), wanted.end(), [&](auto begin) { return row.name.starts_with(begin); })) {
            totals(kept.name.assign("proc.vmstat.").append(row.name), row.number);
        }
    }
}

void if_any(auto& out, Name metric, const auto& value) { value ? out(metric, *value) : void(); }

void report_cpus(Readings& out, auto& totals, const proc::Root& root, const proc::Root& sys, proc::Reused& kept) {
    const bool grouped = attempt([&] { kept.sets = proc::read_cpusets(sys, kept.text, std::move(kept.sets)); });
    proc::WholeStat stat = proc::read_whole_stat(root, kept.text, std::move(kept.cpus));
    for (const proc::CpuRow& row : stat.cpus) {
        const int number = row.cpu.value_or(-1);
        repair(kept.name.assign(kept.sets.of(number).empty() ? "none" : kept.sets.of(number)));
        const std::size_t columns = row.cpu && !grouped ? 0 : row.columns; // none rather than with the wrong group
        for (std::size_t i = 0; i < columns; ++i) {
            row.cpu ? totals("proc.stat.cpu.percpu", row.ticks[i],
                             {{"type", proc::cpu_columns[i]}, {"cpu", std::to_string(number)}, {"cpuset", kept.name}})
                    : totals("proc.stat.cpu", row.ticks[i], {{"type", proc::cpu_columns[i]}});
        }
    }
    kept.cpus = std::move(stat.cpus);
    if_any(totals, "proc.stat.intr", stat.interrupts);
    if_any(totals, "proc.stat.ctxt", stat.context_switches);
    if_any(totals, "proc.stat.processes", stat.forks);
    if_any(out, "proc.stat.procs_running", stat.running);
    if_any(out, "proc.stat.procs_blocked", stat.blocked);
}

void report_table(Totals& totals, Name metric, const proc::Root& root, auto read, auto& kept, auto& names) {
    kept.table = read(root, kept.text, std::move(kept.table));
    kept.counts = proc::sum_by_type(kept.table, kept.network, std::move(kept.counts));
    for (const auto& [type, cpu, count] : kept.counts) {
        if (const auto name = names(type)) {
            totals(metric, count, {{"type", *name}, {"cpu", std::to_string(cpu)}});
        }
    }
}

// The kernel's name, the metric, its type.
constexpr std::array<std::array<std::string_view, 3>, 6> node_rules{{{"numa_hit", "sys.numa.zoneallocs", "hit"},
                                                                     {"numa_miss", "sys.numa.zoneallocs", "miss"},
                                                                     {"numa_foreign", "sys.numa.foreign_allocs", ""},
                                                                     {"local_node", "sys.numa.allocation", "local"},
                                                                     {"other_node", "sys.numa.allocation", "remote"},
                                                                     {"interleave_hit", "sys.numa.interleave", "hit"}}};

void report_nodes(Totals& totals, const proc::Root& sys, proc::Reused& kept) {
    kept.nodes = proc::list_nodes(sys, std::move(kept.nodes));
    for (const int node : kept.nodes) {
        const std::string number = std::to_string(node);
        kept.numbers = proc::read_numastat(sys, node, kept.text, std::move(kept.numbers));
        for (const auto& [name, pages] : kept.numbers) {
            for (const auto& [known, metric, type] : node_rules) {
                if (known == name) {
                    type.empty() ? totals(metric, pages, {{"node", number}})
                                 : totals(metric, pages, {{"node", number}, {"type", type}});
                }
            }
        }
    }
}

} // namespace

int main(int argc, char* argv[]) {
    bool per_second = false;
    std::string sys_root = "/sys";
    Collector self{argc,
                   argv,
                   {.name = "procstats",
                    .description = "Reports proc.stat.*, proc.meminfo.* and more: CPUs, memory, load, interrupts.",
                    .interval = 15s,
                    .flags = {rate_flag(per_second), sys_root_flag(sys_root)}}};
    const proc::Root root{self.proc_root()};
    const proc::Root sys{sys_root};
    need_kernel_file(root, "stat");
    Totals totals{per_second};
    proc::Reused kept;
    LegalNames names;
    SlowSource<std::vector<proc::CpuFreq>> frequencies{"the speeds of CPUs", proc::cpufreq_reader(sys_root)};
    return self.run_every_n_seconds(self.interval(), [&](Readings& out) {
        totals.begin(out, self.clock().read().steady);
        names.begin();
        attempt([&] {
            const proc::Uptime uptime = proc::read_uptime(root);
            out("proc.uptime.total", uptime.since_boot);
            out("proc.uptime.now", uptime.idle);
        });
        attempt([&] {
            kept.memory = proc::read_meminfo(root, kept.text, std::move(kept.memory));
            for (const auto& [name, value] : kept.memory) {
                kept.name = proc::plain_name(name, std::move(kept.name));
                out(kept.name.insert(0, "proc.meminfo."), value);
            }
        });
        attempt([&] { report_vmstat(totals, root, kept); });
        attempt([&] { report_cpus(out, totals, root, sys, kept); });
        attempt([&] {
            const proc::LoadAvg load = proc::read_loadavg(root);
            out("proc.loadavg.1min", load.one_minute);
            out("proc.loadavg.5min", load.five_minutes);
            out("proc.loadavg.15min", load.fifteen_minutes);
            out("proc.loadavg.runnable", load.runnable);
            out("proc.loadavg.total_threads", load.threads);
        });
        attempt([&] { if_any(out, "proc.kernel.entropy_avail", proc::read_entropy_avail(root)); });
        attempt([&] { kept.network = proc::read_network_interrupts(sys, std::move(kept.network)); });
        attempt([&] { report_table(totals, "proc.interrupts", root, proc::read_interrupts, kept, names); });
        attempt([&] { report_table(totals, "proc.softirqs", root, proc::read_softirqs, kept, names); });
        attempt([&] { report_nodes(totals, sys, kept); });
        if (const auto* const found = frequencies(self.interval() / 10, self.clock().read().steady)) {
            for (const auto& [cpu, name, khz] : *found) {
                out(kept.name.assign("proc.scaling.").append(name), khz, {{"cpu", std::to_string(cpu)}});
            }
        }
    });
}
