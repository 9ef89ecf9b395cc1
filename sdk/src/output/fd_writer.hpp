// SPDX-License-Identifier: MIT
/// \file
/// Writing to a descriptor without ever getting stuck on it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/syscalls.hpp"

namespace tickertape::output {

/// The result of a write.
enum class WriteEnd : std::uint8_t {
    all,     ///< everything is written
    no_room, ///< the time to wait for room is used up
    closed,  ///< nobody reads any more
    failed,  ///< `error` says why
};

struct WriteResult {
    std::size_t written;
    WriteEnd end;
    int error = 0;
};

/// Writes whole buffers to a pipe, socket, file or terminal; retries EINTR, goes on after short writes, waits for room up
/// to a limit. A blocking pipe gets no more bytes than it has room for: its whole capacity when it is empty, PIPE_BUF bytes
/// when poll finds it writable.
///
/// Thread safety: one thread at a time.
class FdWriter {
public:
    /// The descriptor is borrowed.
    FdWriter(int fd, base::Syscalls& syscalls);

    /// Writes `text`, which consists of lines. If not all of it fits, it is cut after a line if possible. Subtracts the time of
    /// waiting from `patience`.
    [[nodiscard]] WriteResult write(std::string_view text, std::chrono::nanoseconds& patience);

    [[nodiscard]] int fd() const noexcept { return fd_; }

private:
    enum class Kind : std::uint8_t { pipe, socket, other };
    enum class Ready : std::uint8_t { yes, no, closed, failed };

    [[nodiscard]] Ready wait_for_room(std::chrono::nanoseconds& patience);
    [[nodiscard]] std::string_view fitting_part(std::string_view text);
    [[nodiscard]] ssize_t write_once(std::string_view text);

    int fd_;
    base::Syscalls* syscalls_;
    Kind kind_;
};

} // namespace tickertape::output
