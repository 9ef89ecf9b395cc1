// SPDX-License-Identifier: MIT
/// \file
/// How the threads of pushing run.
#pragma once

#include <boost/asio/io_context.hpp>
#include <exception>
#include <string>

#include "base/diagnostics.hpp"

namespace tickertape::push {

/// Runs the context until it is stopped. An exception in a handler, for want of memory say, is reported and costs that handler's
/// work, not the process.
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
