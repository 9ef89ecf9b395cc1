// SPDX-License-Identifier: MIT
// A collector: a stock that is read from /proc on a schedule.
#include <tickertape/collector.hpp>

#include <fstream>

using namespace tickertape;
using namespace std::chrono_literals;

int main(int argc, char* argv[]) {
    Collector self{argc, argv, {.name = "load", .interval = 1s, .timespan = 5s, .granularity = 1s}};
    MetricCounter<stock> load{"proc.load", self.counter()};
    autodump dump{self, load};
    return self.run_every_n_seconds(self.interval(), load, [&] {
        double one_minute = 0;
        std::ifstream{self.proc_root() / "loadavg"} >> one_minute;
        return one_minute;
    });
}
