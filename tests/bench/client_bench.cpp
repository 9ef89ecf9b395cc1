// SPDX-License-Identifier: MIT
// TsdClient: demand 10 on pushing.
#include <malloc.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <tickertape/tsd_client.hpp>

#include "line_baselines.hpp"
#include "measure.hpp"
#include "net.hpp"
#include "report.hpp"
#include "suites.hpp"

namespace bench {

namespace {

using tickertape::TsdClient;
using tickertape::WallTime;

constexpr int per_round = 500;
constexpr std::size_t rounds = 400;

/// Rounds of one send for each series, a second later each time. Each thread has its own series.
auto sends_of(TsdClient& client, std::size_t thread) {
    const std::string_view site = thread == 0 ? "lga" : "sea";
    return [&client, site, second = std::int64_t{0}]() mutable {
        for (int i = 0; i < per_round; ++i) {
            static_cast<void>(client.send_at(WallTime{std::chrono::seconds{1'700'000'000 + second++}}, "shop.orders",
                                             17, {{"site", site}, {"kind", "web"}}));
        }
    };
}

/// Sends from several threads at once, each with its own series.
void send_on_threads() {
    for (const std::size_t threads : crowds) {
        TsdClient client{"localhost", {.queue_size = 1'000'000, .check_host = false, .test_mode = true}};
        std::int64_t round = 0;
        const CallCost cost = cost_on_threads(
            threads,
            [&](std::size_t thread) {
                return [&client, site = std::to_string(thread),
                        second = 1'700'000'000 + round * calls_of_a_thread]() mutable {
                    static_cast<void>(client.send_at(WallTime{std::chrono::seconds{second++}}, "shop.orders", 17,
                                                     {{"site", site}, {"kind", "web"}}));
                };
            },
            [&] {
                client.wait(std::chrono::minutes{1});
                ++round;
            });
        say_call_cost("send_at() without reading the clock", threads, cost);
    }
}

double allocated() {
    const struct mallinfo2 info = mallinfo2();
    return static_cast<double>(info.uordblks + info.hblkhd);
}

} // namespace

void client_suite() {
    const NullSink sink;
    const std::string target = "127.0.0.1:" + std::to_string(sink.port());
    // Room for all points, so that the queue is measured, and not points that leave meanwhile.
    TsdClient client{target, {.queue_size = 4'000'000, .host_tag = tickertape::HostTag::named("web01")}};
    // A call without a time reads the clock, which is a part of its cost.
    std::int64_t clock_sum = 0;
    const auto [clock, one] = interleaved(
        rounds, CLOCK_MONOTONIC,
        [&clock_sum] {
            for (int i = 0; i < per_round; ++i) {
                clock_sum += std::chrono::system_clock::now().time_since_epoch().count();
            }
        },
        sends_of(client, 0));
    TsdClient other{target, {.queue_size = 4'000'000, .host_tag = tickertape::HostTag::named("web01")}};
    const auto two =
        interleaved_on_two<1>(rounds, [&](std::size_t thread) { return std::tuple{sends_of(other, thread)}; });
    const double on_one = (one + clock) / per_round;
    const double on_two = (two[0] + clock) / per_round;
    say({"push 10", "TsdClient::send on one thread, clock included, scaled", on_one * machine_scale(), "ns",
         at_most(250)});
    say({"", "the same as measured", on_one, "ns"});
    if (two[0] > 0) {
        say({"push 10", "the same on two threads / on one, per call", on_two / on_one, "", at_most(1)});
    }
    say({"", "reading the clock in it", clock / per_round, "ns"});
    client.stop();
    other.stop();
    send_on_threads();

    constexpr std::size_t points = 100'000;
    const std::uint16_t nobody = free_port();
    TsdClient full{"127.0.0.1:" + std::to_string(nobody),
                   {.queue_size = points, .host_tag = tickertape::HostTag::named("web01"), .check_host = false}};
    static_cast<void>(full.send_at(WallTime{std::chrono::seconds{1'699'999'999}}, "shop.orders", 1, {{"site", "lga"}}));
    const double before = allocated();
    for (std::size_t i = 0; i < points; ++i) {
        static_cast<void>(full.send_at(WallTime{std::chrono::seconds{1'700'000'000 + static_cast<std::int64_t>(i)}},
                                       "shop.orders", 17, {{"site", "lga"}}));
    }
    say({"push 10", "a full queue of 100,000 points", (allocated() - before) / 1e6, "MB", at_most(16)});
    full.stop();
    if (clock_sum == 0) { // used, so that it is not left out
        say({"", "the clock stands", 0});
    }
}

} // namespace bench
