// SPDX-License-Identifier: MIT
#include "agent_receiver.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <ctime>
#include <stdexcept>

namespace bench {

namespace {

constexpr std::size_t longest_latency_ms = 60'000;
constexpr std::string_view answer = "net.opentsdb.tools BuildData built at revision 1 (MINT)\n"
                                    "Built on 2024/01/01 00:00:00 +0000 by a@b:/c\n";

template <class T>
T number(std::string_view text) {
    T value{};
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// Returns the text up to the next blank, and removes it.
std::string_view word_of(std::string_view& rest) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return word;
}

} // namespace

double Arrivals::latency_ms(double part) const {
    std::uint64_t all = 0;
    for (const std::uint32_t count : latencies) {
        all += count;
    }
    std::uint64_t below = 0;
    for (std::size_t ms = 0; ms < latencies.size(); ++ms) {
        below += latencies[ms];
        if (static_cast<double>(below) >= part * static_cast<double>(all)) {
            return static_cast<double>(ms);
        }
    }
    return -1;
}

Receiver::Receiver(int programs)
    : listener_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)}, next_(static_cast<std::size_t>(programs)) {
    arrivals_.latencies.resize(longest_latency_ms + 1);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 16) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        throw std::runtime_error{"cannot listen on loopback"};
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread{[this] { serve(); }};
}

Receiver::~Receiver() {
    if (thread_.joinable()) {
        static_cast<void>(end());
    }
}

double Receiver::cpu_ns() const {
    clockid_t clock{};
    timespec time{};
    pthread_getcpuclockid(const_cast<std::thread&>(thread_).native_handle(), &clock);
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

Arrivals Receiver::end() {
    is_over_ = true;
    thread_.join();
    for (const int fd : connections_) {
        close(fd);
    }
    close(listener_);
    return std::move(arrivals_);
}

void Receiver::serve() {
    constexpr int look_each_ms = 100;
    std::vector<pollfd> watched;
    while (!is_over_) {
        watched.assign(1, {listener_, POLLIN, 0});
        for (const int fd : connections_) {
            watched.push_back({fd, POLLIN, 0});
        }
        poll(watched.data(), watched.size(), look_each_ms);
        for (std::size_t i = watched.size(); i-- > 1;) {
            if (watched[i].revents != 0) {
                read_from(i - 1);
            }
        }
        if (watched.front().revents != 0) {
            connections_.push_back(accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC));
            rests_.emplace_back();
        }
    }
}

void Receiver::read_from(std::size_t connection) {
    static thread_local std::array<char, std::size_t{1} << 20U> buffer;
    const ssize_t got = recv(connections_[connection], buffer.data(), buffer.size(), 0);
    if (got <= 0) {
        close(connections_[connection]);
        connections_.erase(connections_.begin() + static_cast<std::ptrdiff_t>(connection));
        rests_.erase(rests_.begin() + static_cast<std::ptrdiff_t>(connection));
        return;
    }
    std::string& rest = rests_[connection];
    rest.append(buffer.data(), static_cast<std::size_t>(got));
    const double now_ms =
        std::chrono::duration<double, std::milli>(std::chrono::system_clock::now().time_since_epoch()).count();
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = rest.find('\n', begin)) != std::string::npos; begin = end + 1) {
        const std::string_view line = std::string_view{rest}.substr(begin, end - begin);
        if (line == "version") {
            static_cast<void>(send(connections_[connection], answer.data(), answer.size(), MSG_NOSIGNAL));
        } else {
            take(line, now_ms);
        }
    }
    rest.erase(0, begin);
    lines_ = arrivals_.lines;
}

/// A line as `put bench.agent.m7 1700000000123 42 child=3 host=h`. Others, such as the agent's own, do not count.
void Receiver::take(std::string_view line, double now_ms) {
    constexpr std::string_view mine = "put bench.agent.";
    constexpr std::string_view tag = "child=";
    if (!line.starts_with(mine)) {
        return;
    }
    line.remove_prefix(mine.size());
    word_of(line);
    const double stamp = static_cast<double>(number<std::int64_t>(word_of(line)));
    const auto value = number<std::uint64_t>(word_of(line));
    const std::string_view child = word_of(line);
    const auto program = number<std::size_t>(child.substr(std::min(tag.size(), child.size())));
    if (!child.starts_with(tag) || program >= next_.size() || value != next_[program]) {
        ++arrivals_.disordered;
        return;
    }
    ++next_[program];
    ++arrivals_.lines;
    ++arrivals_.latencies[static_cast<std::size_t>(
        std::clamp(now_ms - stamp, 0.0, static_cast<double>(longest_latency_ms)))];
}

} // namespace bench
