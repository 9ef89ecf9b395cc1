// SPDX-License-Identifier: MIT
// Connections are closed at a certain age, so that the sender follows a name that moves.
#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include <support/catch.hpp>
#include <tickertape/testkit/fake_tsd.hpp>

#include "push/dialer.hpp"
#include "push/http_engine.hpp"
#include "push/resolver.hpp"
#include "push/telnet_engine.hpp"
#include "stage/ledger.hpp"

namespace {

using namespace std::chrono_literals;
using namespace tickertape;
using boost::asio::ip::tcp;
using testkit::FakeTsd;

/// A name service with one name.
push::Resolver::Lookup lookup_of(std::shared_ptr<std::atomic<std::uint16_t>> port) {
    return [port](const std::string&, std::uint16_t) {
        return push::Resolved{{tcp::endpoint{boost::asio::ip::address_v4::loopback(), port->load()}}, {}};
    };
}

struct Telnet {
    using Engine = push::TelnetEngine;
    using Options = push::TelnetOptions;
    static constexpr const char* target = "tsd.example:1";

    static void give(Engine& engine, int number) {
        push::LineBatch batch;
        push::add_line(batch, "put m " + std::to_string(1'700'000'000 + number) + " 1 a=b");
        engine.give(std::move(batch));
    }
};

struct Http {
    using Engine = push::HttpEngine;
    using Options = push::HttpOptions;
    static constexpr const char* target = "http://tsd.example:1";

    static void give(Engine& engine, int number) {
        push::PutPoints points;
        points.add(R"({"metric":"m","timestamp":)" + std::to_string(1'700'000'000 + number) +
                   R"(,"value":1,"tags":{"a":"b"}})");
        engine.give(std::move(points));
    }
};

/// Sends points one after the other until `done`. Returns their number.
template <class Way, class Done>
int send_until(typename Way::Engine& engine, int& next, Done done) {
    const int first = next;
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (!done() && std::chrono::steady_clock::now() < deadline) {
        Way::give(engine, next++);
        CHECK(engine.flush(deadline));
    }
    return next - first;
}

} // namespace

TEMPLATE_TEST_CASE("a connection is closed at its age, and a name that has moved is followed", "", Telnet, Http) {
    const FakeTsd before;
    const FakeTsd after;
    const auto port = std::make_shared<std::atomic<std::uint16_t>>(before.port());
    typename TestType::Options options;
    options.connection_age = 1ms;
    options.dialer.lookup = lookup_of(port);
    const auto accounts = std::make_shared<stage::Ledger>();
    typename TestType::Engine engine{Targets{TestType::target}, options, accounts};
    int next = 0;
    send_until<TestType>(engine, next, [&] { return before.received().connections >= 3; }); // older ones were closed
    CHECK(before.received().connections >= 3);
    CHECK(after.received().connections == 0);
    *port = after.port();
    send_until<TestType>(engine, next, [&] { return after.received().stored > 0; });
    CHECK(after.received().stored > 0);
    CHECK(accounts->now().acked == static_cast<std::uint64_t>(next));
    CHECK(before.received().stored + after.received().stored == static_cast<std::uint64_t>(next)); // none twice
}

TEMPLATE_TEST_CASE("a connection that is young is used again", "", Telnet, Http) {
    const FakeTsd tsd;
    typename TestType::Options options;
    options.dialer.lookup = lookup_of(std::make_shared<std::atomic<std::uint16_t>>(tsd.port()));
    typename TestType::Engine engine{Targets{TestType::target}, options, std::make_shared<stage::Ledger>()};
    int next = 0;
    send_until<TestType>(engine, next, [&] { return next == 20; });
    CHECK(tsd.received().connections <= 2); // by telnet the first connection only asks for the version
    CHECK(tsd.received().stored == 20);
}
