// SPDX-License-Identifier: MIT
// inc, add and set: demand 1.
#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <tickertape/counter.hpp>

#include "baselines.hpp"
#include "measure.hpp"
#include "report.hpp"
#include "suites.hpp"

namespace bench {

namespace {

using tickertape::MetricCounter;
using tickertape::rate;
using tickertape::stock;

constexpr int turns = 500;
constexpr int of_a_turn = 16;
constexpr double per_round = turns * of_a_turn; // operations
constexpr std::size_t rounds = 1000;
constexpr std::size_t rounds_on_two = 300;

/// A round of `f`, which is one operation.
template <class F>
auto same_cell(F f) {
    return [f] {
        for (int turn = 0; turn < turns; ++turn) {
            sixteen(f);
        }
    };
}

/// A round of `f`, which is eight operations.
template <class F>
auto eight_cells(F f) {
    return [f] {
        for (int turn = 0; turn < turns; ++turn) {
            f();
            f();
        }
    };
}

/// Eight rates of this granularity. They are neighbours, because ids are assigned in order.
std::vector<MetricCounter<rate>> eight_counters(const std::string& name, std::chrono::milliseconds granularity) {
    std::vector<MetricCounter<rate>> counters;
    for (int i = 0; i < 8; ++i) {
        counters.push_back(MetricCounter<rate>{name + std::to_string(i),
                                               {.timespan = std::chrono::seconds{15}, .granularity = granularity}});
    }
    return counters;
}

/// The cases for one thread. The cells of the two threads are in different cache lines.
auto cases_of(std::vector<MetricCounter<rate>>& counters, MetricCounter<stock>& level, Cells& own,
              std::uint64_t& shared) {
    bare_cells = own.cells.data();
    volatile std::size_t index = 3; // known at run time only
    const std::size_t cell = index;
    MetricCounter<rate>* const first = counters.data();
    std::uint64_t* const eight = own.cells.data() + 8;
    std::uint64_t* const words = own.cells.data() + 24;
    MetricCounter<stock>* const reading = &level;
    return std::tuple{
        same_cell([cell] { bare_add(cell); }),
        same_cell([first] {
            first->inc();
            clobber();
        }),
        same_cell([first] {
            first->add(3);
            clobber();
        }),
        same_cell([words] { shared_add(*words); }),
        same_cell([reading] {
            reading->set(17.5);
            clobber();
        }),
        eight_cells([eight] { bare_add_8(eight); }),
        eight_cells([first] {
            for (int i = 0; i < 8; ++i) {
                first[i].inc(); // in a row, as a program would
            }
            clobber();
        }),
        eight_cells([words] {
            for (int i = 0; i < 8; ++i) {
                shared_add(words[i]);
            }
        }),
        same_cell([&shared] { shared_add(shared); }),
    };
}
constexpr std::size_t cases = 9;
enum Case : std::uint8_t { bare, inc, add, fetch_add, set, bare_8, inc_8, fetch_add_8, contended };

void say_ratios(const std::array<double, cases>& ns, const std::string& where) {
    const auto ratio = [&ns](Case a, Case b) { return ns[a] / ns[b]; };
    say({"1", "inc / bare add, same cell" + where, ratio(inc, bare), "", at_most(1.25)});
    say({"1", "add / bare add, same cell" + where, ratio(add, bare), "", at_most(1.25)});
    say({"1", "8 inc / 8 bare adds, eight cells" + where, ratio(inc_8, bare_8), "", at_most(2)});
    say({"1", "inc / fetch_add, same cell" + where, ratio(inc, fetch_add), "", at_most(0.45)});
    say({"1", "inc / fetch_add, eight cells" + where, ratio(inc_8, fetch_add_8), "", at_most(0.2)});
    say({"1", "set / fetch_add" + where, ratio(set, fetch_add), "", at_most(0.25)});
}

} // namespace

void counter_suite() {
    MetricCounter<stock> level{"bench.level"};
    for (const auto granularity : {std::chrono::milliseconds{1000}, std::chrono::milliseconds{1}}) {
        const std::string pulse = granularity.count() == 1 ? ", 1 ms pulse" : ", 1 s pulse";
        auto counters = eight_counters("bench.eight", granularity);
        Cells own;
        std::uint64_t shared = 0;
        const auto on_one = std::apply([](auto... each) { return interleaved(rounds, CLOCK_MONOTONIC, each...); },
                                       cases_of(counters, level, own, shared));
        say_ratios(on_one, pulse);
        say({"", "inc, same cell" + pulse, on_one[inc] / per_round, "ns"});
        say({"", "inc, one of eight cells" + pulse, on_one[inc_8] / per_round, "ns"});
        say({"", "bare add, same cell" + pulse, on_one[bare] / per_round, "ns"});
        say({"", "fetch_add" + pulse, on_one[fetch_add] / per_round, "ns"});
        say({"", "set" + pulse, on_one[set] / per_round, "ns"});
        std::array<Cells, 2> owned;
        const auto on_two = interleaved_on_two<cases>(
            rounds_on_two, [&](std::size_t thread) { return cases_of(counters, level, owned[thread], shared); });
        if (on_two[inc] == 0) {
            say({"", "two threads never ran at the same time" + pulse, 0});
            continue;
        }
        say({"1", "inc on two threads / on one, same cell" + pulse, on_two[inc] / on_one[inc], "", at_most(1.3)});
        say({"1", "inc on two threads / on one, eight cells" + pulse, on_two[inc_8] / on_one[inc_8], "", at_most(1.3)});
        say({"", "for comparison: fetch_add of one word on two threads / on one" + pulse,
             on_two[contended] / on_one[contended]});
    }
}

} // namespace bench
