// SPDX-License-Identifier: MIT
#include <tickertape/stop.hpp>

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "base/forks.hpp"
#include "base/threads.hpp"

namespace tickertape {

namespace asio = boost::asio;

std::string_view describe(StopReason reason) noexcept {
    switch (reason) {
    case StopReason::requested: return "a stop was requested";
    case StopReason::signal: return "a signal came";
    case StopReason::time_over: return "the time to run was over";
    case StopReason::output_closed: return "nobody reads the output any more";
    case StopReason::clock_stepped: return "the wall clock was set back";
    }
    return "";
}

Stop& Stop::process() {
    static Stop* const immortal = new Stop; // loops on other threads may look at it while the process exits
    return *immortal;
}

bool Stop::request(StopReason reason) {
    if (taken_.exchange(true, std::memory_order_acq_rel)) {
        return false;
    }
    reason_.store(reason, std::memory_order_release);
    source_.request_stop();
    return true;
}

namespace {

/// A read that main is blocked in goes on: else main might take EINTR for a failure, and exit with the code of one.
void restart_system_calls_after(int signal) {
    struct sigaction now{};
    if (sigaction(signal, nullptr, &now) == 0) {
        now.sa_flags |= SA_RESTART;
        sigaction(signal, &now, nullptr);
    }
}

/// The signals that are handled, a bit each. A forked child is not the one they are meant for, and Asio's handler there
/// would tell the parent of them.
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

class StopOnSignals::Watcher {
public:
    explicit Watcher(Stop& stop) : stop_{stop} {
        for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
            struct sigaction now{};
            if (sigaction(signal, nullptr, &now) == 0 && (now.sa_flags & SA_SIGINFO) == 0 &&
                now.sa_handler == SIG_DFL) {
                signals_.add(signal); // and its removal sets the default again
                restart_system_calls_after(signal);
                note_handled(signal);
            }
        }
        wait();
        thread_ = base::make_quiet_thread("tt-signals", [this] { context_.run(); });
    }

    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;

    ~Watcher() {
        context_.stop();
        thread_.join();
        handled.store(0, std::memory_order_relaxed);
    }

    [[nodiscard]] bool is_forked() const noexcept { return forks_.is_child(); }

private:
    void wait() {
        signals_.async_wait([this](const boost::system::error_code& error, int signal) {
            if (error) {
                return;
            }
            if (!stop_.request(StopReason::signal) && signal == SIGINT) {
                // Asked twice by a person: no longer politely.
                boost::system::error_code ignored;
                signals_.remove(SIGINT, ignored);
                kill(getpid(), SIGINT);
            }
            wait();
        });
    }

    Stop& stop_;
    base::Forks forks_;
    asio::io_context context_{1};
    asio::signal_set signals_{context_};
    std::thread thread_;
};

StopOnSignals::StopOnSignals(Stop& stop) : watcher_{std::make_unique<Watcher>(stop)} {}

StopOnSignals::~StopOnSignals() { base::let_go(std::move(watcher_)); }

} // namespace tickertape
