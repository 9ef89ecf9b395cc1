// SPDX-License-Identifier: MIT
/// \file
/// The loop of the threads that push.
#pragma once

#include <boost/asio/io_context.hpp>
#include <exception>
#include <string>

#include "base/diagnostics.hpp"

namespace tickertape::push {

/// Runs the context until it is stopped. An exception in a handler, such as a lack of memory, is reported. It costs the work of
/// that handler, not the process.
inline void run_for_good(boost::asio::io_context& context) noexcept {
    while (!context.stopped()) {
        try {
            context.run();
        } catch (const std::exception& error) {
            base::report(error.what());
        }
    }
}

} // namespace tickertape::push
