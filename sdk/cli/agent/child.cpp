// SPDX-License-Identifier: MIT
#include "cli/agent/child.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace tickertape::cli::agent {

namespace {

constexpr std::size_t piece = std::size_t{64} * 1024; // bytes; the size of a pipe
constexpr int most_pieces_at_end = 16;                // another process may still write to the pipe

} // namespace

Child::Child(boost::asio::io_context& context, Process process, Handlers handlers)
    : process_{std::move(process)}, handlers_{std::move(handlers)}, out_{context}, err_{context}, rest_{context} {}

Child::~Child() {
    out_.stream.release(); // `process_` owns the descriptors
    err_.stream.release();
}

void Child::begin() {
    out_.stream.assign(process_.out.get());
    err_.stream.assign(process_.err.get());
    wait_for(out_, handlers_.out_line, true);
    wait_for(err_, handlers_.err_line, false);
}

void Child::wait_for(Pipe& pipe, const std::function<void(std::string_view)>& take, bool is_out) {
    pipe.stream.async_wait(
        boost::asio::posix::stream_descriptor::wait_read,
        [self = shared_from_this(), &pipe, &take, is_out](const boost::system::error_code& error) {
            if (error || self->is_over_ || read(pipe, take) == Got::end) {
                return;
            }
            const SteadyTime::duration rest = is_out ? self->handlers_.after_piece() : SteadyTime::duration::zero();
            if (rest <= SteadyTime::duration::zero()) {
                self->wait_for(pipe, take, is_out);
                return;
            }
            self->rest_.expires_after(std::chrono::duration_cast<boost::asio::steady_timer::duration>(rest));
            self->rest_.async_wait([self, &pipe, &take, is_out](const boost::system::error_code& stopped) {
                if (!stopped && !self->is_over_) {
                    self->wait_for(pipe, take, is_out);
                }
            });
        });
}

Child::Got Child::read(Pipe& pipe, const std::function<void(std::string_view)>& take) {
    static std::array<char, piece> buffer; // shared by all children: one thread reads, and the bytes are used at once
    const ssize_t got = ::read(pipe.stream.native_handle(), buffer.data(), buffer.size());
    if (got > 0) {
        pipe.lines.feed({buffer.data(), static_cast<std::size_t>(got)}, take);
        return Got::bytes;
    }
    return got < 0 && (errno == EAGAIN || errno == EINTR) ? Got::nothing : Got::end;
}

void Child::drain(Pipe& pipe, const std::function<void(std::string_view)>& take) {
    for (int pieces = 0; pieces < most_pieces_at_end && read(pipe, take) == Got::bytes; ++pieces) {
    }
}

void Child::end(const std::function<void(std::string_view)>& cut_off) {
    is_over_ = true;
    drain(out_, handlers_.out_line);
    drain(err_, handlers_.err_line);
    handlers_.after_piece();
    out_.lines.finish(cut_off);
    err_.lines.finish(handlers_.err_line);
    rest_.cancel();
    out_.stream.cancel();
    err_.stream.cancel();
}

} // namespace tickertape::cli::agent
