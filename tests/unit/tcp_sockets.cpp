// SPDX-License-Identifier: MIT
// TCP sockets by sock_diag: the kernel's answers, and the file if there are none.
#include <tickertape/proc/sock_diag.hpp>
#include <tickertape/proc/tcp_sockets.hpp>

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace tickertape::proc;

namespace {

constexpr std::uint32_t sequence = 7;

template <class Body>
std::string message(int type, const Body& body, int flags = NLM_F_MULTI) {
    nlmsghdr head{};
    head.nlmsg_len = NLMSG_LENGTH(sizeof body);
    head.nlmsg_type = static_cast<std::uint16_t>(type);
    head.nlmsg_flags = static_cast<std::uint16_t>(flags);
    head.nlmsg_seq = sequence;
    std::string text(NLMSG_ALIGN(head.nlmsg_len), '\0');
    std::memcpy(text.data(), &head, sizeof head);
    std::memcpy(text.data() + NLMSG_HDRLEN, &body, sizeof body);
    return text;
}

inet_diag_msg tcp(int state, unsigned uid, std::uint16_t port = 80, std::uint8_t last_byte = 1) {
    inet_diag_msg socket{};
    socket.idiag_family = AF_INET;
    socket.idiag_state = static_cast<std::uint8_t>(state);
    socket.idiag_uid = uid;
    socket.idiag_inode = state == 3 ? 0 : 5;
    socket.id.idiag_sport = htons(port);
    socket.id.idiag_dport = htons(4000);
    socket.id.idiag_src[0] = last_byte == 0 ? 0 : htonl(0x0a000000U + last_byte);
    socket.id.idiag_dst[0] = htonl(0x08080808);
    return socket;
}

std::string socket_message(const inet_diag_msg& socket, int flags = NLM_F_MULTI) {
    return message(SOCK_DIAG_BY_FAMILY, socket, flags);
}
std::string done(int error = 0) { return message(NLMSG_DONE, error); }

struct Taken {
    DumpResult result;
    std::vector<TcpSocket> sockets;
};

Taken taken(const std::vector<std::string>& datagrams) {
    Taken all;
    SockDiagParser parser;
    parser.begin(sequence);
    for (const std::string& datagram : datagrams) {
        all.result = parser.take(datagram, [&](const TcpSocket& socket) { all.sockets.push_back(socket); });
    }
    return all;
}

/// A dump that returns two sockets and then ends in the given way.
auto dump_that_ends(DumpResult end, int& calls) {
    return [=, &calls](int /*family*/, SockDiagParser& /*parser*/, std::string& /*buffer*/,
                       const std::function<void(const TcpSocket&)>& f) {
        ++calls;
        f({.local = {}, .remote = {}, .state = 1, .uid = 0});
        f({.local = {}, .remote = {}, .state = 6, .uid = 0});
        return end;
    };
}

} // namespace

TEST_CASE("An answer of the kernel holds sockets, as the file does") {
    const Taken all = taken({socket_message(tcp(1, 1000)), socket_message(tcp(6, 0, 443)) + done()});
    CHECK(all.result.state == DumpState::done);
    REQUIRE(all.sockets.size() == 2);
    CHECK(all.sockets[0].state == 1);
    CHECK(all.sockets[0].uid == 1000);
    CHECK(all.sockets[0].local.port == 80);
    CHECK(all.sockets[0].remote.port == 4000);
    const std::array<std::uint8_t, 16> address{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1};
    CHECK(all.sockets[0].local.address == address);
    CHECK(all.sockets[0].local.is_internal());
    CHECK_FALSE(all.sockets[0].remote.is_internal());
    CHECK(all.sockets[1].local.port == 443);
}

TEST_CASE("A connection that is being set up has the owner of its listener") {
    const Taken all =
        taken({socket_message(tcp(10, 33, 80, 0)) + socket_message(tcp(10, 34, 80, 2)) + socket_message(tcp(3, 0)) +
               socket_message(tcp(3, 0, 80, 2)) + socket_message(tcp(3, 0, 81))});
    REQUIRE(all.sockets.size() == 5);
    CHECK(all.sockets[2].uid == 33);
    CHECK(all.sockets[3].uid == 34);
    CHECK(all.sockets[4].uid == 0);
}

