// SPDX-License-Identifier: MIT
// The instructions that callgrind counts: demand 8.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <functional>
#include <memory>
#include <string_view>

#include <tickertape/counter.hpp>
#include <tickertape/distribution.hpp>

#include "lines.hpp"
#include "measure.hpp"
#include "point/line_formatter.hpp"
#include "suites.hpp"

/// callgrind counts the instructions in here. The empty statement prevents a tail call, from which nothing would return here.
extern "C" [[gnu::noinline, gnu::used]] void tickertape_bench_measured(void (*f)(void*), void* with) {
    f(with);
    asm volatile("" : : "r"(f), "r"(with) : "memory");
}

namespace bench {

namespace {

constexpr int times = 1000;

template <class F>
void measured(F& f) {
    // Known at run time only, so that no copy of it for one function is made.
    void (*volatile call)(void*) = [](void* it) { (*static_cast<F*>(it))(); };
    tickertape_bench_measured(call, &f);
}

} // namespace

int count_instructions(const char* what) {
    const std::string_view name{what};
    const int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (name == "inc") {
        tickertape::MetricCounter counter{"bench.guard"};
        counter.inc(); // the first one of a thread leases its cells
        auto f = [&] {
            for (int i = 0; i < times; ++i) {
                counter.inc();
                clobber();
            }
        };
        measured(f);
    } else if (name == "record") {
        tickertape::testkit::ManualClock clock{tickertape::WallTime{std::chrono::seconds{first_second}}};
        tickertape::MetricCounter<tickertape::distribution> counter{"bench.guard", {.clock = &clock}};
        const auto record_all = [&] {
            for (int i = 0; i < times; ++i) {
                counter.record(0.001 + 0.00001 * i);
                clobber();
            }
        };
        record_all();
        clock.advance(std::chrono::seconds{1}); // the thread's bins are made at a tick
        record_all();                           // and there are new extremes
        auto f = [&] { record_all(); };
        measured(f);
    } else if (name == "line") {
        tickertape::point::LineFormatter formatter{{.host_tag = "web01"}};
        const tickertape::Series series{"sys.cpu.user", {{"cpu", "17"}}};
        std::array<char, tickertape::max_line + 1> out{};
        const tickertape::Point point{series, tickertape::WallTime{std::chrono::seconds{first_second}}, 12345};
        auto f = [&] {
            for (int i = 0; i < times; ++i) {
                static_cast<void>(formatter.write(point, out.data()));
                clobber();
            }
        };
        f();
        measured(f);
    } else if (name == "dump") {
        Dumped dumped{Numbers::integers, 1000, std::chrono::seconds{1}, all_stages(fd)};
        for (int i = 0; i < 3; ++i) { // so that all is allocated
            dumped.record();
            dumped.pass_second();
        }
        dumped.record();
        auto f = [&] { dumped.pass_second(); };
        measured(f);
    } else {
        std::fprintf(stderr, "tickertape_bench: callgrind counts inc, record, line or dump, not '%s'\n", what);
        close(fd);
        return 2;
    }
    close(fd);
    return 0;
}

} // namespace bench
