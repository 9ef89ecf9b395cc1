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
    : process_{std::move(process)}, out_{context}, err_{context} {
    out_.take = std::move(handlers.out_line);
    out_.after = std::move(handlers.after_out);
    err_.take = std::move(handlers.err_line);
    err_.after = std::move(handlers.after_err);
}

Child::~Child() {
    out_.stream.release(); // `process_` owns the descriptors
    err_.stream.release();
}

void Child::begin() {
    out_.stream.assign(process_.out.get());
    err_.stream.assign(process_.err.get());
    wait_for(out_);
    wait_for(err_);
}

void Child::wait_for(Pipe& pipe) {
    pipe.stream.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                           [self = shared_from_this(), &pipe](const boost::system::error_code& error) {
                               const auto bytes = error || self->is_over_ ? std::nullopt : read(pipe);
                               if (!bytes) {
                                   return;
                               }
                               const SteadyTime::duration rest = pipe.after(*bytes);
                               if (rest <= SteadyTime::duration::zero()) {
                                   self->wait_for(pipe);
                                   return;
                               }
                               pipe.rest.expires_after(
                                   std::chrono::duration_cast<boost::asio::steady_timer::duration>(rest));
                               pipe.rest.async_wait([self, &pipe](const boost::system::error_code& stopped) {
                                   if (!stopped && !self->is_over_) {
                                       self->wait_for(pipe);
                                   }
                               });
                           });
}

std::optional<std::size_t> Child::read(Pipe& pipe) {
    static std::array<char, piece> buffer; // shared by all children: one thread reads, and the bytes are used at once
    const ssize_t got = ::read(pipe.stream.native_handle(), buffer.data(), buffer.size());
    if (got > 0) {
        const auto bytes = static_cast<std::size_t>(got);
        pipe.lines.feed({buffer.data(), bytes}, pipe.take);
        return bytes;
    }
    return got < 0 && (errno == EAGAIN || errno == EINTR) ? std::optional<std::size_t>{0} : std::nullopt;
}

void Child::drain(Pipe& pipe) {
    for (int pieces = 0; pieces < most_pieces_at_end; ++pieces) {
        const auto bytes = read(pipe);
        if (bytes.value_or(0) == 0) {
            break;
        }
        pipe.after(*bytes);
    }
}

void Child::end(const std::function<void(std::string_view)>& cut_off) {
    is_over_ = true;
    drain(out_);
    drain(err_);
    out_.lines.finish(cut_off);
    err_.lines.finish(err_.take);
    for (Pipe* const pipe : {&out_, &err_}) {
        pipe->rest.cancel();
        pipe->stream.cancel();
    }
}

} // namespace tickertape::cli::agent
