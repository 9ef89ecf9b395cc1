// SPDX-License-Identifier: MIT
// Tests a collector: its reading uses the test's own files, and its counter a clock that the test moves.
#include <tickertape/counter.hpp>
#include <tickertape/testkit/fixture_root.hpp>
#include <tickertape/testkit/lines.hpp>
#include <tickertape/testkit/manual_clock.hpp>
#include <tickertape/testkit/memory.hpp>
#include <tickertape/testkit/runs.hpp>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

// The tested part of a collector: it reads a file.
double read_load(const std::filesystem::path& proc) {
    double one_minute = 0;
    std::ifstream{proc / "loadavg"} >> one_minute;
    return one_minute;
}

// Replaces the check of a test framework.
void check_equal(const std::string& got, const std::string& wanted) {
    if (got != wanted) {
        std::cerr << "got\n" << got << "instead of\n" << wanted;
        std::exit(1);
    }
}

void the_load_is_written_each_second() {
    testkit::FixtureRoot proc{{"loadavg", "0.25 0.10 0.05 1/123 4567\n"}};
    testkit::ManualClock clock; // begins at 1700000000
    MetricCounter<stock> load{"proc.load", {.clock = &clock}};
    testkit::run_times(clock, 1s, 2, [&] { load.set(read_load(proc.path())); });
    clock.advance(1s); // ends the second run's bucket
    check_equal(testkit::lines(load), "proc.load 1700000001 0.25\nproc.load 1700000002 0.25\n");
}

void what_the_output_did_not_take_is_written_by_the_next_dump() {
    testkit::ManualClock clock;
    MetricCounter requests{"shop.requests", {.clock = &clock}};
    Memory output; // a transmitter that keeps its points, and fails on request
    requests.add(3);
    clock.advance(2s);
    output.take_only(1);
    requests.dump(output);
    check_equal(testkit::lines(output.points()), "shop.requests 1700000000 3\n");
    requests.dump(output);
    check_equal(testkit::lines(output.points()), "shop.requests 1700000000 3\nshop.requests 1700000001 0\n");
}

} // namespace

int main() {
    the_load_is_written_each_second();
    what_the_output_did_not_take_is_written_by_the_next_dump();
    std::cout << "2 tests passed\n";
}
