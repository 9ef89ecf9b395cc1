// SPDX-License-Identifier: MIT
// Forks while other threads hold the library's locks. A child that uses these locks, or inherited objects, does not wait.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <base/diagnostics.hpp>
#include <tickertape/autodump.hpp>
#include <tickertape/buffered.hpp>
#include <tickertape/counter.hpp>
#include <tickertape/influx.hpp>
#include <tickertape/messages.hpp>
#include <tickertape/per_second.hpp>
#include <tickertape/stop.hpp>
#include <tickertape/telemeter.hpp>
#include <tickertape/testkit/fake_tsd.hpp>
#include <tickertape/tsd_client.hpp>
#include <tickertape/tsd_http.hpp>
#include <tickertape/tsd_telnet.hpp>

#include "support/catch.hpp"
#include "support/counting.hpp"
#include "support/temporary_directory.hpp"

using namespace std::chrono_literals;
using namespace tickertape::literals;
using namespace tickertape;
using testkit::FakeTsd;

namespace {

/// Drops messages, without a lock.
class Silence {
public:
    Silence() : before_{set_message_function([](int, std::string_view) {})} {}
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;
    ~Silence() { set_message_function(before_); }

private:
    void (*before_)(int, std::string_view);
};

std::vector<Point> one_point() { return {Point{Series{"m"_name, Tags{{"k", "v"}}}, test::epoch, 1}}; }

CounterOptions fine() { return {.timespan = 500ms, .granularity = 1ms}; }

/// The objects that the threads share and that a child inherits.
struct Shared {
    FakeTsd tsd{};
    test::TemporaryDirectory directory{};
    std::string at = "127.0.0.1:" + std::to_string(tsd.port());
    MetricCounter<rate> counter{"counts", fine()};
    Buffered queue{Memory{}, {.max_flush_interval = 1ms}};
    Buffered spooled{
        Memory{},
        {.max_flush_interval = 1ms,
         .spool = {.directory = directory.path().string(), .target = "memory", .sync = SpoolOptions::Sync::never}}};
    PerSecond per_second{Memory{}};
    TsdTelnet telnet{at};
    TsdHttp http{"http://" + at};
    Influx influx{"influx://" + at + "/d"};
    TsdClient client{at, {.host_tag = HostTag::named("h"), .check_host = false, .flush_interval = 1ms}};
    Telemeter telemeter{Memory{}};
    TelemeterCounter telemeter_counter = telemeter.counter("telemetered");
    TelemeterTimer timer = telemeter.timer("timed", bucketed);
};

/// Takes one or several locks in each call. `i` makes names, because two living counters of one name are an error, and the
/// counters of the parent's threads live in a child for ever.
using User = std::function<void(Shared&, int i)>;

void push(Transmitter& transmitter) {
    static_cast<void>(transmitter.publish(one_point()));
    transmitter.flush(std::chrono::steady_clock::now()); // does not wait
}

const std::vector<User>& users() {
    static const std::vector<User> all{
        [](Shared& shared, int i) {
            shared.counter.inc();
            const MetricCounter brief{"brief." + std::to_string(i), fine()};
        },
        [](Shared&, int i) { static_cast<void>(Series{"series." + std::to_string(i)}); },
        [](Shared&, int i) {
            MetricCounter brief{"dumped." + std::to_string(i), fine()};
            const autodump dump{Memory{}, brief}; // alarms, dumpers
        },
        [](Shared&, int) { base::report("a sentence"); },
        [](Shared&, int) { static_cast<void>(Clock::system().stats()); },
        [](Shared&, int) { static_cast<void>(Stop::process().requested()); },
        [](Shared& shared, int) {
            push(shared.queue);
            static_cast<void>(shared.queue.account());
            static_cast<void>(shared.queue.remaining_capacity());
        },
        [](Shared& shared, int) { push(shared.spooled); },
        [](Shared& shared, int) {
            push(shared.per_second);
            static_cast<void>(shared.per_second.stats());
        },
        [](Shared& shared, int) {
            push(shared.telnet);
            static_cast<void>(shared.telnet.status());
            static_cast<void>(shared.telnet.account());
        },
        [](Shared& shared, int) {
            push(shared.http);
            static_cast<void>(shared.http.status());
            static_cast<void>(shared.http.account());
        },
        [](Shared& shared, int) {
            push(shared.influx);
            static_cast<void>(shared.influx.account());
        },
        [](Shared& shared, int i) {
            shared.client.send("sent", i, {{"i", std::to_string(i)}});
            shared.client.wait(0ms);
            static_cast<void>(shared.client.account());
            static_cast<void>(shared.client.status());
        },
        [](Shared& shared, int i) {
            shared.telemeter_counter.inc({{"i", std::to_string(i)}});
            shared.telemeter.record("recorded", i);
            {
                const auto timing = shared.timer.timeit();
            }
            static_cast<void>(shared.telemeter.stats());
            static_cast<void>(shared.telemeter.account());
            shared.telemeter.flush(std::chrono::steady_clock::now());
        },
    };
    return all;
}

/// Returns whether everything works there that a child makes.
bool own_ones_work(Shared& shared) {
    Memory memory;
    MetricCounter own{"own", {.timespan = 10ms, .granularity = 1ms}};
    autodump dump{memory, own, shared.counter};
    own.inc();
    shared.counter.inc();
    Buffered queue{Memory{}, {.max_flush_interval = 1ms}};
    queue.publish(one_point());
    Telemeter telemeter{Memory{}};
    telemeter.counter("own.telemetered").inc();
    const SteadyTime soon = std::chrono::steady_clock::now() + 60s;
    return queue.flush(soon) && telemeter.flush(soon) && dump.finish(60s).complete && test::sum(memory, "own") == 1 &&
           test::sum(memory, "counts") == 1 && shared.queue.account().accepted == 0;
}

[[noreturn]] void be_a_child(Shared& shared) noexcept {
    ::alarm(240); // a lock that is held for ever leads to this
    try {
        constexpr int others = 1'000'000; // names that no thread of the parent uses
        for (const User& use : users()) {
            use(shared, others);
        }
        _exit(own_ones_work(shared) ? 0 : 1);
    } catch (const std::exception& error) {
        const std::string_view what = error.what();
        [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, what.data(), what.size());
        _exit(2);
    }
}

} // namespace

TEST_CASE("a child of a fork works whatever locks of the library other threads held at the fork") {
#ifdef __SANITIZE_ADDRESS__
    WARN("skipped: another thread may hold a lock of AddressSanitizer's own allocator at the fork, for good");
    return;
#endif
    constexpr int forks = 60;
    const Silence silence;
    Shared shared;
    std::atomic<bool> done{false};
    std::vector<int> ends;
    test::on_threads(
        static_cast<int>(users().size()),
        [&](int thread) {
            for (int i = 0; !done; i = (i + 1) % 100) {
                users()[static_cast<std::size_t>(thread)](shared, i);
            }
        },
        [&] {
            for (int i = 0; i < forks; ++i) {
                const pid_t child = fork();
                if (child == 0) {
                    be_a_child(shared);
                }
                int status = -1;
                waitpid(child, &status, 0);
                ends.push_back(WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status));
            }
            done = true;
        });
    CHECK(ends == std::vector<int>(forks, 0));
}
