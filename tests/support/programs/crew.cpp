// SPDX-License-Identifier: MIT
// Collectors in one process: `steady` counts its runs, `throws` does too and throws in its third, `blocks` waits for standard
// input and counts its lines, `never` cannot work. The first argument names those that take part; the others are flags.
#include <chrono>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <tickertape/collector.hpp>

#include "collector/crew.hpp"

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

int lives = 0; // of `throws`

int steady(int argc, char** argv) {
    Collector self{argc, argv, {.name = "steady", .interval = 100ms, .timespan = 1s}};
    MetricCounter<rate> runs{"steady.runs", self.counter()};
    autodump dump{self, runs};
    return self.run_every_n_seconds(self.interval(), [&] { runs.inc(); });
}

int throws(int argc, char** argv) {
    Collector self{argc, argv, {.name = "throws", .interval = 100ms}};
    int run = 0;
    ++lives;
    return self.run_every_n_seconds(self.interval(), [&](Readings& out) {
        out("throws.life", lives);
        if (++run == 3) {
            throw std::runtime_error{"the disk is on fire"};
        }
    });
}

int blocks(int argc, char** argv) {
    Collector self{argc, argv, {.name = "blocks", .interval = 1s, .timespan = 1s}};
    return self.run([&] {
        MetricCounter lines{"blocks.lines", self.counter()};
        autodump dump{self, lines};
        for (std::string line; std::getline(std::cin, line);) {
            lines.inc();
        }
        self.stop().request();
    });
}

int never(int argc, char** argv) {
    const Collector self{argc, argv, {.name = "never"}};
    throw CannotWork{"there is nothing here"};
}

} // namespace

int main(int argc, char** argv) {
    const std::string names = argc > 1 ? argv[1] : "";
    std::vector<collector::Body> bodies;
    for (const collector::Body& body : {collector::Body{"steady", &steady}, collector::Body{"throws", &throws},
                                        collector::Body{"blocks", &blocks}, collector::Body{"never", &never}}) {
        if (names.find(body.name) != std::string::npos) {
            bodies.push_back(body);
        }
    }
    std::vector<std::string> flags(argv + std::min(argc, 2), argv + argc);
    std::vector<const char*> words{"crew"};
    for (const std::string& flag : flags) {
        words.push_back(flag.c_str());
    }
    Collector self{static_cast<int>(words.size()), words.data(), {.name = "crew"}};
    return collector::Crew{self, bodies, flags}.run();
}
