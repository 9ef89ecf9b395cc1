// SPDX-License-Identifier: MIT
// Runs a command in a new network namespace, with TCP sockets of all kinds that exist as long as the command runs:
//
// usage: many_sockets PAIRS CLOSED COMMAND ARGUMENT…
//
// PAIRS connections are open, with two sockets each. CLOSED ones wait for their end (time_wait). There are also one or a few of
// each other kind. Exit code: that of the command, or 77 if the namespace cannot be made.
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

constexpr int cannot = 77;

void need(bool good, const char* what) {
    if (!good) {
        std::perror(what);
        std::exit(1); // NOLINT(concurrency-mt-unsafe): one thread
    }
}

union Address {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
};

Address address(const char* text, int port) {
    Address result{};
    if (std::strchr(text, ':') != nullptr) {
        result.v6.sin6_family = AF_INET6;
        result.v6.sin6_port = htons(static_cast<std::uint16_t>(port));
        need(inet_pton(AF_INET6, text, &result.v6.sin6_addr) == 1, text);
    } else {
        result.v4.sin_family = AF_INET;
        result.v4.sin_port = htons(static_cast<std::uint16_t>(port));
        need(inet_pton(AF_INET, text, &result.v4.sin_addr) == 1, text);
    }
    return result;
}

socklen_t size_of(const Address& a) { return a.any.sa_family == AF_INET6 ? sizeof a.v6 : sizeof a.v4; }

/// Gives `address` to lo.
void set_up_lo(const char* name, const char* address_text) {
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    std::strncpy(request.ifr_name, name, sizeof request.ifr_name - 1);
    const Address own = address(address_text, 0);
    std::memcpy(&request.ifr_addr, &own.v4, sizeof own.v4);
    need(ioctl(fd, SIOCSIFADDR, &request) == 0, "SIOCSIFADDR");
    need(ioctl(fd, SIOCGIFFLAGS, &request) == 0, "SIOCGIFFLAGS");
    request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
    need(ioctl(fd, SIOCSIFFLAGS, &request) == 0, "SIOCSIFFLAGS");
    close(fd);
}

int listen_on(const char* text, int port, int backlog = 1024) {
    const Address own = address(text, port);
    const int fd = socket(own.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int one = 1;
    need(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0, "SO_REUSEADDR");
    need(bind(fd, &own.any, size_of(own)) == 0, text);
    need(listen(fd, backlog) == 0, "listen");
    return fd;
}

/// Does not wait for a connection that cannot be made at once.
int connect_to(const char* text, int port, bool wait = true) {
    const Address other = address(text, port);
    const int fd = socket(other.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | (wait ? 0 : SOCK_NONBLOCK), 0);
    need(connect(fd, &other.any, size_of(other)) == 0 || !wait, "connect");
    return fd;
}

int accept_from(int listener) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    need(fd >= 0, "accept");
    return fd;
}

/// Waits for the end of the other side.
void wait_for_end(int fd) {
    char byte = 0;
    need(recv(fd, &byte, 1, 0) == 0, "recv");
}

void make_sockets(int pairs, int closed) {
    const int v4 = listen_on("127.0.0.1", 3306);
    const int v6 = listen_on("::1", 9090);
    const int both = listen_on("::", 11211);
    const int outside = listen_on("198.51.100.7", 8443);
    for (int i = 0; i < pairs; ++i) {
        switch (i % 4) {
        case 0: connect_to("::1", 9090), accept_from(v6); break;
        case 1: connect_to("127.0.0.1", 11211), accept_from(both); break; // an IPv4 address in IPv6
        case 2: connect_to("198.51.100.7", 8443), accept_from(outside); break;
        default: connect_to("127.0.0.1", 3306), accept_from(v4); break;
        }
    }
    for (int i = 0; i < closed; ++i) {
        const bool is_v6 = i % 3 == 0;
        const int client = is_v6 ? connect_to("::1", 9090) : connect_to("127.0.0.1", 3306);
        const int server = accept_from(is_v6 ? v6 : v4);
        shutdown(client, SHUT_WR);
        wait_for_end(server);
        close(server);
        wait_for_end(client);
        close(client);
    }
    for (int i = 0; i < 3; ++i) { // fin_wait2 and close_wait
        const int client = connect_to("127.0.0.1", 3306);
        const int server = accept_from(v4);
        shutdown(client, SHUT_WR);
        wait_for_end(server);
    }
    // syn_recv: until there are bytes to read. It has its own owner, if that is possible.
    [[maybe_unused]] const bool is_other = seteuid(12345) == 0;
    const int deferring = listen_on("::", 3564);
    [[maybe_unused]] const bool is_back = seteuid(0) == 0;
    const int seconds = 200;
    need(setsockopt(deferring, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof seconds) == 0, "TCP_DEFER_ACCEPT");
    connect_to("127.0.0.1", 3564);
    connect_to("::1", 3564);
    listen_on("127.0.0.1", 9000, 0); // it takes one connection, and drops the SYN of others
    for (int i = 0; i < 5; ++i) {
        connect_to("127.0.0.1", 9000, false);
    }
}

} // namespace

int main(int argc, char* argv[]) {
    if (argc < 4 || (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWNET | CLONE_NEWUSER) != 0)) {
        std::perror("many_sockets");
        return cannot;
    }
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    // Otherwise a connection may take the place of one that has waited for its end for a second.
    if (std::FILE* const reuse = std::fopen("/proc/sys/net/ipv4/tcp_tw_reuse", "we"); reuse != nullptr) {
        std::fputs("0", reuse);
        std::fclose(reuse);
    }
    set_up_lo("lo", "127.0.0.1");
    set_up_lo("lo:1", "198.51.100.7"); // not an address of this machine
    make_sockets(std::atoi(argv[1]), std::atoi(argv[2]));
    const pid_t child = fork();
    if (child == 0) {
        execv(argv[3], &argv[3]);
        std::perror(argv[3]);
        _exit(126);
    }
    int status = 0;
    need(waitpid(child, &status, 0) == child, "waitpid");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
