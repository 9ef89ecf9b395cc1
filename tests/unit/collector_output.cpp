// SPDX-License-Identifier: MIT
// The output of a collector: its request for the end, and its self-metrics while the clock is set back.
#include <collector/output.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include <tickertape/counter.hpp>
#include <tickertape/testkit/manual_clock.hpp>

#include "base/unique_fd.hpp"
#include "support/catch.hpp"

using namespace std::chrono_literals;
using tickertape::AnyTransmitter;
using tickertape::Form;
using tickertape::HostTag;
using tickertape::MetricCounter;
using tickertape::Stop;
using tickertape::collector::Output;
using tickertape::collector::Settings;
using Reason = tickertape::Stop::Reason;
using tickertape::testkit::ManualClock;

namespace {

/// Returns whether a stop is requested, and its reason, after a point was published with a clock that was set back.
std::tuple<bool, Reason> stop_after(std::chrono::seconds step, Form form) {
    ManualClock clock;
    const MetricCounter count{"output.count", {.clock = &clock}};
    Stop stop;
    const Settings settings{.form = form, .dedup = 0s};
    const auto output = std::make_shared<Output>(settings, "c", stop, clock);
    AnyTransmitter stage = output->stage(settings);
    clock.advance(5s);
    stage.publish({});
    CHECK_FALSE(stop.requested());
    clock.step(-step);
    clock.advance(1s);
    stage.publish({});
    return {stop.requested(), stop.reason()};
}

/// Captures the text that is written to stdout while it lives.
class StdoutTaken {
public:
    StdoutTaken() {
        std::fflush(stdout);
        REQUIRE(::dup2(file_.get(), STDOUT_FILENO) == STDOUT_FILENO);
    }
    StdoutTaken(const StdoutTaken&) = delete;
    StdoutTaken& operator=(const StdoutTaken&) = delete;
    ~StdoutTaken() { ::dup2(before_.get(), STDOUT_FILENO); }

    [[nodiscard]] std::string text() const {
        std::string text;
        std::array<char, 4096> part{};
        ssize_t got = 0;
        while ((got = ::pread(file_.get(), part.data(), part.size(), static_cast<off_t>(text.size()))) > 0) {
            text.append(part.data(), static_cast<std::size_t>(got));
        }
        return text;
    }

private:
    tickertape::base::UniqueFd before_{::dup(STDOUT_FILENO)};
    tickertape::base::UniqueFd file_{::memfd_create("stdout", MFD_CLOEXEC)};
};

/// Returns whether `room` answers while a writer waits for the reader of a full pipe, before ten waits are over.
bool has_room_while_it_blocks() {
    constexpr int size = 4096;
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    const tickertape::base::UniqueFd reader{ends[0]};
    const tickertape::base::UniqueFd writer{ends[1]};
    REQUIRE(::fcntl(writer.get(), F_SETPIPE_SZ, size) == size);
    REQUIRE(::write(writer.get(), std::string(size, '\n').data(), size) == size);
    std::fflush(stdout);
    const tickertape::base::UniqueFd before{::dup(STDOUT_FILENO)};
    REQUIRE(::dup2(writer.get(), STDOUT_FILENO) == STDOUT_FILENO);
    Stop stop;
    const Settings settings{.form = Form::tcollector, .dedup = 0s};
    const auto output = std::make_shared<Output>(settings, "c", stop);
    std::atomic<int> calls{0}; // odd during one
    std::jthread publisher{[&](const std::stop_token& end) {
        AnyTransmitter stage = output->stage(settings);
        const std::array points{tickertape::Point{tickertape::Series{"m"}, tickertape::WallTime{1'700'000'000s}, 1}};
        while (!end.stop_requested()) {
            ++calls;
            static_cast<void>(stage.publish(points));
            ++calls;
        }
    }};
    bool answers = false;
    while (!answers && calls < 20) {
        const int call = calls;
        for (int i = 0; i < 100; ++i) { // more than one between the begin of the call and the begin of its wait
            static_cast<void>(output->room());
        }
        answers = call % 2 == 1 && call == calls;
    }
    publisher.request_stop();
    publisher.join();
    ::dup2(before.get(), STDOUT_FILENO);
    return answers;
}

/// Returns the first line that a collector writes in a minute in which it reads nothing.
std::string first_line_of_a_minute(Form form) {
    std::string out;
    {
        const StdoutTaken taken;
        ManualClock clock; // begins at 1700000000
        Stop stop;
        const Settings settings{.host_tag = HostTag::named("h"), .form = form};
        const auto output = std::make_shared<Output>(settings, "c", stop, clock);
        output->start();
        clock.advance(60s);
        output->stop();
        out = taken.text();
    }
    return out.substr(0, out.find('\n'));
}

/// Returns the timestamps of `tickertape.up`, minus the start of the clock, of a collector that reports every 10 s, and whose
/// clock is set back after 25 s.
std::vector<int> heartbeats(std::chrono::seconds step_back) {
    const std::string up = "put tickertape.up ";
    std::string out;
    {
        const StdoutTaken taken;
        ManualClock clock; // begins at 1700000000
        Stop stop;
        const Settings settings{.host_tag = HostTag::none(), .form = Form::put, .self_metrics = 10s};
        const auto output = std::make_shared<Output>(settings, "c", stop, clock);
        output->start();
        clock.advance(25s);
        clock.step(-step_back);
        clock.advance(40s);
        output->stop();
        out = taken.text();
    }
    std::vector<int> result;
    for (std::size_t at = out.find(up); at != std::string::npos; at = out.find(up, at + 1)) {
        result.push_back(static_cast<int>(std::stoll(out.substr(at + up.size())) - 1'700'000'000));
    }
    return result;
}

} // namespace

TEST_CASE("A collector's report on itself goes on when the clock is set back by more than a minute, without a repeat") {
    CHECK(heartbeats(0s) == std::vector{10, 20, 30, 40, 50, 60});
    CHECK(heartbeats(100s) == std::vector{10, 20, -70, -60, -50, -40});
    CHECK(heartbeats(7200s) == std::vector{10, 20, -7170, -7160, -7150, -7140});
    CHECK(heartbeats(25s) == std::vector{10, 20, 30, 40}); // no timestamp is repeated
}

TEST_CASE("A collector for telegraf or collectd reports on itself each minute, one that prints put lines does not") {
    CHECK(first_line_of_a_minute(Form::influx) == "tickertape.up,collector=c,host=h value=1 1700000040000000000");
    CHECK(first_line_of_a_minute(Form::collectd) ==
          R"(PUTVAL "h/tickertape-tickertape.up/gauge-collector=c" interval=60 1700000040:1)");
    CHECK(first_line_of_a_minute(Form::put).empty());
}

TEST_CASE(
    "Under tcollector a clock that was set back by more than a minute ends the collector, elsewhere it does not") {
    CHECK(stop_after(120s, Form::tcollector) == std::tuple{true, Reason::clock_stepped});
    CHECK_FALSE(std::get<0>(stop_after(50s, Form::tcollector)));
    CHECK_FALSE(std::get<0>(stop_after(120s, Form::put)));
}

TEST_CASE("How many lines a collector may write is known while its output blocks") {
    CHECK(has_room_while_it_blocks());
}
