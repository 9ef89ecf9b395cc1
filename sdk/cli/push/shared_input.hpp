// SPDX-License-Identifier: MIT
/// \file
/// SharedInput: lines of a pipe for several destinations.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include "base/unique_fd.hpp"

namespace tickertape::cli::push {

/// Reads an input that can be read only once, and passes all lines to each of several readers, through a separate pipe each. A
/// slow reader has a queue of 8 MiB. When that is full, its oldest lines are dropped, without an effect on the other readers.
/// Reading waits only while the queues of all readers are full.
///
/// Thread safety: all functions may be called from any thread.
class SharedInput {
public:
    /// The lines that a reader did not get, counted by reason.
    struct Missed {
        std::uint64_t queue_full = 0; ///< dropped because the reader was too slow
        std::uint64_t unread = 0;     ///< still waiting for the reader when it ended
    };

    /// Reads `fd` to its end, or until a stop. Throws std::system_error if no pipe or thread can be made.
    SharedInput(base::UniqueFd fd, std::size_t readers, std::stop_token stop);
    SharedInput(const SharedInput&) = delete;
    SharedInput& operator=(const SharedInput&) = delete;
    ~SharedInput();

    /// Returns the end of the pipe for a reader; call it once for each.
    [[nodiscard]] base::UniqueFd take_end(std::size_t reader);
    /// Returns the lines that a reader did not get. Call it when the reader has closed its end and has read `lines` lines.
    [[nodiscard]] Missed missed_by(std::size_t reader, std::uint64_t lines) const;
    /// Returns whether all input has been read. Readers may not have received all of it yet.
    [[nodiscard]] bool has_ended() const noexcept { return has_ended_; }
    /// Throws std::system_error if reading has failed.
    void check() const;

private:
    struct Reader {
        base::UniqueFd read_end;
        base::UniqueFd write_end; // closed when the reader has all lines, or is gone
        std::deque<std::string> queue{};
        std::size_t bytes = 0;   // the memory of its chunks, with their unused room
        std::size_t written = 0; // bytes of its first chunk
        std::uint64_t lines = 0; // all lines for this reader
        std::uint64_t dropped = 0;
    };

    void run();
    [[nodiscard]] bool wait();
    void read_some();
    void pass_on(std::string_view text);
    static void append(Reader& reader, std::string_view text);
    void write_some(Reader& reader) const;
    void end_input() noexcept;

    base::UniqueFd fd_;
    base::UniqueFd wake_;
    std::stop_token stop_;
    mutable std::mutex mutex_; // guards readers_ and failure_
    std::vector<Reader> readers_;
    std::error_code failure_;
    std::vector<char> buffer_; // for the bytes of a read
    std::string pending_;      // the begin of a line that is not complete
    bool at_end_ = false;
    std::atomic<bool> has_ended_{false}; // the same for other threads
    bool may_read_ = false;
    std::atomic<bool> over_{false}; // all readers are gone
    std::thread thread_;
};

} // namespace tickertape::cli::push
