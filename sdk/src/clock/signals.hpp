// SPDX-License-Identifier: MIT
/// \file
/// Signals: those that ask this process to end, on the loop of whoever has one.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <tickertape/stop.hpp>

namespace tickertape::clock {

/// Requests a stop at SIGTERM, SIGINT and SIGHUP while it lives, each only where the disposition was the default, which it
/// restores at the end. A second SIGINT ends the process at once. Both are borrowed.
///
/// Thread safety: construct it before `context` runs and destroy it after.
class Signals {
public:
    Signals(boost::asio::io_context& context, Stop& stop);
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;
    ~Signals();

    /// Another SIGINT ends the process from here on, whatever keeps the loop. On the loop's thread.
    void let_interrupt_end_the_process();

private:
    void wait();

    Stop& stop_;
    boost::asio::signal_set signals_;
};

} // namespace tickertape::clock
