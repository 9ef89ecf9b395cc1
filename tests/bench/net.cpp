// SPDX-License-Identifier: MIT
#include "net.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h> // NOLINT(modernize-deprecated-headers): POSIX's
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <list>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "measure.hpp"

namespace bench {

namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

/// Listens on a free port, which it stores.
int listen_on_loopback(std::uint16_t& port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(fd, 128) != 0 ||
        getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        throw std::runtime_error{"cannot listen on loopback"};
    }
    port = ntohs(address.sin_port);
    return fd;
}

int connect_to(std::uint16_t port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        close(fd);
        return -1;
    }
    const int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return fd;
}

/// Runs `work` in a process that ends with this one.
template <class F>
pid_t in_a_process(F work) {
    const pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGPIPE, SIG_IGN);
        work();
        _exit(0);
    }
    return pid;
}

void end(pid_t pid) {
    if (pid > 0) {
        kill(pid, SIGKILL);
        waitpid(pid, nullptr, 0);
    }
}

[[noreturn]] void read_all(int listener) {
    std::vector<char> buffer(std::size_t{1} << 20U);
    std::vector<pollfd> all{{listener, POLLIN, 0}};
    while (true) {
        poll(all.data(), all.size(), -1);
        for (std::size_t i = all.size(); i-- > 1;) {
            if (all[i].revents != 0 && read(all[i].fd, buffer.data(), buffer.size()) <= 0) {
                close(all[i].fd);
                all.erase(all.begin() + static_cast<std::ptrdiff_t>(i));
            }
        }
        if ((all[0].revents & POLLIN) != 0) {
            all.push_back({accept(listener, nullptr, nullptr), POLLIN, 0});
        }
    }
}

/// One direction of a connection: the texts in transit, each with the earliest time of its arrival.
struct Way {
    int from;
    int to;
    std::deque<std::pair<double, std::string>> under_way{};
    std::size_t bytes = 0;
    bool at_end = false; // the sender has closed its side
    bool is_shut = false;

    static constexpr std::size_t most = std::size_t{4} << 20U;

    void take(double delay, std::vector<char>& buffer) {
        const ssize_t got = recv(from, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (got > 0) {
            under_way.emplace_back(now_ns() + delay, std::string{buffer.data(), static_cast<std::size_t>(got)});
            bytes += static_cast<std::size_t>(got);
        } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
            at_end = true;
        }
    }
    /// Returns the time of the next call, or 0 for "as soon as there is room".
    double deliver() {
        while (!under_way.empty()) {
            auto& [when, text] = under_way.front();
            if (when > now_ns()) {
                return when;
            }
            const ssize_t sent = send(to, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
            if (sent < 0) {
                return now_ns() + 1e6;
            }
            bytes -= static_cast<std::size_t>(sent);
            text.erase(0, static_cast<std::size_t>(sent));
            if (text.empty()) {
                under_way.pop_front();
            }
        }
        if (at_end && !is_shut) {
            shutdown(to, SHUT_WR);
            is_shut = true;
        }
        return 0;
    }
};

[[noreturn]] void pass_on(int listener, std::uint16_t port, double delay) {
    std::vector<char> buffer(std::size_t{256} * 1024);
    std::list<std::array<Way, 2>> connections;
    while (true) {
        double next = 0;
        std::vector<pollfd> watched{{listener, POLLIN, 0}};
        for (auto connection = connections.begin(); connection != connections.end();) {
            for (Way& way : *connection) {
                const double when = way.deliver();
                next = when > 0 && (next == 0 || when < next) ? when : next;
                if (!way.at_end && way.bytes < Way::most) {
                    watched.push_back({way.from, POLLIN, 0});
                }
            }
            if ((*connection)[0].is_shut && (*connection)[1].is_shut) {
                close((*connection)[0].from);
                close((*connection)[1].from);
                connection = connections.erase(connection);
            } else {
                ++connection;
            }
        }
        const double wait_ns = next == 0 ? 0 : std::max(0.0, next - now_ns());
        const timespec timeout{.tv_sec = 0, .tv_nsec = static_cast<long>(std::min(wait_ns, 9e8))};
        ppoll(watched.data(), watched.size(), next == 0 ? nullptr : &timeout, nullptr);
        for (const pollfd& each : watched) {
            if (each.revents == 0) {
                continue;
            }
            if (each.fd == listener) {
                const int client = accept(listener, nullptr, nullptr);
                const int server = connect_to(port);
                if (client < 0 || server < 0) {
                    close(client);
                    continue;
                }
                const int yes = 1;
                setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
                connections.push_back({Way{client, server}, Way{server, client}});
                continue;
            }
            for (auto& connection : connections) {
                for (Way& way : connection) {
                    if (way.from == each.fd && !way.at_end) {
                        way.take(delay, buffer);
                    }
                }
            }
        }
    }
}

} // namespace

NullSink::NullSink() {
    const int listener = listen_on_loopback(port_);
    pid_ = in_a_process([listener] { read_all(listener); });
    close(listener);
}

NullSink::~NullSink() { end(pid_); }

SlowNetwork::SlowNetwork(std::uint16_t to, std::chrono::milliseconds delay) {
    const int listener = listen_on_loopback(port_);
    const double ns = static_cast<double>(delay.count()) * 1e6;
    pid_ = in_a_process([listener, to, ns] { pass_on(listener, to, ns); });
    close(listener);
}

SlowNetwork::~SlowNetwork() { end(pid_); }

std::uint16_t free_port() {
    std::uint16_t port = 0;
    close(listen_on_loopback(port));
    return port;
}

bool answers(std::uint16_t port) {
    const int fd = connect_to(port);
    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

} // namespace bench
