// SPDX-License-Identifier: MIT
// uptime: the time since the machine's start, and the idle time of its CPUs, in whole seconds.
#include <cmath>

#include <tickertape/attempt.hpp>
#include <tickertape/proc/uptime.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

int main(int argc, char* argv[]) {
    const std::string about = "Report proc.uptime.since_boot and proc.uptime.idle (of all CPUs), in seconds.";
    Collector self{argc, argv, {"uptime", about, 120s, 120s, 120s}};
    const proc::Root root{self.proc_root()};
    MetricCounter<stock> since_boot{"proc.uptime.since_boot", self.counter()};
    MetricCounter<stock> idle{"proc.uptime.idle", self.counter()};
    autodump dump{self, since_boot, idle};
    return self.run_every_n_seconds(self.interval(), [&] {
        attempt([&] {
            const proc::Uptime uptime = proc::read_uptime(root);
            since_boot.set(std::floor(uptime.since_boot));
            idle.set(std::floor(uptime.idle));
        });
    });
}
