// SPDX-License-Identifier: MIT
// Kernel files of the network's protocols: /proc/net/sockstat, snmp, netstat, tcp.
#include <tickertape/proc/net_snmp.hpp>
#include <tickertape/proc/net_sockstat.hpp>
#include <tickertape/proc/net_tcp.hpp>

#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/complaint.hpp"
#include "support/temporary_directory.hpp"

using namespace tickertape::proc;
using test::complaint;

namespace {

std::vector<TcpSocket> sockets_in(std::string_view text, std::string_view file = "f") {
    std::vector<TcpSocket> sockets;
    parse_net_tcp(text, file, [&](const TcpSocket& socket) { sockets.push_back(socket); });
    return sockets;
}

std::string tcp_complaint(std::string_view text) { return complaint(sockets_in, text); }

/// Returns a line of /proc/net/tcp for two ends, as a little-endian machine writes it.
std::string line(const std::string& local, const std::string& remote, const std::string& state = "01") {
    return "   0: " + local + " " + remote + " " + state + " 00000000:00000000 00:00000000 00000000  1000        0 1\n";
}

bool is_internal(const std::string& address) {
    const auto sockets = sockets_in(line(address + ":0050", "00000000:0000"));
    REQUIRE(sockets.size() == 1);
    return sockets.front().local.is_internal();
}

} // namespace

TEST_CASE("Sockets are counted in pairs of a name and a number, by protocol") {
    const auto pairs = parse_net_sockstat("sockets: used 16\nTCP: inuse 1 mem 201\n\nRAW:\n", "f", test::ignored());
    REQUIRE(pairs.size() == 3);
    CHECK(pairs[0].protocol == "sockets");
    CHECK(pairs[2].protocol == "TCP");
    CHECK(pairs[2].name == "mem");
    CHECK(pairs[2].value == 201);
}

TEST_CASE("A broken /proc/net/sockstat is refused with file, line, field and token") {
    CHECK(complaint(parse_net_sockstat, "") == "/p/f: is empty");
    CHECK(complaint(parse_net_sockstat, "TCP inuse 1\n") ==
          "/p/f:1: field 1 'TCP' is not a protocol with a colon after it");
    CHECK(complaint(parse_net_sockstat, "a: b 1\nTCP: inuse\n") == "/p/f:2: field 3 '' is not a number");
    CHECK(complaint(parse_net_sockstat, "TCP: inuse x\n") == "/p/f:1: field 3 'x' is not a number");
}

TEST_CASE("The network's counters are in pairs of lines, names above numbers") {
    const auto counters = parse_net_snmp("Tcp: MaxConn InErrs\nTcp: -1 18446744073709551615 9\nUdp: NoPorts\nUdp: 3",
                                         "f", test::ignored());
    REQUIRE(counters.size() == 3);
    CHECK(counters[0].protocol == "Tcp");
    CHECK(counters[0].name == "MaxConn");
    CHECK(counters[0].value == static_cast<std::uint64_t>(-1));
    CHECK(counters[1].value == 18446744073709551615U);
    CHECK(counters[2].protocol == "Udp");
    CHECK(counters[2].value == 3);
}

TEST_CASE("Broken counters of the network are refused with file, line, field and token") {
    CHECK(complaint(parse_net_snmp, "") == "/p/f: is empty");
    CHECK(complaint(parse_net_snmp, "Tcp InErrs\n") == "/p/f:1: field 1 'Tcp' is not a protocol with a colon after it");
    CHECK(complaint(parse_net_snmp, "Tcp: InErrs\n") == "/p/f: 'Tcp' has names, but no numbers");
    CHECK(complaint(parse_net_snmp, "Tcp: A\nUdp: 1\n") == "/p/f:2: field 1 'Udp:' has no line of names above it");
    CHECK(complaint(parse_net_snmp, "Tcp: A B\nTcp: 1\n") == "/p/f:2: field 3 '' is not a number");
    CHECK(complaint(parse_net_snmp, "Tcp: A\nTcp: 1\nUdp: B\nUdp: y\n") == "/p/f:4: field 2 'y' is not a number");
    CHECK(complaint(parse_net_snmp, "Tcp: A\nTcp: -x\n") == "/p/f:2: field 2 '-x' is not a number");
}

