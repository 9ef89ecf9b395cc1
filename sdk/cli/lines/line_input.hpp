// SPDX-License-Identifier: MIT
/// \file
/// LineInput: lines of a file or of standard input.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/unique_fd.hpp"
#include "cli/lines/indexed_lines.hpp"

namespace tickertape::cli::lines {

/// Reads lines as they come. A last line without an end is a line, too.
///
/// Thread safety: none.
class LineInput {
public:
    /// `-` is standard input. Throws std::system_error that names the file when it cannot be opened.
    explicit LineInput(const std::string& path);
    /// Reads a descriptor that is open already. Throws std::system_error with `name` if the kind of the file cannot be determined.
    LineInput(base::UniqueFd fd, std::string name);

    /// Blocks until there are bytes, the end, or a stop; calls `take(line)` for each line that is complete, without its
    /// newline. Returns false at the end or stop. A line longer than the buffer is passed on as its first part, once. Throws
    /// std::system_error when reading fails.
    bool read(const std::function<void(std::string_view)>& take, const std::stop_token& stop);

    /// Passes all bytes to `take` as they are read, before the lines in them.
    void pass_bytes_to(std::function<void(std::string_view)> take) { take_bytes_ = std::move(take); }

    /// Sets a function that may take lines off the front of all complete lines that were read. It returns their number. The next
    /// line goes to the `take` of `read`, and the function is called again for the lines after it.
    void offer_runs_to(std::function<std::uint64_t(IndexedLines&)> take) { take_runs_ = std::move(take); }

    /// Makes reading go on for this time after a stop, because the writer may have got the same signal and may still write its
    /// last lines.
    void go_on_after_stop(std::chrono::milliseconds time) noexcept { after_stop_ = time; }
    /// Returns whether `stop` was requested, and that time is over.
    [[nodiscard]] bool is_stopped(const std::stop_token& stop) {
        return time_left(stop) == std::chrono::milliseconds{0};
    }

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// Returns the bytes of a regular file; 0 for other inputs.
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    [[nodiscard]] std::uint64_t position() const noexcept { return position_; }
    /// Returns whether the line that is being passed on ends with a newline; the last line may lack it.
    [[nodiscard]] bool line_has_end() const noexcept { return line_has_end_; }
    /// Returns the number of lines that were passed on or taken.
    [[nodiscard]] std::uint64_t lines() const noexcept { return lines_; }

private:
    using Clock = std::chrono::steady_clock;

    LineInput(base::UniqueFd fd, std::string name, bool is_stdin);

    /// Returns the time until reading has to end; nothing before a stop.
    [[nodiscard]] std::optional<std::chrono::milliseconds> time_left(const std::stop_token& stop);
    /// Returns false when reading has to end.
    [[nodiscard]] bool wait_for_bytes(const std::stop_token& stop);
    void pass_on(std::string_view line, const std::function<void(std::string_view)>& take);
    /// Passes on all lines of a text that ends with a newline.
    void pass_on_all(std::string_view text, const std::function<void(std::string_view)>& take);

    std::string name_;
    std::function<void(std::string_view)> take_bytes_;
    std::function<std::uint64_t(IndexedLines&)> take_runs_;
    base::UniqueFd owned_;
    int fd_;
    base::UniqueFd wake_;
    std::chrono::milliseconds after_stop_{0};
    std::optional<Clock::time_point> deadline_;
    std::uint64_t size_ = 0;
    std::uint64_t position_ = 0;
    std::uint64_t lines_ = 0;
    std::vector<char> buffer_;
    bool line_has_end_ = true;
    std::size_t begun_ = 0; // bytes of a line without an end, at the front of the buffer
    bool overlong_ = false; // the rest of this line is skipped
};

} // namespace tickertape::cli::lines
