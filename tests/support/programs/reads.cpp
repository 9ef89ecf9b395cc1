// SPDX-License-Identifier: MIT
// A collector that reports readings. --what names an additional event in a run. It writes a line to stderr for each run.
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <iostream>
#include <stdexcept>
#include <string>

#include <tickertape/collector.hpp>
#include <tickertape/testkit/manual_clock.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

int main(int argc, char* argv[]) {
    std::string what = "nothing";
    Collector self{argc,
                   argv,
                   {.name = "reads",
                    .interval = 1s,
                    .differences = std::getenv("DIFFERENCES") != nullptr, // NOLINT(concurrency-mt-unsafe)
                    .flags = {{.name = "--what", .help = "What else", .kind = "WHAT", .target = &what}}}};
    int runs = 0;
    return self.run_every_n_seconds(self.interval(), [&](Readings& out) {
        ++runs;
        out("test.run", runs, {{"kind", "count"}});
        if (what == "bad names") {
            out("test.bad", 1, {{"disk", std::string{"my disk"}}});
            out("test.nan", std::nan(""));
        }
        if (what == "many") {
            for (int i = 0; i < 300; ++i) {
                out("test.many", runs, {{"number", std::to_string(i)}});
            }
        }
        out("test.half", 0.5);
        if (what == "throw" && runs == 2) {
            throw std::runtime_error{"the disk is on fire"};
        }
        if (what == "step back" && runs == 2) {
            dynamic_cast<testkit::ManualClock&>(self.clock()).step(-2min); // with --now
        }
        if (what == "stop" && runs == 2) {
            self.stop().request();
        }
        std::cerr << "run\n";
    });
}
