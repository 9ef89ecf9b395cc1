// SPDX-License-Identifier: MIT
// Tests a collector of readings: one run on the test's own files, at a given time.
#include <tickertape/readings.hpp>
#include <tickertape/testkit/fixture_root.hpp>
#include <tickertape/testkit/readings.hpp>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

// The tested part of a collector: it reads a file and names the readings.
void report_load(const std::filesystem::path& proc, Readings& out) {
    std::ifstream file{proc / "loadavg"};
    for (const char* const minutes : {"1", "5", "15"}) {
        if (double load = 0; file >> load) {
            out("proc.loadavg", load, {{"minutes", minutes}});
        }
    }
}

// Replaces the check of a test framework.
void check_equal(const std::string& got, const std::string& wanted) {
    if (got != wanted) {
        std::cerr << "got\n" << got << "instead of\n" << wanted;
        std::exit(1);
    }
}

void each_load_is_a_point() {
    testkit::FixtureRoot proc{{"loadavg", "0.25 0.10 0.05 1/123 4567\n"}};
    const auto run = testkit::run_once([&](Readings& out) { report_load(proc.path(), out); }, WallTime{1700000000s});
    check_equal(run.lines, "proc.loadavg 1700000000 0.25 minutes=1\n"
                           "proc.loadavg 1700000000 0.1 minutes=5\n"
                           "proc.loadavg 1700000000 0.05 minutes=15\n");
}

void a_file_that_breaks_off_costs_what_is_missing() {
    testkit::FixtureRoot proc{{"loadavg", "0.25"}};
    const auto run = testkit::run_once([&](Readings& out) { report_load(proc.path(), out); }, WallTime{1700000000s});
    check_equal(run.lines, "proc.loadavg 1700000000 0.25 minutes=1\n");
}

} // namespace

int main() {
    each_load_is_a_point();
    a_file_that_breaks_off_costs_what_is_missing();
    std::cout << "2 tests passed\n";
}
