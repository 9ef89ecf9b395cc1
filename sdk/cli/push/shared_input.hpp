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

/// Reads what can be read only once, and gives all of it to each of several readers through a pipe of its own. A reader that
/// is behind has a queue of 8 MiB; when that is full its oldest lines are dropped, and the others do not notice. Reading waits only
/// while the queues of all readers are full.
///
/// Thread safety: all functions may be called from any thread.
class SharedInput {
public:
    /// Lines that a reader did not get.
    struct Missed {
        std::uint64_t queue_full = 0; ///< dropped, as it was too slow
        std::uint64_t unread = 0;     ///< waited for it when it ended
    };

    /// `fd` is read to its end, or until a stop. Throws std::system_error when there are no pipes or threads to be had.
    SharedInput(base::UniqueFd fd, std::size_t readers, std::stop_token stop);
    SharedInput(const SharedInput&) = delete;
    SharedInput& operator=(const SharedInput&) = delete;
    ~SharedInput();

    /// What a reader reads from; to be called once for each.
    [[nodiscard]] base::UniqueFd take_end(std::size_t reader);
    /// Once it has closed its end; `lines` is how many lines it has taken.
    [[nodiscard]] Missed missed_by(std::size_t reader, std::uint64_t lines) const;
    /// Whether all has been read, though readers may not have got it yet.
    [[nodiscard]] bool has_ended() const noexcept { return has_ended_; }
    /// Throws std::system_error if reading has failed.
    void check() const;

private:
    struct Reader {
        base::UniqueFd read_end;
        base::UniqueFd write_end; // closed when it has got all, or is gone
        std::deque<std::string> queue{};
        std::size_t bytes = 0;   // that its chunks take, with room that they do not use
        std::size_t written = 0; // of its first chunk
        std::uint64_t lines = 0; // all that were meant for it
        std::uint64_t dropped = 0;
    };

    void run();
    [[nodiscard]] bool wait();
    void read_some();
    void pass_on(std::string_view text);
    static void append(Reader& reader, std::string_view text);
    void write_some(Reader& reader);
    void end_input() noexcept;

    base::UniqueFd fd_;
    base::UniqueFd wake_;
    std::stop_token stop_;
    mutable std::mutex mutex_; // guards readers_ and failure_
    std::vector<Reader> readers_;
    std::error_code failure_;
    std::vector<char> buffer_; // what the last read has got
    std::string pending_;      // a line whose end has not come
    bool at_end_ = false;
    std::atomic<bool> has_ended_{false}; // the same, for others
    bool may_read_ = false;
    std::atomic<bool> over_{false}; // nobody reads any more
    std::thread thread_;
};

} // namespace tickertape::cli::push
