// SPDX-License-Identifier: MIT
/// \file
/// Signals: handles the signals that end this process, on a given io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <optional>

#include <tickertape/stop.hpp>
#include <tickertape/time.hpp>

namespace tickertape::clock {

/// Requests a stop at SIGTERM, SIGINT and SIGHUP while it lives, each only where the disposition was the default, which it
/// restores at the end. Both are borrowed.
///
/// Thread safety: construct it before `context` runs and destroy it after.
class Signals {
public:
    Signals(boost::asio::io_context& context, Stop& stop,
            Stop::SecondSignal ends_at_once = Stop::SecondSignal::interrupt);
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;
    ~Signals();

    /// From here on this signal ends the process, whatever keeps the loop. On the loop's thread.
    void let_end_the_process(int signal);

private:
    void wait();

    Stop& stop_;
    Stop::SecondSignal ends_at_once_;
    std::optional<SteadyTime> first_; // signal
    boost::asio::signal_set signals_;
};

} // namespace tickertape::clock
