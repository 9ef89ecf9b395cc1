// SPDX-License-Identifier: MIT
// Objects that the child of a fork inherits from a process that pushes. The child ends, or destroys them, without a crash or a
// hang. It closes none of their descriptors, because these numbers may belong to its own files by then.
#include <tickertape/autodump.hpp>
#include <tickertape/buffered.hpp>
#include <tickertape/counter.hpp>
#include <tickertape/influx.hpp>
#include <tickertape/json_lines.hpp>
#include <tickertape/per_second.hpp>
#include <tickertape/stop.hpp>
#include <tickertape/telemeter.hpp>
#include <tickertape/testkit/fake_tsd.hpp>
#include <tickertape/tsd_client.hpp>
#include <tickertape/tsd_http.hpp>
#include <tickertape/tsd_telnet.hpp>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/temporary_directory.hpp"

using namespace std::chrono_literals;
using namespace tickertape::literals;
using namespace tickertape;
using testkit::FakeTsd;

namespace {

struct World {
    FakeTsd tsd{};
    test::TemporaryDirectory directory{};
    std::string at = "127.0.0.1:" + std::to_string(tsd.port());
    std::string file = (directory.path() / "points.json").string();
    Series series{"m"_name, Tags{{"k", "v"}}};
    std::vector<Point> points{Point{series, WallTime{1'700'000'000s}, 1}};
};

/// An object with everything that it needs. The order of destruction cannot be wrong.
using Thing = std::shared_ptr<void>;

template <class Transmitter, class... Arguments>
Thing sending(const World& world, Arguments&&... arguments) {
    auto transmitter = std::make_shared<Transmitter>(std::forward<Arguments>(arguments)...);
    transmitter->publish(world.points);
    return transmitter;
}

struct Kind {
    const char* name;
    std::function<Thing(World&)> make;
    bool connects = true;
};

const std::vector<Kind>& kinds() {
    static const std::vector<Kind> all{
        {"TsdTelnet", [](World& w) { return sending<TsdTelnet>(w, w.at); }},
        {"TsdHttp", [](World& w) { return sending<TsdHttp>(w, "http://" + w.at); }},
        {"Influx", [](World& w) { return sending<Influx>(w, "influx://" + w.at + "/d"); }},
        {"TsdClient",
         [](World& w) -> Thing {
             auto client = std::make_shared<TsdClient>(
                 w.at, TsdClientOptions{.host_tag = HostTag::named("h"), .check_host = false, .flush_interval = 1ms});
             client->send("m", 1);
             return client;
         }},
        {"Buffered telnet",
         [](World& w) { return sending<Buffered>(w, TsdTelnet{w.at}, BufferedOptions{.max_flush_interval = 1ms}); }},
        {"PerSecond", [](World& w) { return sending<PerSecond>(w, TsdHttp{"http://" + w.at}); }, false},
        {"Telemeter",
         [](World& w) -> Thing {
             auto telemeter = std::make_shared<Telemeter>(TsdHttp{"http://" + w.at});
             telemeter->counter("c").inc();
             return telemeter;
         },
         false},
        {"JsonLines", [](World& w) { return sending<JsonLines>(w, w.file); }, false},
        {"Telemeter to a file",
         [](World& w) -> Thing {
             auto telemeter = std::make_shared<Telemeter>(JsonLines{w.file});
             telemeter->counter("c").inc();
             return telemeter;
         },
         false},
        {"autodump",
         [](World& w) -> Thing {
             struct Dump {
                 explicit Dump(const std::string& at, int number)
                     : counter{Name{"n." + std::to_string(number)}, {.timespan = 1s}}, dump{TsdTelnet{at}, counter} {}
                 MetricCounter<rate> counter;
                 autodump dump;
             };
             static int number = 0;
             return std::make_shared<Dump>(w.at, ++number);
         },
         false},
        {"Stop::OnSignals", [](World& /*world*/) -> Thing { return std::make_shared<Stop::OnSignals>(); }, false},
    };
    return all;
}

/// Returns the exit code of a child that runs `f`, or the negative number of the signal that ended it.
template <class F>
int in_child(F f) {
    std::fflush(nullptr); // otherwise the child would write the buffers, too
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        alarm(240); // ends it if it hangs
        f();
        std::exit(0); // NOLINT(concurrency-mt-unsafe): as a program does
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/// Makes two objects of a kind, with connections if the kind has any.
struct Inherited {
    explicit Inherited(const Kind& kind) : first{kind.make(world)}, second{kind.make(world)} {
        if (kind.connects) {
            REQUIRE(test::eventually([&] { return world.tsd.received().connections >= 2; }));
        }
    }
    World world{};
    Thing first;
    Thing second;
};

} // namespace

TEST_CASE("a child of a fork that ends does not touch inherited objects") {
    for (const Kind& kind : kinds()) {
        INFO(kind.name);
        static std::vector<Thing> statics; // destroyed as the child exits
        Inherited inherited{kind};
        statics = {std::move(inherited.first), std::move(inherited.second)};
        const int end = in_child([] {});
        statics.clear();
        CHECK(end == 0);
    }
}

TEST_CASE("a child of a fork destroys inherited objects and continues with its own") {
    for (const Kind& kind : kinds()) {
        INFO(kind.name);
        Inherited inherited{kind};
        CHECK(in_child([&] {
                  World world;
                  Thing own = kind.make(world);
                  inherited.first.reset();
                  inherited.second.reset();
                  if (kind.connects && !test::eventually([&] { return world.tsd.received().connections > 0; })) {
                      _exit(1);
                  }
                  own.reset();
              }) == 0);
    }
}

TEST_CASE("inherited objects close no descriptor that the child of a fork has opened") {
    for (const Kind& kind : kinds()) {
        INFO(kind.name);
        Inherited inherited{kind};
        CHECK(in_child([&] {
                  constexpr int most = 200;
                  for (int fd = 3; fd < most; ++fd) {
                      close(fd);
                  }
                  std::array<int, most - 3> mine{};
                  std::generate(mine.begin(), mine.end(), [] { return dup(STDERR_FILENO); });
                  inherited.first.reset();
                  inherited.second.reset();
                  const bool all =
                      std::all_of(mine.begin(), mine.end(), [](int fd) { return fcntl(fd, F_GETFD) >= 0; });
                  _exit(all ? 0 : 1);
              }) == 0);
    }
}

TEST_CASE("an inherited client in the child of a fork takes and sends nothing, and reports that once") {
    World world;
    TsdTelnet telnet{world.at};
    TsdHttp http{"http://" + world.at};
    Influx influx{"influx://" + world.at + "/d"};
    TsdClient client{world.at, {.host_tag = HostTag::named("h"), .check_host = false}};
    std::array<int, 2> errors{};
    REQUIRE(pipe(errors.data()) == 0);
    const SteadyTime far = std::chrono::steady_clock::now() + 1h;
    CHECK(in_child([&] {
              dup2(errors[1], STDERR_FILENO);
              const std::array<Transmitter*, 3> transmitters{&telnet, &http, &influx};
              bool right = std::all_of(transmitters.begin(), transmitters.end(), [&](Transmitter* transmitter) {
                  return transmitter->publish(world.points).closed && !transmitter->flush(far);
              });
              right &= telnet.status().targets.empty() && http.status().targets.empty();
              right &= client.send("m", 1) == Sent::closed && !client.wait(far) && client.account().accepted == 0;
              client.stop();
              telnet = TsdTelnet{world.at};
              TsdHttp& same = http;
              http = std::move(same);
              client = TsdClient{world.at, {.host_tag = HostTag::named("h"), .check_host = false}};
              right &= client.send("m", 1) == Sent::queued;
              _exit(right ? 0 : 1);
          }) == 0);
    close(errors[1]);
    std::string said(1000, '\0');
    said.resize(static_cast<std::size_t>(std::max<ssize_t>(read(errors[0], said.data(), said.size()), 0)));
    close(errors[0]);
    CHECK(said == "tickertape: this process was forked from one with a connection to a database; it sends nothing over "
                  "that\n");
}
