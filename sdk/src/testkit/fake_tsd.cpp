// SPDX-License-Identifier: MIT
#include <tickertape/testkit/fake_tsd.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <list>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include <base/threads.hpp>
#include <base/unique_fd.hpp>
#include <testkit/fake_tsd_session.hpp>

namespace tickertape::testkit {

namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error{errno, std::generic_category(), what}; }

union Address {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
};

/// Listens on loopback, and stores the assigned port.
base::UniqueFd listen_on(int family, std::uint16_t& port) {
    base::UniqueFd fd{socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!fd.valid()) {
        fail("a fake TSD gets no socket");
    }
    const int on = 1;
    setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    Address address{};
    address.any.sa_family = static_cast<sa_family_t>(family);
    socklen_t size = sizeof address.v4;
    if (family == AF_INET) {
        address.v4.sin_port = htons(port);
        address.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    } else {
        setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
        address.v6.sin6_port = htons(port);
        address.v6.sin6_addr = in6addr_loopback;
        size = sizeof address.v6;
    }
    if (bind(fd.get(), &address.any, size) != 0 || listen(fd.get(), SOMAXCONN) != 0) {
        fail("a fake TSD cannot listen");
    }
    if (getsockname(fd.get(), &address.any, &size) != 0) {
        fail("a fake TSD does not know its port");
    }
    port = ntohs(family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
    return fd;
}

} // namespace

struct FakeTsd::Server {
    explicit Server(FakeTsdOptions options)
        : common{options.personality, Ledger{options.keep, options.keep_at_most, std::move(options.on_line)},
                 CurrentFaults{std::move(options.faults)}},
          ipv6{options.ipv6}, port{options.port} {}

    void start();
    void stop();
    void accept_all();
    void accept_from(int listener);

    Common common;
    const bool ipv6;
    std::uint16_t port; // constant once it listens
    base::UniqueFd wake;
    std::atomic<bool> stopping{false};
    std::mutex control; // guards start and stop
    std::vector<base::UniqueFd> listeners;
    std::thread accepting;
    mutable std::mutex mutex; // guards the sessions
    std::list<Session> sessions;
};

void FakeTsd::Server::start() {
    const std::lock_guard lock{control};
    if (accepting.joinable()) {
        return;
    }
    std::vector<base::UniqueFd> fresh;
    fresh.push_back(listen_on(AF_INET, port));
    if (ipv6) {
        fresh.push_back(listen_on(AF_INET6, port));
    }
    listeners = std::move(fresh);
    stopping = false;
    wake = base::UniqueFd{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    accepting = base::make_quiet_thread("fake tsd", [this] { accept_all(); });
}

void FakeTsd::Server::stop() {
    const std::lock_guard lock{control};
    if (!accepting.joinable()) {
        return;
    }
    stopping = true;
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t size = ::write(wake.get(), &one, sizeof one);
    accepting.join();
    listeners.clear();
    const std::lock_guard all{mutex};
    sessions.clear();
}

void FakeTsd::Server::accept_all() {
    std::vector<pollfd> fds{{wake.get(), POLLIN, 0}};
    for (const base::UniqueFd& listener : listeners) {
        fds.push_back({listener.get(), POLLIN, 0});
    }
    while (!stopping) {
        if (poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) {
            return;
        }
        for (std::size_t i = 1; i < fds.size() && !stopping; ++i) {
            if (fds[i].revents != 0) {
                accept_from(fds[i].fd);
            }
        }
    }
}

void FakeTsd::Server::accept_from(int listener) {
    base::UniqueFd peer{accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)};
    const std::lock_guard lock{mutex};
    sessions.remove_if([](const Session& session) { return session.done(); });
    if (peer.valid()) {
        sessions.emplace_back(common, std::move(peer));
    }
}

FakeTsd::FakeTsd(FakeTsdOptions options) : server_{std::make_unique<Server>(std::move(options))} { server_->start(); }

FakeTsd::~FakeTsd() { server_->stop(); }

std::uint16_t FakeTsd::port() const noexcept { return server_->port; }

std::string FakeTsd::address() const { return "127.0.0.1:" + std::to_string(port()); }

void FakeTsd::stop() { server_->stop(); }

void FakeTsd::start() { server_->start(); }

void FakeTsd::set_faults(Faults faults) {
    server_->common.faults.set(std::move(faults));
    const std::lock_guard lock{server_->mutex};
    for (const Session& session : server_->sessions) {
        session.wake();
    }
}

Faults FakeTsd::faults() const { return *server_->common.faults.get(); }

void FakeTsd::break_connections(Break how) {
    const std::lock_guard lock{server_->mutex};
    for (Session& session : server_->sessions) {
        session.break_now(how);
    }
}

Received FakeTsd::received() const { return server_->common.ledger.received(); }
bool FakeTsd::contains(std::string_view line) const { return server_->common.ledger.contains(line); }
std::vector<std::string> FakeTsd::lines() const { return server_->common.ledger.lines(); }
std::vector<std::string> FakeTsd::lines_of(std::size_t connection) const {
    return server_->common.ledger.lines_of(connection);
}
std::vector<HttpRequest> FakeTsd::requests() const { return server_->common.ledger.requests(); }
void FakeTsd::clear() { server_->common.ledger.clear(); }

bool FakeTsd::wait_for(std::uint64_t stored, std::chrono::milliseconds at_most) const {
    return wait_until([&](const Received& received) { return received.stored >= stored; }, at_most);
}

bool FakeTsd::wait_until(const std::function<bool(const Received&)>& condition,
                         std::chrono::milliseconds at_most) const {
    return server_->common.ledger.wait_until(condition, at_most);
}

} // namespace tickertape::testkit
