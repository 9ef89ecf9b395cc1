// SPDX-License-Identifier: MIT
// Promises for the kernel's answers about sockets, with any bytes: there is a result, each socket has 72 bytes of its own, and
// nothing is read beyond the end.
//
// An input is one datagram of the request with number 1. It is also taken in two parts.
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "require.hpp"
#include <tickertape/proc/sock_diag.hpp>

using namespace tickertape::proc;
using fuzz::require;

namespace {

constexpr std::size_t least_socket = 72;

void take(SockDiagParser& parser, const std::vector<char>& datagram) {
    std::size_t sockets = 0;
    const DumpResult result = parser.take(datagram, [&](const TcpSocket& socket) {
        ++sockets;
        static_cast<void>(socket.is_internal());
    });
    require(sockets * least_socket <= datagram.size());
    require((result.state == DumpState::refused) == (result.error != 0));
    require(result.error >= 0 && result.error < 4096);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::vector<char> datagram(data, data + size);
    SockDiagParser parser;
    parser.begin(1);
    take(parser, datagram);
    parser.begin(1);
    const auto middle = static_cast<std::ptrdiff_t>(size / 2);
    take(parser, {datagram.begin(), datagram.begin() + middle});
    take(parser, {datagram.begin() + middle, datagram.end()});
    return 0;
}
