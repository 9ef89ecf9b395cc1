// SPDX-License-Identifier: MIT
// procstats: CPUs, memory, load and interrupts of the whole host, from /proc.
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tickertape/attempt.hpp>
#include <tickertape/host_tables.hpp>
#include <tickertape/metric_name.hpp>
#include <tickertape/proc/cpufreq.hpp>
#include <tickertape/proc/entropy_avail.hpp>
#include <tickertape/proc/loadavg.hpp>
#include <tickertape/proc/reused.hpp>
#include <tickertape/proc/uptime.hpp>
#include <tickertape/proc/vmstat.hpp>
#include <tickertape/tables.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

// The beginnings of the reported names of /proc/vmstat.
constexpr std::array<std::string_view, 8> of_vmstat{"pgpg",     "pswp",       "pgfault", "pgmajfault",
                                                    "oom_kill", "allocstall", "pgscan_", "pgsteal_"};

void if_any(auto& out, Name metric, const auto& value) { value ? out(metric, *value) : void(); }

struct Cpus {
    proc::Reused kept;
    proc::WholeStat stat;
    bool are_grouped = false;
};

void read_cpus(Cpus& cpus, const proc::Root& root, const proc::Root& sys) {
    proc::Reused& kept = cpus.kept;
    cpus.are_grouped = attempt([&] { kept.sets = proc::read_cpusets(sys, kept.text, std::move(kept.sets)); });
    cpus.stat = proc::read_whole_stat(root, kept.text, std::move(cpus.stat.cpus));
}

void report_cpus(Cpus& cpus, Readings& out, Tables& tables) {
    auto& [kept, stat, are_grouped] = cpus;
    if (Totals* const totals = tables.part("stat", out)) {
        for (const proc::CpuRow& row : stat.cpus) {
            for (std::size_t i = 0; i < row.columns && !row.cpu; ++i) {
                (*totals)("proc.stat.cpu", row.ticks[i], {{"type", proc::cpu_columns[i]}});
            }
        }
        if_any(*totals, "proc.stat.intr", stat.interrupts);
        if_any(*totals, "proc.stat.ctxt", stat.context_switches);
        if_any(*totals, "proc.stat.processes", stat.forks);
        if_any(out, "proc.stat.procs_running", stat.running);
        if_any(out, "proc.stat.procs_blocked", stat.blocked);
    }
    Totals* const each = tables.part("percpu", out);
    for (const proc::CpuRow& row : stat.cpus) {
        if (each == nullptr || !are_grouped || !row.cpu) { // no lines, rather than lines of the wrong group
            continue;
        }
        repair(kept.name.assign(kept.sets.of(*row.cpu).empty() ? "none" : kept.sets.of(*row.cpu)));
        for (std::size_t i = 0; i < row.columns; ++i) {
            (*each)("proc.stat.cpu.percpu", row.ticks[i],
                    {{"type", proc::cpu_columns[i]}, {"cpu", std::to_string(*row.cpu)}, {"cpuset", kept.name}});
        }
    }
}

} // namespace

int main(int argc, char* argv[]) {
    std::string sys_root = "/sys";
    // On large machines a few tables have nearly all lines. If lines are limited, interrupts are left out first.
    Tables tables{{{"uptime"},
                   {"meminfo"},
                   {"vmstat"},
                   {"stat"},
                   {.name = "percpu", .thins_at = 1, .part_of = "stat"},
                   {"loadavg"},
                   {"entropy"},
                   {"interrupts", 4, 3},
                   {"softirqs", 4, 2},
                   {"numa"},
                   {"cpufreq", 1, 2}}};
    Collector self{argc,
                   argv,
                   {.name = "procstats",
                    .description = "Report proc.stat.*, proc.meminfo.* and more: CPUs, memory, load, interrupts.",
                    .interval = 15s,
                    .flags = tables.flags() + std::vector{sys_root_flag(sys_root)}}};
    const auto root = std::make_shared<proc::Root>(self.proc_root());
    const auto sys = std::make_shared<proc::Root>(sys_root);
    need_kernel_file(*root, "stat");
    tables.add<proc::Uptime>(
        "uptime", [root](auto& uptime) { uptime = proc::read_uptime(*root); },
        [](auto& uptime, Readings& out, Totals&) {
            out("proc.uptime.total", uptime.since_boot);
            out("proc.uptime.now", uptime.idle);
        });
    tables.add<proc::Reused>(
        "meminfo", [root](auto& kept) { kept.memory = proc::read_meminfo(*root, kept.text, std::move(kept.memory)); },
        [](auto& kept, Readings& out, Totals&) {
            for (const auto& [name, value] : kept.memory) {
                kept.name = proc::plain_name(name, std::move(kept.name));
                out(kept.name.insert(0, "proc.meminfo."), value);
            }
        });
    tables.add<proc::Reused>(
        "vmstat", [root](auto& kept) { kept.numbers = proc::read_vmstat(*root, kept.text, std::move(kept.numbers)); },
        [](auto& kept, Readings&, Totals& totals) {
            for (const auto& [name, number] : kept.numbers) {
                if (std::any_of(of_vmstat.begin(), of_vmstat.end(),
                                [&name = name](auto begin) { return name.starts_with(begin); })) {
                    totals(kept.name.assign("proc.vmstat.").append(name), number);
                }
            }
        });
    tables.add<Cpus>(
        "stat", [root, sys](Cpus& cpus) { read_cpus(cpus, *root, *sys); },
        [&tables](Cpus& cpus, Readings& out, Totals&) { report_cpus(cpus, out, tables); });
    tables.add<proc::LoadAvg>(
        "loadavg", [root](auto& load) { load = proc::read_loadavg(*root); },
        [](auto& load, Readings& out, Totals&) {
            out("proc.loadavg.1min", load.one_minute);
            out("proc.loadavg.5min", load.five_minutes);
            out("proc.loadavg.15min", load.fifteen_minutes);
            out("proc.loadavg.runnable", load.runnable);
            out("proc.loadavg.total_threads", load.threads);
        });
    tables.add<std::optional<std::int64_t>>(
        "entropy", [root](auto& bits) { bits = proc::read_entropy_avail(*root); },
        [](auto& bits, Readings& out, Totals&) { if_any(out, "proc.kernel.entropy_avail", bits); });
    add_interrupts(tables, root, sys);
    add_softirqs(tables, root);
    add_numa(tables, sys);
    tables.add<std::vector<proc::CpuFreq>>(
        "cpufreq", [sys](auto& all) { all = proc::read_cpufreq(*sys, std::move(all)); },
        [metric = MetricName{"proc.scaling."}](auto& all, Readings& out, Totals&) mutable {
            for (const auto& [cpu, name, khz] : all) {
                out(metric(name), khz, {{"cpu", std::to_string(cpu)}});
            }
        });
    return self.run_every_n_seconds(self.interval(), [&](Readings& out) { tables.run(self, out); });
}
