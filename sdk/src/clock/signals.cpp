// SPDX-License-Identifier: MIT
#include "clock/signals.hpp"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>

namespace tickertape::clock {

namespace {

/// A signal that comes again within this time counts as the same request.
constexpr std::chrono::milliseconds same_request{50};

/// A blocked read of `main` continues after the signal. Otherwise `main` might treat EINTR as a failure, and exit with that code.
void restart_system_calls_after(int signal) {
    struct sigaction now{};
    if (sigaction(signal, nullptr, &now) == 0) {
        now.sa_flags |= SA_RESTART;
        sigaction(signal, &now, nullptr);
    }
}

/// The handled signals, one bit each. In a forked child they are reset, because Asio's handler there would report the child's
/// signals to the parent.
constinit std::atomic<std::uint64_t> handled{0};

void forget_signals_in_child() {
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        if ((handled.load(std::memory_order_relaxed) & (1ULL << static_cast<unsigned>(signal))) != 0) {
            ::signal(signal, SIG_DFL);
        }
    }
}

void note_handled(int signal) {
    static const int registered = pthread_atfork(nullptr, nullptr, &forget_signals_in_child);
    static_cast<void>(registered);
    handled.fetch_or(1ULL << static_cast<unsigned>(signal), std::memory_order_relaxed);
}

} // namespace

Signals::Signals(boost::asio::io_context& context, Stop& stop, Stop::SecondSignal ends_at_once)
    : stop_{stop}, ends_at_once_{ends_at_once}, signals_{context} {
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        struct sigaction now{};
        if (sigaction(signal, nullptr, &now) == 0 && (now.sa_flags & SA_SIGINFO) == 0 && now.sa_handler == SIG_DFL) {
            signals_.add(signal); // removing it restores the default action
            restart_system_calls_after(signal);
            note_handled(signal);
        }
    }
    wait();
}

Signals::~Signals() { handled.store(0, std::memory_order_relaxed); }

void Signals::let_end_the_process(int signal) {
    boost::system::error_code error; // an unknown signal is not in the set anyway
    signals_.remove(signal, error);
}

void Signals::wait() {
    signals_.async_wait([this](const boost::system::error_code& error, int signal) {
        if (error) {
            return;
        }
        const SteadyTime now = std::chrono::steady_clock::now();
        const bool is_first = !first_;
        first_ = first_.value_or(now);
        const bool is_second = signal == SIGINT || (!is_first && now - *first_ >= same_request);
        if (!stop_.request(Stop::Reason::signal) && is_second &&
            (signal == SIGINT || ends_at_once_ == Stop::SecondSignal::any)) {
            let_end_the_process(signal); // a second request ends the process at once
            kill(getpid(), signal);
        }
        wait();
    });
}

} // namespace tickertape::clock
