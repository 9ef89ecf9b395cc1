// SPDX-License-Identifier: MIT
// sarcpu: the CPUs' time by kind, in percent of the interval.
#include <cstdint>
#include <vector>

#include <tickertape/attempt.hpp>
#include <tickertape/proc/cpu_usage.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

int main(int argc, char* argv[]) {
    Collector self{argc,
                   argv,
                   {.name = "sarcpu",
                    .description = "Report sar.cpu.util, the percentage of CPU time by type.",
                    .interval = 1s,
                    .timespan = 5s,
                    .granularity = 1s,
                    .differences = true}};
    const proc::Root root{self.proc_root()};
    proc::CpuUsage usage;
    const auto read = [&] {
        const std::uint64_t before = usage.implausible();
        const auto percent = usage(proc::read_stat(root).cpu, self.clock().read().steady);
        if (usage.implausible() > before) {
            // Message: /proc/stat: a counter of CPU time went back or leapt ahead: the percentages of that interval
            //   are left out
            // Cause: The kernel's counters are not monotonic on some virtual machines.
            // Remedy: None needed.
            warn("/proc/stat: a counter of CPU time went back or leapt ahead: the percentages of that interval are "
                 "left out");
        }
        return percent;
    };
    std::vector<MetricCounter<stock>> counters;
    for (const std::string_view type : proc::cpu_usage_types) {
        counters.push_back(MetricCounter<stock>{"sar.cpu.util", self.counter({.tags = {{"type", type}}})});
    }
    autodump dump{self, counters};
    attempt(read);
    return self.run_every_n_seconds(self.interval(), [&] {
        attempt([&] {
            const auto percent = read();
            for (std::size_t i = 0; percent && i < counters.size(); ++i) {
                counters[i].set((*percent)[i]);
            }
        });
    });
}
