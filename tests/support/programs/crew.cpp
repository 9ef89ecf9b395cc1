// SPDX-License-Identifier: MIT
// Collectors in one process. `steady` counts its runs. `throws` counts its runs, too, and throws in the third. `blocks` waits for
// standard input and counts its lines. `never` cannot work. `twice` runs two times. `starves` throws in its first life and leaves
// no memory for a thread; later it leaves none for the stack of its second life. The first argument names the collectors to run;
// the others are flags.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <tickertape/collector.hpp>

#include "collector/crew.hpp"

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

int lives = 0;                    // of `throws`
int lives_of_starves = 0;         // lives of `starves`
std::atomic<int> runs_in_need{0}; // runs of `steady` while memory is short

/// Limits the addresses of the process to this number of bytes more than now.
void limit_memory(long bytes) {
    long pages = 0;
    std::ifstream{"/proc/self/statm"} >> pages;
    rlimit limit{};
    getrlimit(RLIMIT_AS, &limit);
    limit.rlim_cur = static_cast<rlim_t>(pages * sysconf(_SC_PAGESIZE) + bytes);
    setrlimit(RLIMIT_AS, &limit);
    runs_in_need = 15;
}

void give_memory() {
    rlimit limit{};
    getrlimit(RLIMIT_AS, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_AS, &limit);
}

int steady(int argc, char** argv) {
    Collector self{argc, argv, {.name = "steady", .interval = 100ms, .timespan = 1s}};
    MetricCounter<rate> runs{"steady.runs", self.counter()};
    autodump dump{self, runs};
    return self.run_every_n_seconds(self.interval(), [&] {
        runs.inc();
        if (runs_in_need > 0 && --runs_in_need == 0) {
            give_memory();
        }
    });
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

int starves(int argc, char** argv) {
    constexpr long half_a_stack = 256L * 1024;
    Collector self{argc, argv, {.name = "starves", .interval = 100ms}};
    const bool is_first = ++lives_of_starves == 1;
    const int code = self.run_every_n_seconds(self.interval(), [&](Readings& out) {
        out("starves.life", lives_of_starves);
        if (is_first) {
            limit_memory(half_a_stack);
            throw std::runtime_error{"there is no bread"};
        }
    });
    if (is_first) {
        limit_memory(-half_a_stack); // the stack of this member is about to be given back
    }
    return code;
}

int twice(int argc, char** argv) {
    Collector self{argc, argv, {.name = "twice", .interval = 100ms, .timespan = 1s}};
    MetricCounter runs{"twice.runs", self.counter()};
    autodump dump{self, runs};
    self.run([&] { runs.inc(); });
    return self.run([&] {
        runs.inc();
        self.stop().request();
    });
}

} // namespace

int main(int argc, char** argv) {
    const std::string names = argc > 1 ? argv[1] : "";
    std::vector<collector::Body> bodies;
    for (const collector::Body& body :
         {collector::Body{"steady", &steady}, collector::Body{"throws", &throws}, collector::Body{"blocks", &blocks},
          collector::Body{"never", &never}, collector::Body{"starves", &starves}, collector::Body{"twice", &twice}}) {
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
