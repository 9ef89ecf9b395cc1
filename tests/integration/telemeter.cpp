// SPDX-License-Identifier: MIT
// A Telemeter and the fake TSD: one value for each series and second, and no loss.
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <support/catch.hpp>
#include <support/counting.hpp>
#include <support/process.hpp>
#include <support/pushing.hpp>
#include <tickertape/telemeter.hpp>
#include <tickertape/testkit/fake_tsd.hpp>
#include <tickertape/testkit/manual_clock.hpp>
#include <tickertape/tsd_http.hpp>
#include <tickertape/tsd_telnet.hpp>

namespace {

using namespace std::chrono_literals;
using namespace tickertape;
using testkit::FakeTsd;

} // namespace

TEST_CASE("Telemeter: two inc in one second reach a TSD as 2, and two timings as count, sum and the largest") {
    const bool by_http = GENERATE(false, true);
    CAPTURE(by_http);
    const FakeTsd tsd;
    testkit::ManualClock clock{WallTime{1'700'000'000s}};
    const auto measure = [&](auto transmitter) {
        Telemeter telemeter{std::move(transmitter), {{"app", "shop"}}, {.clock = &clock}};
        const auto requests = telemeter.counter("requests");
        const auto timer = telemeter.timer("time");
        requests.inc();
        clock.advance(500ms);
        requests.inc();
        timer.took(1s);
        timer.took(2s);
        clock.advance(600ms);
        requests.inc();
        CHECK(telemeter.flush(test::in(test::long_time)));
        CHECK(telemeter.account().acked == 5);
    };
    if (by_http) {
        measure(TsdHttp{test::http(tsd), {.host_tag = HostTag::named("h")}});
    } else {
        measure(TsdTelnet{tsd.address(), {.host_tag = HostTag::named("h")}});
    }
    CHECK(tsd.stored() == 5);
    for (const char* line : {"requests 1700000000 2", "time.count 1700000000 2", "time.sum 1700000000 3",
                             "time.max 1700000000 2", "requests 1700000001 1"}) {
        CAPTURE(line);
        CHECK(tsd.contains("put " + std::string{line} + " app=shop host=h"));
    }
}

TEST_CASE(
    "Telemeter: with many threads and a TSD that breaks connections, the sums are right and no second comes twice") {
    constexpr int threads = 4;
    constexpr int each = 20'000;
    FakeTsd tsd;
    {
        Telemeter telemeter{TsdHttp{test::http(tsd), {.host_tag = HostTag::named("h")}}};
        const auto requests = telemeter.counter("requests");
        test::on_threads(
            threads,
            [&](int i) {
                for (int n = 0; n < each; ++n) {
                    requests.inc();
                    requests.inc({{"thread", std::to_string(i)}});
                }
            },
            [&] {
                for (int n = 0; n < 5; ++n) {
                    tsd.break_connections(testkit::Break::reset);
                    static_cast<void>(telemeter.flush(test::in(50ms)));
                }
            });
        CHECK(telemeter.flush(test::in(test::long_time)));
        CHECK(telemeter.stats().all() == 0);
        CHECK(telemeter.account().balanced());
        CHECK(telemeter.account().all_dropped() == 0);
    }
    std::set<std::string> lines; // repeated points are the same
    for (const std::string& line : tsd.lines()) {
        lines.insert(line);
    }
    std::set<std::string> seconds;
    std::int64_t sum = 0;
    for (const std::string& line : lines) { // put METRIC STAMP VALUE TAGS
        const std::size_t stamp = line.find(' ', 4) + 1;
        const std::size_t value = line.find(' ', stamp) + 1;
        const std::size_t tags = line.find(' ', value) + 1;
        seconds.insert(line.substr(0, value) + line.substr(tags));
        sum += std::stoll(line.substr(value, tags - value));
    }
    CHECK(seconds.size() == lines.size());
    CHECK(sum == 2 * threads * each);
}

TEST_CASE("Telemeter: static objects may record until the process ends") {
    test::Process process{{.program = std::filesystem::path{TICKERTAPE_TEST_PROGRAM_DIR} / "records_at_exit",
                           .arguments = {},
                           .environment = {}}};
    CHECK(process.out.read_to_end(test::long_time) == "calls when=in-main 1\ncalls when=at-exit 1\n");
    CHECK(process.wait(test::long_time).value().code == 0);
}
