// SPDX-License-Identifier: MIT
/// \file
/// Rows of scripts/bench --peers: a case of ours and the equivalent one of another library, the peer, measured in turns.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <tickertape/counter.hpp>
#include <tickertape/discard.hpp>
#include <tickertape/telemeter.hpp>
#include <tickertape/tsd_client.hpp>

#include "latencies.hpp"
#include "lines.hpp"
#include "measure.hpp"

namespace bench {

/// The same figure of ours and of the peer.
struct Pair {
    double ours = 0;
    double theirs = 0;
};

/// Prints the table of one peer row by row.
///
/// Thread safety: one thread at a time.
class Beside {
public:
    explicit Beside(std::string peer) : peer_{std::move(peer)} {
        std::printf(
            "\n### %s\n\n| | ours | the peer's | the peer's / ours | not the same work |\n|---|---|---|---|---|\n",
            peer_.c_str());
        std::fflush(stdout);
    }
    /// Prints a row. `differs` says in one sentence in which way the two are not the same work. If a figure is not above 0, it prints a
    /// message on standard error instead, and `complete` returns false.
    void row(const std::string& what, Pair figures, const std::string& unit, const std::string& differs) {
        const auto& [ours, theirs] = figures;
        if (!std::isfinite(ours) || !std::isfinite(theirs) || ours <= 0 || theirs <= 0) {
            std::fprintf(stderr, "bench: %s: '%s' could not be measured\n", peer_.c_str(), what.c_str());
            complete_ = false;
            return;
        }
        std::printf("| %s | %s %s | %s %s | %s | %s |\n", what.c_str(), text_of(ours).c_str(), unit.c_str(),
                    text_of(theirs).c_str(), unit.c_str(), text_of(theirs / ours).c_str(),
                    differs == last_ ? "as above" : differs.c_str());
        std::fflush(stdout);
        last_ = differs;
    }
    /// Returns whether each row was measured.
    [[nodiscard]] bool complete() const noexcept { return complete_; }

private:
    /// About three digits.
    static std::string text_of(double figure) {
        std::array<char, 64> text{};
        std::snprintf(text.data(), text.size(), "%.*f",
                      figure >= 100   ? 0
                      : figure >= 10  ? 1
                      : figure >= 0.1 ? 2
                                      : 3,
                      figure);
        return text.data();
    }

    std::string peer_;
    std::string last_; // how the work of the last row differs
    bool complete_ = true;
};

/// The main function of a peer's program, whose argument is the peer's name and version: `measure` adds the rows.
template <class Measure>
int measure_beside(int argc, char** argv, Measure measure) {
    if (argc != 2) {
        std::fputs("usage: beside_NAME 'NAME VERSION'; scripts/bench --peers runs it\n", stderr);
        return 2;
    }
    try {
        Beside table{argv[1]};
        measure(table);
        return table.complete() ? 0 : 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench: %s: %s\n", argv[1], error.what());
        return 1;
    }
}

/// The two measured in turns, by the processor time of the thread. `prepare()` runs before each round, not measured.
template <class Prepare, class Ours, class Theirs>
Pair in_turns(std::size_t rounds, Prepare prepare, Ours ours, Theirs theirs) {
    std::array<std::vector<double>, 2> times;
    for (std::size_t round = 0; round < rounds; ++round) {
        prepare();
        const double begin = now_ns(CLOCK_THREAD_CPUTIME_ID);
        ours();
        const double between = now_ns(CLOCK_THREAD_CPUTIME_ID);
        theirs();
        times[1].push_back(now_ns(CLOCK_THREAD_CPUTIME_ID) - between);
        times[0].push_back(between - begin);
    }
    return {quantile(times[0], lowest_few), quantile(times[1], lowest_few)};
}

inline Pair per_operation(const std::array<double, 2>& of_a_round, double operations) {
    return {of_a_round[0] / operations, of_a_round[1] / operations};
}

/// A round of `call`, sixteen times in each turn.
template <class F>
auto round_of_calls(int turns, F call) {
    return [turns, call]() mutable {
        for (int turn = 0; turn < turns; ++turn) {
            sixteen([&call] {
                call();
                clobber();
            });
        }
    };
}

/// A row for a call on one thread; a call is `operations` of them.
template <class Ours, class Theirs>
void calls_on_one(Beside& table, const std::string& what, Ours ours, Theirs theirs, const std::string& differs,
                  double operations = 1) {
    constexpr int turns = 500;
    const auto ns = interleaved(500, CLOCK_MONOTONIC, round_of_calls(turns, ours), round_of_calls(turns, theirs));
    table.row(what + ", one thread", per_operation(ns, 16 * turns * operations), "ns", differs);
}

/// Rows for a call on one thread, and on two at the same time.
template <class Ours, class Theirs>
void calls(Beside& table, const std::string& what, Ours ours, Theirs theirs, const std::string& differs) {
    calls_on_one(table, what, ours, theirs, differs);
    constexpr int turns = 100; // longer rounds are seldom undisturbed on both
    const auto ns = interleaved_on_two<2>(2000, [&](std::size_t /*thread*/) {
        return std::tuple{round_of_calls(turns, ours), round_of_calls(turns, theirs)};
    });
    table.row(what + ", two threads", per_operation(ns, 16 * turns), "ns", differs);
}

/// Rows for counting. `inc()` adds 1 to a counter of the peer, `inc_one_of_eight(i)` to one of eight.
template <class Inc, class IncOneOfEight>
void count(Beside& table, Inc inc, IncOneOfEight inc_one_of_eight, const std::string& differs) {
    tickertape::MetricCounter<tickertape::rate> counter{"bench.events"};
    calls(table, "`inc` of one counter", [&counter] { counter.inc(); }, inc, differs);
    std::vector<tickertape::MetricCounter<tickertape::rate>> eight;
    for (int i = 0; i < 8; ++i) {
        eight.emplace_back("bench.eight" + std::to_string(i));
    }
    const auto each_of_eight = [](auto one) {
        return [one] {
            for (std::size_t i = 0; i < 8; ++i) {
                one(i);
            }
        };
    };
    calls_on_one(table, "`inc` of one of eight counters", each_of_eight([&eight](std::size_t i) { eight[i].inc(); }),
                 each_of_eight(inc_one_of_eight), differs, 8);
}

/// Rows for recording a latency: `observe(seconds)` is the peer's.
template <class Observe>
void record(Beside& table, Observe observe, const std::string& differs) {
    tickertape::MetricCounter<tickertape::distribution> latency{
        "bench.latency", {.timespan = std::chrono::seconds{1}, .granularity = std::chrono::milliseconds{10}}};
    const std::vector<double> values = latencies();
    warm(latency, values);
    // One value after the other: rounds of all of them would be too long for two threads on a busy machine.
    const auto one_of = [&values](auto call) {
        return [&values, call, next = std::size_t{0}]() mutable { call(values[next++ % values_of_a_round]); };
    };
    calls(table, "a latency recorded", one_of([&latency](double value) { latency.record(value); }), one_of(observe),
          differs);
}

/// A row for counting with a tag that each call names: `inc()` is the peer's.
template <class Inc>
void count_by_tag(Beside& table, Inc inc, const std::string& differs) {
    constexpr int turns = 100;
    constexpr std::size_t rounds = 300;
    // Room for all points of all rounds, so that none is dropped.
    tickertape::Telemeter telemeter{
        tickertape::Discard{},
        {},
        {.buffer = {.max_buffer_size = 16 * turns * rounds, .max_flush_interval = std::chrono::seconds{1}}}};
    const auto events = telemeter.counter("bench.events");
    const auto ns =
        interleaved(rounds, CLOCK_MONOTONIC, round_of_calls(turns, [&events] { events.inc({{"page", "cart"}}); }),
                    round_of_calls(turns, inc));
    table.row("`inc` with a tag of the call, one thread", per_operation(ns, 16 * turns), "ns", differs);
}

/// A row for making `many` counters. `clear()` removes all of the peer's, `make(name)` makes one more.
template <class Clear, class MakeOne>
void births(Beside& table, std::size_t many, Clear clear, MakeOne make, const std::string& differs) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < many; ++i) {
        names.push_back("bench_births" + std::to_string(i));
    }
    std::vector<tickertape::MetricCounter<tickertape::rate>> counters;
    counters.reserve(many);
    const Pair ns = in_turns(
        20,
        [&] {
            counters.clear();
            clear();
        },
        [&] {
            for (const std::string& name : names) {
                counters.emplace_back(std::string_view{name});
            }
        },
        [&] {
            for (const std::string& name : names) {
                make(name);
            }
        });
    const auto each = static_cast<double>(many);
    table.row("one of " + std::to_string(many) + " counters made", {ns.ours / each, ns.theirs / each}, "ns", differs);
}

