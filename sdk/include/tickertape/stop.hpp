// SPDX-License-Identifier: MIT
/// \file
/// Stop: asks loops to end, from other threads and at signals.
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
        time_over,     ///< the time to run is over
        output_closed, ///< the reader of the output is gone
        clock_stepped, ///< the wall clock was set back so far that a new process must start
    };

    /// The signals that end the process at once if a stop was requested before.
    enum class SecondSignal : std::uint8_t {
        interrupt, ///< SIGINT: a person asks again
        any,       ///< also SIGTERM and SIGHUP, unless they come within 50 ms of the first: `timeout` sends each twice
    };
    class OnSignals;

    /// The Stop that loops use if they are given no other. A child of a fork has its own.
    [[nodiscard]] static Stop& process();

    /// Returns false if a stop was requested before; the first reason stays.
    bool request(Reason reason = Reason::requested);

    [[nodiscard]] bool requested() const noexcept { return source_.stop_requested(); }
    /// The reason of the first request; `requested` while there is none.
    [[nodiscard]] Reason reason() const noexcept { return reason_.load(std::memory_order_acquire); }
    [[nodiscard]] std::stop_token token() const noexcept { return source_.get_token(); }

private:
    std::stop_source source_;
    std::atomic<bool> taken_{false};
    std::atomic<Reason> reason_{Reason::requested};
};
[[nodiscard]] std::string_view describe(Stop::Reason reason) noexcept;

/// While it lives, SIGTERM, SIGINT and SIGHUP request a stop. It handles a signal only if its disposition was the default, and
/// restores that at the end.
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
