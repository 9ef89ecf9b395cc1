// SPDX-License-Identifier: MIT
// Finding and reaching targets: lookups that the test answers, and connections to a fake TSD.
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <support/temporary_directory.hpp>
#include <tickertape/testkit/fake_tsd.hpp>

#include "base/unique_fd.hpp"
#include "base/unix_socket.hpp"
#include "push/dialer.hpp"
#include "push/resolver.hpp"

namespace {

using namespace std::chrono_literals;
using namespace tickertape;
using boost::asio::ip::tcp;
using push::Dialer;
using push::Resolved;
using push::Resolver;
using testkit::FakeTsd;

constexpr auto long_time = 60s;

/// A name service that answers on request. The threads that ask it share it, because they may outlive a test.
class Names {
public:
    Resolved operator()(const std::string& host, std::uint16_t port) {
        std::unique_lock lock{mutex_};
        ++asked_[host];
        changed_.notify_all();
        changed_.wait(lock, [this] { return answers_; });
        const auto found = known_.find(host);
        return found == known_.end()
                   ? Resolved{{}, "Name or service not known"}
                   : Resolved{{tcp::endpoint{boost::asio::ip::make_address(found->second), port}}, {}};
    }
    void set(const std::string& host, const std::string& address) {
        const std::lock_guard lock{mutex_};
        known_[host] = address;
    }
    void answer(bool answers) {
        const std::lock_guard lock{mutex_};
        answers_ = answers;
        changed_.notify_all();
    }
    bool wait_for_question(const std::string& host) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, long_time, [&] { return asked_[host] > 0; });
    }
    int asked(const std::string& host) {
        const std::lock_guard lock{mutex_};
        return asked_[host];
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, std::string> known_;
    std::map<std::string, int> asked_;
    bool answers_ = true;
};

Resolver::Lookup lookup_in(std::shared_ptr<Names> names) {
    return [names](const std::string& host, std::uint16_t port) { return (*names)(host, port); };
}

template <class Condition>
bool run_until(boost::asio::io_context& context, Condition condition) {
    const auto work = boost::asio::make_work_guard(context);
    const auto deadline = std::chrono::steady_clock::now() + long_time;
    while (!condition() && std::chrono::steady_clock::now() < deadline) {
        context.run_one_for(10ms);
    }
    return condition();
}

} // namespace

TEST_CASE("A name that cannot be looked up is a failure of its target, and the next target is tried") {
    const auto names = std::make_shared<Names>();
    names->set("there", "127.0.0.1");
    const FakeTsd tsd;
    boost::asio::io_context context;
    Dialer dialer{context,
                  Targets{"nowhere:4242", "there:" + std::to_string(tsd.port())},
                  {.lookup = lookup_in(names), .seed = 1}};
    std::shared_ptr<push::Stream> stream;
    std::size_t which = 0;
    dialer.dial([&](std::shared_ptr<push::Stream> connected, std::size_t target) {
        stream = std::move(connected);
        which = target;
    });
    REQUIRE(run_until(context, [&] { return stream != nullptr; }));
    CHECK(which == 1);
    CHECK(dialer.status()[0].failures == 1);
    CHECK(dialer.status()[0].last_failure == "tsd://nowhere:4242: cannot look up its name: Name or service not known");
    CHECK(dialer.status()[1].connected);
}

TEST_CASE("Names are looked up again for each attempt") {
    const auto names = std::make_shared<Names>();
    const FakeTsd tsd;
    boost::asio::io_context context;
    Dialer dialer{context, Targets{"moved:" + std::to_string(tsd.port())}, {.lookup = lookup_in(names), .seed = 1}};
    bool connected = false;
    dialer.dial([&](const std::shared_ptr<push::Stream>&, std::size_t) { connected = true; });
    REQUIRE(run_until(context, [&] { return dialer.status()[0].failures > 0; }));
    names->set("moved", "127.0.0.1");
    CHECK(run_until(context, [&] { return connected; }));
    CHECK(names->asked("moved") >= 2);
}

TEST_CASE("A name service that hangs holds nothing up, and is asked once at a time") {
    const auto names = std::make_shared<Names>();
    names->set("slow", "127.0.0.1");
    names->answer(false);
    boost::asio::io_context context;
    {
        Resolver resolver{context, lookup_in(names)};
        bool first = false;
        bool second = false;
        resolver.resolve("slow", 1, [&](const Resolved&) { first = true; });
        REQUIRE(names->wait_for_question("slow"));
        resolver.cancel();
        resolver.resolve("slow", 1, [&](const Resolved& resolved) { second = resolved.endpoints.size() == 1; });
        names->answer(true);
        CHECK(run_until(context, [&] { return second; }));
        CHECK_FALSE(first);
        CHECK(names->asked("slow") == 1);
        names->answer(false);
        resolver.resolve("slow", 1, [](const Resolved&) {});
    } // it returns, although there is no answer
    names->answer(true);
}

