// SPDX-License-Identifier: MIT
// numprocesses: the number of processes in each state.
#include <algorithm>
#include <thread>
#include <vector>

#include <tickertape/attempt.hpp>
#include <tickertape/proc/process_states.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

int main(int argc, char* argv[]) {
    Collector self{argc,
                   argv,
                   {.name = "numprocesses",
                    .description = "Report proc.num_processes, the number of processes by state.",
                    .interval = 1s,
                    .timespan = 5s,
                    .granularity = 1s}};
    // Collectors and cron jobs run at full seconds. A reading at that time would count them as running.
    const auto off_the_edge = std::min<std::chrono::milliseconds>(self.interval() / 8, 40ms);
    const proc::Root root{self.proc_root()};
    std::vector<MetricCounter<stock>> processes;
    for (const std::string_view state : proc::process_states) {
        processes.push_back(MetricCounter<stock>{"proc.num_processes", self.counter({.tags = {{"state", state}}})});
    }
    autodump dump{self, processes};
    Problem hidden;
    std::vector<int> pids;
    return self.run_every_n_seconds(self.interval(), [&] {
        std::this_thread::sleep_for(off_the_edge); // the reading has the timestamp of its due time
        attempt([&] {
            hidden.set(proc::hides_processes(root)
                           ? "only this user's processes are seen and counted here, as /proc is mounted with hidepid; "
                             "run with --user root to count all"
                           : "",
                       self.clock().read().steady);
            const proc::ProcessCount count = proc::count_processes(root, pids);
            for (std::size_t i = 0; i < count.size(); ++i) {
                processes[i].set(count[i]);
            }
        });
    });
}
