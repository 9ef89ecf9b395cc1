// SPDX-License-Identifier: MIT
/// \file
/// Child: a running program, whose pipes are read as they fill.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
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
        /// Called after a piece of standard output. Returns how long to wait before the next piece is read.
        std::function<SteadyTime::duration()> after_piece{};
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
        explicit Pipe(boost::asio::io_context& context) : stream{context} {}
        boost::asio::posix::stream_descriptor stream;
        collector::LineCutter lines{};
    };
    enum class Got : std::uint8_t { bytes, nothing, end };

    void wait_for(Pipe& pipe, const std::function<void(std::string_view)>& take, bool is_out);
    static Got read(Pipe& pipe, const std::function<void(std::string_view)>& take);
    void drain(Pipe& pipe, const std::function<void(std::string_view)>& take);

    Process process_;
    Handlers handlers_;
    Pipe out_;
    Pipe err_;
    boost::asio::steady_timer rest_;
    bool is_over_ = false;
};

} // namespace tickertape::cli::agent