TEST_CASE("A socket has two ends, a state and an owner") {
    const auto sockets =
        sockets_in("  sl  local_address rem_address   st …\n" + line("0100007F:0050", "0900000A:C000", "0A"));
    REQUIRE(sockets.size() == 1);
    CHECK(sockets[0].local.port == 80);
    CHECK(sockets[0].remote.port == 0xc000);
    CHECK(sockets[0].state == 10);
    CHECK(sockets[0].uid == 1000);
    CHECK(tcp_states[sockets[0].state - 1] == "listen");
    const std::array<std::uint8_t, 16> loopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1};
    CHECK(sockets[0].local.address == loopback);
}

TEST_CASE("Addresses that are not of the public internet are internal") {
    for (const std::string address :
         {"00000000", "0100007F", "0100000A", "010010AC", "01001FAC", "0100A8C0", "0100FEA9",
          "00000000000000000000000000000000", "00000000000000000000000001000000", "0000000000000000FFFF00000100000A",
          "000080FE000000000000000001000000", "000000FD000000000000000001000000", "000000FC000000000000000001000000"}) {
        CAPTURE(address);
        CHECK(is_internal(address));
    }
    for (const std::string address :
         {"08080808", "01000FAC", "010020AC", "0101A9C0", "0100FDA9", "00000000000000000000000002000000",
          "0000000000000000FFFF000008080808", "B80D0120000000000000000001000000", "0000C0FE000000000000000001000000"}) {
        CAPTURE(address);
        CHECK_FALSE(is_internal(address));
    }
}

TEST_CASE("A broken /proc/net/tcp is refused with file, line, field and token") {
    CHECK(tcp_complaint("") == "nothing");
    CHECK(tcp_complaint("x 1\n") == "/p/f:1: field 1 'x' is not a number with a colon after it");
    CHECK(tcp_complaint("0:\n") == "/p/f:1: field 2 '' is not an address and a port");
    CHECK(tcp_complaint("0: 0100007F\n") == "/p/f:1: field 2 '0100007F' is not an address and a port");
    CHECK(tcp_complaint("0: 0100007F:10000\n") == "/p/f:1: field 2 '0100007F:10000' is not an address and a port");
    CHECK(tcp_complaint("0: 0100007G:1\n") == "/p/f:1: field 2 '0100007G:1' is not an address and a port");
    CHECK(tcp_complaint("0: 0100007F00:1\n") == "/p/f:1: field 2 '0100007F00:1' is not an address and a port");
    CHECK(tcp_complaint("\n0: 0100007F:1 0100007F:2 0G\n") == "/p/f:2: field 4 '0G' is not the number of a state");
    CHECK(tcp_complaint("0: 0100007F:1 0100007F:2 01 a b c x\n") == "/p/f:1: field 8 'x' is not a number");
    CHECK(tcp_complaint("0: 0100007F:1 0100007F:2 01 a b c\n") == "/p/f:1: field 8 '' is not a number");
}

TEST_CASE("A million bytes of sockets are read in blocks, and the message names the right line of a broken one") {
    const test::TemporaryDirectory proc;
    std::string text = "  sl  local_address rem_address\n";
    for (int i = 0; i < 12000; ++i) {
        text += line("0100007F:0050", "0900000A:C000", i % 3 == 0 ? "06" : "01");
    }
    proc.write("net/tcp", text);
    proc.write("net/tcp6", text + "0: x\n");
    const Root root{proc.path()};
    std::string buffer;
    const auto count = count_tcp_states(root, "net/tcp", buffer);
    REQUIRE(count.has_value());
    CHECK((*count)[0] == 8000);
    CHECK((*count)[5] == 4000);
    CHECK(buffer.size() < text.size() / 2);
    CHECK_THROWS_WITH(count_tcp_states(root, "net/tcp6", buffer),
                      (proc.path() / "net/tcp6").string() + ":12002: field 2 'x' is not an address and a port");
    CHECK_FALSE(count_tcp_states(root, "net/tcp7", buffer).has_value());
}
