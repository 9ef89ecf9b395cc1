// SPDX-License-Identifier: MIT
// One answer of the kernel for several readers of TCP sockets.
#include <proc/shared_dumps.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <optional>
#include <string>
#include <vector>

#include <base/unique_fd.hpp>
#include <tickertape/proc/sock_diag.hpp>

#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace tickertape::proc;
using namespace std::chrono_literals;

namespace {

/// Listens on a port that the kernel chooses.
class Listener {
public:
    Listener() : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const any = reinterpret_cast<sockaddr*>(&address); // NOLINT(*-reinterpret-cast): as sockets are
        REQUIRE(::bind(socket_.get(), any, size) == 0);
        REQUIRE(::listen(socket_.get(), 1) == 0);
        REQUIRE(::getsockname(socket_.get(), any, &size) == 0);
        port_ = ntohs(address.sin_port);
    }
    [[nodiscard]] unsigned port() const noexcept { return port_; }

private:
    tickertape::base::UniqueFd socket_;
    unsigned port_ = 0;
};

/// Returns whether the kernel lists a listener on this port; nothing if sock_diag does not work here.
std::optional<bool> lists(unsigned port) {
    SockDiagParser parser;
    std::string buffer;
    bool is_there = false;
    const DumpResult result = dump_tcp_sockets(AF_INET, parser, buffer, [&](const TcpSocket& socket) {
        is_there |= socket.state == 10 && socket.local.port == port;
    });
    return result.state == DumpState::done ? std::optional{is_there} : std::nullopt;
}

std::vector<std::string> replayed(const SharedDumps::Dump& dump) {
    std::vector<std::string> datagrams;
    dump.replay([&](std::span<const char> datagram) {
        datagrams.emplace_back(datagram.begin(), datagram.end());
        return true;
    });
    return datagrams;
}

} // namespace

TEST_CASE("Readers that share dumps get another reader's answer, and a new answer when that is old") {
    if (!lists(0)) {
        WARN("this kernel lists no sockets by sock_diag");
        return;
    }
    // Other tests open sockets meanwhile: the kernel may interrupt a dump, which is then not shared, or give a port again. A dump of more
    // than 256 KiB is not shared either: closed connections of other tests stay in the kernel's list for a minute.
    CHECK(test::eventually([] {
        const SharedDumps shared{1h};
        static_cast<void>(lists(0));
        const Listener later;
        return lists(later.port()) == false;
    }));
    const Listener first;
    CHECK(lists(first.port()) == true); // nothing is shared any more
    const SharedDumps shared{0ms};
    const Listener second;
    CHECK(lists(first.port()) == true);
    CHECK(lists(second.port()) == true);
}

TEST_CASE("A shared dump replays its datagrams in order, and is fresh only when it is complete") {
    SharedDumps::Dump dump;
    const tickertape::SteadyTime begin{5s};
    dump.begin(begin);
    dump.add(std::string_view{"first"});
    dump.add(std::string_view{"second"});
    CHECK_FALSE(dump.is_fresh(begin, 1s));
    dump.complete();
    CHECK(dump.is_fresh(begin + 1s, 1s));
    CHECK_FALSE(dump.is_fresh(begin + 1s + 1ns, 1s));
    CHECK(replayed(dump) == std::vector<std::string>{"first", "second"});
    dump.begin(begin);
    CHECK_FALSE(dump.is_fresh(begin, 1s));
    CHECK(replayed(dump).empty());
}

TEST_CASE("A dump of more than 256 KiB is not shared") {
    SharedDumps::Dump dump;
    dump.begin({});
    const std::string datagram(32 * 1024, 'x');
    for (int i = 0; i < 9; ++i) {
        dump.add(datagram);
    }
    dump.complete();
    CHECK_FALSE(dump.is_fresh({}, 1s));
}
