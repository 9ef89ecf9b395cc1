// SPDX-License-Identifier: MIT
#include <tickertape/proc/sock_diag.hpp>

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "base/unique_fd.hpp"
#include "proc/shared_dumps.hpp"

namespace tickertape::proc {

namespace {

constexpr unsigned listen_state = 10;
constexpr unsigned syn_recv_state = 3;
constexpr std::uint32_t first_sequence = 1;
constexpr std::size_t least_buffer = std::size_t{32} * 1024; // no datagram of a dump is longer

/// The states that /proc/net/tcp lists. Later kernels have one more: sockets that are only bound.
constexpr std::uint32_t listed_states = ((1U << (tcp_states.size() + 1)) - 1) & ~1U;

/// Copies a part of a datagram, which need not be aligned.
template <class T>
T load(std::span<const char> bytes, std::size_t at = 0) noexcept {
    T value{};
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

TcpEndpoint endpoint(int family, const __be32* address, __be16 port) noexcept {
    TcpEndpoint end{};
    if (family == AF_INET) {
        end.address[10] = end.address[11] = 0xff;
        std::memcpy(&end.address[12], address, 4);
    } else {
        std::memcpy(end.address.data(), address, end.address.size());
    }
    end.port = ntohs(port);
    return end;
}

/// Returns whether the address is `::` or `0.0.0.0`.
bool is_any_address(const TcpEndpoint& end) noexcept {
    constexpr std::array<std::uint8_t, 16> any{};
    constexpr std::array<std::uint8_t, 16> any_ipv4{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return end.address == any || end.address == any_ipv4;
}

DumpResult failed() noexcept { return {.state = DumpState::refused, .error = errno}; }

} // namespace

unsigned SockDiagParser::owner_of_request(const TcpEndpoint& local) const noexcept {
    unsigned uid = 0;
    for (const Listener& listener : listeners_) {
        if (listener.local.port == local.port && listener.local.address == local.address) {
            return listener.uid;
        }
        if (listener.local.port == local.port && is_any_address(listener.local)) {
            uid = listener.uid;
        }
    }
    return uid;
}

void SockDiagParser::begin(std::uint32_t sequence) noexcept {
    sequence_ = sequence;
    listeners_.clear();
    is_interrupted_ = false;
}

std::optional<TcpSocket> SockDiagParser::socket_in(std::span<const char> body) {
    if (body.size() < sizeof(inet_diag_msg)) {
        return std::nullopt;
    }
    const auto message = load<inet_diag_msg>(body);
    if (message.idiag_family != AF_INET && message.idiag_family != AF_INET6) {
        return std::nullopt;
    }
    TcpSocket socket{.local = endpoint(message.idiag_family, message.id.idiag_src, message.id.idiag_sport),
                     .remote = endpoint(message.idiag_family, message.id.idiag_dst, message.id.idiag_dport),
                     .state = message.idiag_state,
                     .uid = message.idiag_uid};
    if (socket.state == listen_state) { // listeners come first
        listeners_.push_back({socket.local, socket.uid});
    } else if (socket.state == syn_recv_state && message.idiag_inode == 0 && socket.uid == 0) {
        socket.uid = owner_of_request(socket.local); // the same owner as in the file
    }
    return socket;
}

DumpResult SockDiagParser::take(std::span<const char> datagram, const std::function<void(const TcpSocket&)>& f) {
    constexpr DumpResult malformed{.state = DumpState::malformed};
    if (datagram.empty()) {
        return malformed;
    }
    while (!datagram.empty()) {
        if (datagram.size() < sizeof(nlmsghdr)) {
            return malformed;
        }
        const auto head = load<nlmsghdr>(datagram);
        if (head.nlmsg_len < NLMSG_HDRLEN || head.nlmsg_len > datagram.size() || head.nlmsg_seq != sequence_) {
            return malformed;
        }
        const auto body = datagram.subspan(NLMSG_HDRLEN, head.nlmsg_len - NLMSG_HDRLEN);
        is_interrupted_ = is_interrupted_ || (head.nlmsg_flags & NLM_F_DUMP_INTR) != 0;
        switch (head.nlmsg_type) {
        case NLMSG_NOOP: break;
        case NLMSG_ERROR:
        case NLMSG_DONE: {
            const bool has_error = body.size() >= sizeof(int);
            const int error = has_error ? load<int>(body) : 0;
            if (error < 0) {
                return {.state = DumpState::refused, .error = error > -4096 ? -error : EINVAL};
            }
            return head.nlmsg_type == NLMSG_ERROR ? malformed
                   : is_interrupted_              ? DumpResult{.state = DumpState::interrupted}
                                                  : DumpResult{.state = DumpState::done};
        }
        case SOCK_DIAG_BY_FAMILY:
            if (const auto socket = socket_in(body)) {
                f(*socket);
                break;
            }
            return malformed;
        default: return malformed; // also for NLMSG_OVERRUN
        }
        datagram = datagram.subspan(std::min<std::size_t>(NLMSG_ALIGN(std::size_t{head.nlmsg_len}), datagram.size()));
    }
    return {};
}

namespace {

/// Asks the kernel, and calls `take` with each datagram until it returns another state than `more`.
template <class Take>
DumpResult ask_kernel(int family, std::string& buffer, Take take) {
    const base::UniqueFd fd{socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)};
    constexpr timeval longest_wait{.tv_sec = 1, .tv_usec = 0};
    if (!fd.valid() || setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &longest_wait, sizeof longest_wait) != 0) {
        return failed();
    }
    struct {
        nlmsghdr head;
        inet_diag_req_v2 body;
    } request{};
    request.head.nlmsg_len = sizeof request;
    request.head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    request.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    request.head.nlmsg_seq = first_sequence;
    request.body.sdiag_family = static_cast<std::uint8_t>(family);
    request.body.sdiag_protocol = IPPROTO_TCP;
    request.body.idiag_states = listed_states;
    sockaddr_nl kernel{};
    kernel.nl_family = AF_NETLINK;
    if (sendto(fd.get(), &request, sizeof request, 0,
               reinterpret_cast<const sockaddr*>(&kernel), // NOLINT(*-reinterpret-cast): as sockets are
               sizeof kernel) != static_cast<ssize_t>(sizeof request)) {
        return failed();
    }
    buffer.resize(std::max(buffer.capacity(), least_buffer));
    for (DumpResult result; result.state == DumpState::more;) {
        sockaddr_nl sender{};
        iovec part{.iov_base = buffer.data(), .iov_len = buffer.size()};
        msghdr message{};
        message.msg_name = &sender;
        message.msg_namelen = sizeof sender;
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        const ssize_t got = recvmsg(fd.get(), &message, 0);
        if (got < 0 && errno != EINTR) {
            return failed();
        }
        if (got < 0 || sender.nl_pid != 0) { // not from the kernel
            continue;
        }
        if ((message.msg_flags & MSG_TRUNC) != 0) {
            return {.state = DumpState::malformed};
        }
        result = take(std::span<const char>{buffer.data(), static_cast<std::size_t>(got)});
        if (result.state != DumpState::more) {
            return result;
        }
    }
    return {.state = DumpState::malformed};
}

} // namespace

DumpResult dump_tcp_sockets(int family, SockDiagParser& parser, std::string& buffer,
                            const std::function<void(const TcpSocket&)>& f) {
    parser.begin(first_sequence);
    const SharedDumps::Turn turn = SharedDumps::turn(family);
    if (turn.dump == nullptr) {
        return ask_kernel(family, buffer, [&](std::span<const char> datagram) { return parser.take(datagram, f); });
    }
    DumpResult result;
    const SteadyTime now = std::chrono::steady_clock::now();
    if (turn.dump->is_fresh(now, turn.age)) {
        turn.dump->replay([&](std::span<const char> datagram) {
            result = parser.take(datagram, f);
            return result.state == DumpState::more;
        });
        return result;
    }
    turn.dump->begin(now);
    result = ask_kernel(family, buffer, [&](std::span<const char> datagram) {
        turn.dump->add(datagram);
        return parser.take(datagram, f);
    });
    if (result.state == DumpState::done) {
        turn.dump->complete();
    }
    return result;
}

} // namespace tickertape::proc
