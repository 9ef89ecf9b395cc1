// SPDX-License-Identifier: MIT
// Uses the collector's command line.
#include <chrono>

#include <tickertape/collector.hpp>

int main(int argc, char* argv[]) {
    tickertape::Collector self{argc, argv, {.name = "answer", .interval = std::chrono::seconds{1}}};
    tickertape::MetricCounter<tickertape::stock> answer{"the.answer", self.counter()};
    tickertape::autodump dump{self, answer};
    return self.run_every_n_seconds(self.interval(), answer, [] { return 42; });
}
