// SPDX-License-Identifier: MIT
// The benchmark program of scripts/bench: `tickertape_bench SUITE` writes rows.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>

#include "report.hpp"
#include "suites.hpp"

namespace {

struct Suite {
    std::string_view name;
    void (*run)();
};
constexpr Suite suites[] = {
    {"counter", bench::counter_suite},     {"distribution", bench::distribution_suite},
    {"burst", bench::burst_suite},         {"memory", bench::memory_suite},
    {"growth", bench::growth_suite},       {"dump", bench::dump_suite},
    {"read", bench::read_suite},           {"push", bench::push_suite},
    {"http", bench::http_suite},           {"client", bench::client_suite},
    {"telemeter", bench::telemeter_suite}, {"end-to-end", bench::end_to_end_suite},
    {"scan", bench::scan_suite},           {"footprint", bench::footprint_suite},
    {"agent", bench::agent_suite},
};

int run(int argc, char** argv) {
    const std::string_view name = argc > 1 ? argv[1] : "";
    if (name == "table") {
        bench::tabulate(argc > 2 ? argv[2] : "");
        return 0;
    }
    if (name == "count" && argc > 2) {
        return bench::count_instructions(argv[2]);
    }
    if (name == "compiler") {
        std::puts(TICKERTAPE_COMPILER);
        return 0;
    }
    if (name == "collectors") {
        bench::collectors_suite(argc > 2 ? argv[2] : "");
        return 0;
    }
    if (name == "read-files" && argc > 3) {
        return bench::read_files(std::atoi(argv[2]), {argv + 3, argv + argc});
    }
    if (name == "thousand-counters" && argc > 3) {
        return bench::run_thousand_counters(std::atoi(argv[2]), argv[3]);
    }
    if (name == "agent-program" && argc > 2) {
        return bench::run_agent_program(argv[2]);
    }
    for (const Suite& suite : suites) {
        if (suite.name == name) {
            suite.run();
            return 0;
        }
    }
    std::fputs("usage: tickertape_bench SUITE, one of", stderr);
    for (const Suite& suite : suites) {
        std::fprintf(stderr, " %.*s", static_cast<int>(suite.name.size()), suite.name.data());
    }
    std::fputs("; see scripts/bench\n", stderr);
    return 2;
}

} // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "tickertape_bench: %s\n", error.what());
        return 1;
    }
}
