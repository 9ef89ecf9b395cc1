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

/// While it lives, SIGTERM, SIGINT and SIGHUP request a stop, if their action was the default one. The end restores that. Both
/// arguments are borrowed.
///
/// Thread safety: construct it before `context` runs, and destroy it afterwards.
class Signals {
public:
    Signals(boost::asio::io_context& context, Stop& stop,
            Stop::SecondSignal ends_at_once = Stop::SecondSignal::interrupt);
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;
    ~Signals();

    /// From here on this signal ends the process, even if the loop is blocked. Call it on the loop's thread.
    void let_end_the_process(int signal);

private:
    void wait();

    Stop& stop_;
    Stop::SecondSignal ends_at_once_;
    std::optional<SteadyTime> first_; // the time of the first signal
    boost::asio::signal_set signals_;
};

} // namespace tickertape::clock