/// A row for writing the values of `many` series, one each. `change()` gives the peer's new values, `dump()` writes them.
template <class Change, class Dump>
void dump_of(Beside& table, std::size_t many, Change change, Dump dump, const std::string& differs) {
    const int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    Pair ns;
    {
        Dumped dumped{Numbers::integers, many, std::chrono::seconds{1}, all_stages(fd)};
        ns = in_turns(
            40,
            [&] {
                dumped.record();
                change();
            },
            [&] { dumped.pass_second(); }, dump);
    }
    close(fd);
    const auto each = static_cast<double>(many);
    table.row("a series of a dump of " + std::to_string(many), {ns.ours / each, ns.theirs / each}, "ns", differs);
}

/// Rows for queueing a point on one, two and eight threads. `push(thread)` returns the peer's call, `drain()` waits
/// until its queue is empty.
template <class Push, class Drain>
void queue(Beside& table, Push push, Drain drain, const std::string& differs) {
    for (const std::size_t threads : {1, 2, 8}) {
        tickertape::TsdClient client{"localhost", {.queue_size = 1'000'000, .check_host = false, .test_mode = true}};
        std::int64_t first = 1'700'000'000;
        std::array<std::vector<double>, 4> times;
        for (int round = 0; round < 15; ++round) {
            const CallCost ours = round_on_threads(threads, [&](std::size_t thread) {
                return [&client, site = std::to_string(thread), second = first]() mutable {
                    static_cast<void>(client.send_at(tickertape::WallTime{std::chrono::seconds{second++}},
                                                     "shop.orders", 17, {{"site", site}, {"kind", "web"}}));
                };
            });
            if (!client.wait(std::chrono::minutes{1})) {
                throw std::runtime_error{"our queue does not become empty"};
            }
            first += calls_of_a_thread;
            const CallCost theirs = round_on_threads(threads, push);
            drain();
            std::size_t place = 0;
            for (const double time : {ours.wall, theirs.wall, ours.cpu, theirs.cpu}) {
                times[place++].push_back(time);
            }
        }
        const auto median = [&times](std::size_t place) { return quantile(times[place], 0.5); };
        const std::string where = std::to_string(threads) + (threads == 1 ? " thread" : " threads");
        table.row("a point queued, " + where, {median(0), median(1)}, "ns", differs);
        table.row("the caller's processor time for it, " + where, {median(2), median(3)}, "ns", differs);
    }
}

} // namespace bench