TEST_CASE("An incomplete dump is not taken for a complete one") {
    const std::string one = socket_message(tcp(1, 0));
    CHECK(taken({one}).result.state == DumpState::more);
    CHECK(taken({socket_message(tcp(1, 0), NLM_F_MULTI | NLM_F_DUMP_INTR), done()}).result.state ==
          DumpState::interrupted);
    const DumpResult refused = taken({message(NLMSG_ERROR, nlmsgerr{.error = -ENOENT, .msg = {}})}).result;
    CHECK(refused.state == DumpState::refused);
    CHECK(refused.error == ENOENT);
    CHECK(taken({one + done(-ENOMEM)}).result.error == ENOMEM);
    CHECK(taken({message(NLMSG_ERROR, nlmsgerr{})}).result.state == DumpState::malformed);
    CHECK(taken({message(NLMSG_OVERRUN, 0)}).result.state == DumpState::malformed);
    CHECK(taken({""}).result.state == DumpState::malformed);
    for (std::size_t size = 1; size < one.size(); ++size) {
        CHECK(taken({one.substr(0, size)}).result.state == DumpState::malformed);
    }
    std::string other = one;
    other[8] = 6; // of another request
    CHECK(taken({other}).result.state == DumpState::malformed);
    inet_diag_msg odd = tcp(1, 0);
    odd.idiag_family = AF_UNIX;
    CHECK(taken({socket_message(odd)}).result.state == DumpState::malformed);
}

TEST_CASE("The kernel is asked only for /proc itself") {
    const test::TemporaryDirectory proc;
    proc.write("net/tcp", "0: 0100007F:1 0100007F:2 0A a b c 0\n");
    int calls = 0;
    const Root recorded{proc.path()};
    std::string buffer;
    TcpSocketReader from_file{recorded, dump_that_ends({.state = DumpState::done}, calls)};
    const auto listening = from_file.count("net/tcp", buffer);
    CHECK(calls == 0);
    REQUIRE(listening);
    CHECK((*listening)[9] == 1);
    CHECK_FALSE(from_file.count("net/tcp6", buffer));

    const Root own{"/proc"};
    TcpSocketReader from_kernel{own, dump_that_ends({.state = DumpState::done}, calls)};
    const auto count = from_kernel.count("net/tcp", buffer);
    CHECK(calls == 1);
    REQUIRE(count);
    CHECK((*count)[0] == 1);
    CHECK((*count)[5] == 1);
    CHECK_FALSE(from_kernel.count("net/tcp7", buffer)); // for which the kernel would list none
    CHECK(calls == 1);
}

TEST_CASE("Where the kernel refuses, the file is read from then on, and after another failure it is asked again") {
    const Root own{"/proc"};
    std::string buffer;
    for (const auto& [end, expected] : {std::pair{DumpResult{.state = DumpState::refused, .error = EPERM}, 1},
                                        std::pair{DumpResult{.state = DumpState::refused, .error = ENOENT}, 1},
                                        std::pair{DumpResult{.state = DumpState::refused, .error = ENOBUFS}, 3},
                                        std::pair{DumpResult{.state = DumpState::interrupted}, 3},
                                        std::pair{DumpResult{.state = DumpState::malformed}, 3}}) {
        int calls = 0;
        TcpSocketReader reader{own, dump_that_ends(end, calls)};
        for (int reading = 0; reading < 3; ++reading) {
            int begins = 0;
            const auto begin = [&] { ++begins; };
            const int calls_before = calls;
            CHECK(reader.read({"net/tcp"}, buffer, begin, [](const TcpSocket&) {}) == 1);
            CHECK(begins == 1 + calls - calls_before); // once more, if the kernel's answer does not count
        }
        CHECK(calls == expected);
    }
}
