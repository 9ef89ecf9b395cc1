// SPDX-License-Identifier: MIT
/// \file
/// Stop: asking loops to end, from other threads and by signals.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string_view>

namespace tickertape {

/// A request to end that remembers the first reason. It cannot be taken back.
///
/// Thread safety: all members may be called from any thread; not from signal handlers (see OnSignals).
class Stop {
public:
    enum class Reason : std::uint8_t {
        requested,     ///< by the program
        signal,        ///< TERM, INT or HUP
        time_over,     ///< it had been told how long to run
        output_closed, ///< nobody reads what is written
        clock_stepped, ///< the wall clock was set back so far that a new process has to begin
    };

    /// Which signal ends the process at once, as it would without us, when a stop was requested before.
    enum class SecondSignal : std::uint8_t {
        interrupt, ///< SIGINT: a person asks again
        any,       ///< also SIGTERM and SIGHUP, unless they come within 50 ms of the first: `timeout` sends each twice
    };
    class OnSignals;

    /// What loops obey that are given no other. A child of a fork has its own.
    [[nodiscard]] static Stop& process();

    /// Returns false if a stop had been requested before; the reason then stays.
    bool request(Reason reason = Reason::requested);

    [[nodiscard]] bool requested() const noexcept { return source_.stop_requested(); }
    /// Of the first request; `requested` while there is none.
    [[nodiscard]] Reason reason() const noexcept { return reason_.load(std::memory_order_acquire); }
    [[nodiscard]] std::stop_token token() const noexcept { return source_.get_token(); }

private:
    std::stop_source source_;
    std::atomic<bool> taken_{false};
    std::atomic<Reason> reason_{Reason::requested};
};
[[nodiscard]] std::string_view describe(Stop::Reason reason) noexcept;

/// Requests a stop at SIGTERM, SIGINT and SIGHUP while it lives, each only where the disposition was the default, which it
/// restores at the end.
///
/// Thread safety: construct and destroy it on the main thread, one at a time.
class Stop::OnSignals {
public:
    explicit OnSignals(Stop& stop = Stop::process(), SecondSignal ends_at_once = SecondSignal::interrupt);
    OnSignals(const OnSignals&) = delete;
    OnSignals& operator=(const OnSignals&) = delete;
    ~OnSignals();

private:
    class Watcher;
    std::unique_ptr<Watcher> watcher_;
};

} // namespace tickertape