TEST_CASE("A lookup that takes too long is a failure, too") {
    const auto names = std::make_shared<Names>();
    names->answer(false);
    boost::asio::io_context context;
    Dialer dialer{context, Targets{"slow:4242"}, {.lookup = lookup_in(names), .patience = 10ms, .seed = 1}};
    dialer.dial([](const std::shared_ptr<push::Stream>&, std::size_t) {});
    CHECK(run_until(context, [&] { return dialer.status()[0].failures > 0; }));
    CHECK(dialer.status()[0].last_failure == "tsd://slow:4242: looking up its name takes too long");
    dialer.cancel();
    names->answer(true);
}

TEST_CASE("Addresses are their own answers") {
    boost::asio::io_context context;
    Resolver resolver{context, [](const std::string&, std::uint16_t) -> Resolved {
                          FAIL("asked for an address");
                          return {};
                      }};
    const std::string address = GENERATE("127.0.0.1", "::1");
    std::vector<tcp::endpoint> endpoints;
    resolver.resolve(address, 4242, [&](const Resolved& resolved) { endpoints = resolved.endpoints; });
    REQUIRE(run_until(context, [&] { return !endpoints.empty(); }));
    CHECK(endpoints[0] == tcp::endpoint{boost::asio::ip::make_address(address), 4242});
}

TEST_CASE("A Unix socket needs no lookup, and a listener without room is a failure") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() / "s";
    const base::UniqueFd listener{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const sockaddr_un address = base::address_of_socket(path);
    REQUIRE(bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(listen(listener.get(), 0) == 0);
    const auto no_lookup = [](const std::string&, std::uint16_t) -> Resolved {
        FAIL("asked for a name");
        return {};
    };
    boost::asio::io_context context;
    Dialer dialer{context, Targets{"unix:" + path}, {.lookup = no_lookup, .seed = 1}};
    std::shared_ptr<push::Stream> stream;
    dialer.dial([&](std::shared_ptr<push::Stream> connected, std::size_t) { stream = std::move(connected); });
    REQUIRE(run_until(context, [&] { return stream != nullptr; }));
    CHECK(dialer.status()[0].connected);
    Dialer other{context, Targets{"unix:" + path}, {.lookup = no_lookup, .seed = 1}};
    bool is_connected = false;
    other.dial([&](const std::shared_ptr<push::Stream>&, std::size_t) { is_connected = true; });
    REQUIRE(run_until(context, [&] { return other.status()[0].failures > 0; }));
    CHECK(other.status()[0].last_failure ==
          "unix:" + path + ": cannot connect: too many connections wait there to be accepted");
    const base::UniqueFd accepted{accept(listener.get(), nullptr, nullptr)};
    CHECK(run_until(context, [&] { return is_connected; }));
}

TEST_CASE("A Unix socket whose process has ended, with or without its file, is one that was lost") {
    const bool has_file = GENERATE(true, false);
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() / "s";
    boost::asio::io_context context;
    Dialer dialer{context, Targets{"unix:" + path}, {.seed = 1}};
    {
        const base::UniqueFd listener{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        const sockaddr_un address = base::address_of_socket(path);
        REQUIRE(bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        REQUIRE(listen(listener.get(), 1) == 0);
        bool is_connected = false;
        dialer.dial([&](const std::shared_ptr<push::Stream>&, std::size_t) { is_connected = true; });
        REQUIRE(run_until(context, [&] { return is_connected; }));
        dialer.accepted(0);
    }
    if (!has_file) {
        std::filesystem::remove(path);
    }
    CHECK_FALSE(dialer.has_lost_one());
    dialer.dial([](const std::shared_ptr<push::Stream>&, std::size_t) {});
    REQUIRE(run_until(context, [&] { return dialer.status()[0].failures > 0; }));
    CHECK(dialer.has_lost_one());
}

TEST_CASE("A socket has a small send buffer, gives up a silent peer, and is not handed to other programs") {
    boost::asio::io_context context;
    tcp::socket socket{context, tcp::v4()};
    push::set_socket_options(socket);
    const auto option = [&socket](int level, int name) {
        int value = 0;
        socklen_t size = sizeof value;
        REQUIRE(getsockopt(socket.native_handle(), level, name, &value, &size) == 0);
        return value;
    };
    CHECK(option(SOL_SOCKET, SO_SNDBUF) <= 512 * 1024); // the kernel doubles the requested size
    CHECK(option(IPPROTO_TCP, TCP_USER_TIMEOUT) == 30'000);
    CHECK(option(SOL_SOCKET, SO_KEEPALIVE) == 1);
    CHECK((fcntl(socket.native_handle(), F_GETFD) & FD_CLOEXEC) != 0);
}
