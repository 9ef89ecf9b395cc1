// SPDX-License-Identifier: MIT
// A collector that counts 7 and then ends in the way that --how names.
#include <csignal>
#include <stdexcept>
#include <string>

#include <tickertape/collector.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

int main(int argc, char* argv[]) {
    std::string how = "return";
    Collector self{argc,
                   argv,
                   {.name = "ends",
                    .interval = 100ms,
                    .timespan = 5s,
                    .granularity = 100ms,
                    .flags = {{.name = "--how", .help = "How", .kind = "HOW", .target = &how}}}};
    MetricCounter<rate> count{"test.count", self.counter()};
    autodump dump{self, count};
    count.add(7);
    if (how == "throw from main") {
        throw std::runtime_error{"main had enough"};
    }
    return self.run_every_n_seconds(self.interval(), [&] {
        if (how == "cannot work") {
            throw CannotWork{"there is nothing to collect here"};
        }
        if (how == "usage") {
            throw UsageError{"the flag does not fit"};
        }
        if (how == "throw") {
            throw std::runtime_error{"the disk is on fire"};
        }
        if (how == "throw an int") {
            throw 1; // NOLINT(*-exception-*): some library may throw this
        }
        self.stop().request();
    });
}
