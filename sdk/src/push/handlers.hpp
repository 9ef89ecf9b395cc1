// SPDX-License-Identifier: MIT
/// \file
/// wait_for_handlers: until an io thread has left what it was doing.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <memory>

#include <tickertape/time.hpp>

namespace tickertape::push {

/// Waits until the handler that runs now has returned, and so has let go of what it holds: the receipts of points whose answer it has
/// just counted, above all. Not for the thread that runs the context.
inline void wait_for_handlers(boost::asio::io_context& context, SteadyTime deadline) {
    const auto passed = std::make_shared<std::promise<void>>();
    std::future<void> done = passed->get_future();
    boost::asio::post(context, [passed] { passed->set_value(); });
    done.wait_until(deadline);
}

} // namespace tickertape::push
