// SPDX-License-Identifier: MIT
/// \file
/// Worker: calls that may block, on a thread of their own.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include <tickertape/time.hpp>

namespace tickertape::cli::agent {

/// Runs one call at a time on a thread of its own. The loop then calls the function that the call returned.
///
/// Thread safety: none; all on the thread of the loop.
class Worker {
public:
    using Then = std::function<void()>;
    /// May block. It must own the data that it uses, because it may outlive this object. May throw; the error is then reported.
    using Work = std::function<Then()>;

    /// `context` is borrowed.
    explicit Worker(boost::asio::io_context& context);
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    /// Does not wait for a call that hangs. The loop then calls no function for it.
    ~Worker();

    /// Begins a call, if none is under way.
    void begin(Work work);
    [[nodiscard]] bool is_busy() const noexcept { return busy_since_.has_value(); }
    /// The time since the present call began; 0 if there is none.
    [[nodiscard]] SteadyTime::duration busy_for() const;

private:
    struct State;

    std::optional<SteadyTime> busy_since_;
    std::shared_ptr<State> state_;
    std::thread thread_;
};

} // namespace tickertape::cli::agent
