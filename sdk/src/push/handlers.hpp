// SPDX-License-Identifier: MIT
/// \file
/// wait_for_handlers: waits for the handler that an io thread runs.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <memory>

#include <tickertape/time.hpp>

namespace tickertape::push {

/// Waits until the running handler has returned. It has then released the receipts of the points whose answer it counted. Must
/// not be called on the thread that runs the context.
inline void wait_for_handlers(boost::asio::io_context& context, SteadyTime deadline) {
    const auto passed = std::make_shared<std::promise<void>>();
    std::future<void> done = passed->get_future();
    boost::asio::post(context, [passed] { passed->set_value(); });
    done.wait_until(deadline);
}

} // namespace tickertape::push
