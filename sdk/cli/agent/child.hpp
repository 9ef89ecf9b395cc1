// SPDX-License-Identifier: MIT
/// \file
/// Child: a running program, whose pipes are read as they fill.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include <tickertape/time.hpp>

#include "cli/agent/process.hpp"
#include "collector/follow_file.hpp"

namespace tickertape::cli::agent {

/// Reads one piece of a pipe at a time, so that a child that writes without end does not block the others.
///
/// Thread safety: none; all on the thread of the loop.
class Child : public std::enable_shared_from_this<Child> {
public:
    struct Handlers {
        std::function<void(std::string_view)> out_line{};
        std::function<void(std::string_view)> err_line{};
        /// Called after a piece of `bytes` bytes of standard output or standard error.
        /// Returns how long to wait before the next piece of that pipe is read.
        std::function<SteadyTime::duration(std::size_t bytes)> after_out{};
        std::function<SteadyTime::duration(std::size_t bytes)> after_err{};
    };

    Child(boost::asio::io_context& context, Process process, Handlers handlers);
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child();

    /// Throws boost::system::system_error.
    void begin();
    /// Call it when the process has ended: reads the rest of the pipes, and closes them. `cut_off` gets a last line without a newline.
    void end(const std::function<void(std::string_view)>& cut_off);
    [[nodiscard]] pid_t id() const noexcept { return process_.id; }

private:
    /// A pipe of the child: standard output or standard error.
    struct Pipe {
        explicit Pipe(boost::asio::io_context& context) : stream{context}, rest{context} {}
        boost::asio::posix::stream_descriptor stream;
        boost::asio::steady_timer rest;
        collector::LineCutter lines{};
        std::function<void(std::string_view)> take{};
        std::function<SteadyTime::duration(std::size_t)> after{};
    };

    void wait_for(Pipe& pipe);
    /// Returns the number of bytes; nothing at the end of the pipe.
    static std::optional<std::size_t> read(Pipe& pipe);
    static void drain(Pipe& pipe);

    Process process_;
    Pipe out_;
    Pipe err_;
    bool is_over_ = false;
};

} // namespace tickertape::cli::agent
