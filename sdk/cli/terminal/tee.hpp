// SPDX-License-Identifier: MIT
/// \file
/// Tee: passes bytes on to stdout unchanged.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "output/fd_writer.hpp"

namespace tickertape::cli::terminal {

/// Keeps the bytes that stdout has not accepted yet. A caller that waits for `is_empty()` before it reads more makes its writer wait for
/// its reader, as a pipe would.
///
/// Thread safety: one thread at a time.
class Tee {
public:
    /// After a stop, it goes on for this time: the collector still writes its last lines, and the last line has to be complete.
    static constexpr std::chrono::seconds after_stop{5};

    Tee();

    /// Writes as much as stdout accepts at once, and keeps the rest.
    void pass(std::string_view bytes);
    /// Writes more of the rest, and waits up to `patience` for room. Throws std::system_error if a write fails, except when
    /// nobody reads any more.
    void write(std::chrono::nanoseconds patience = {});

    [[nodiscard]] bool is_empty() const noexcept { return begin_ == bytes_.size(); }
    /// Returns whether nobody reads any more. `close` sets it, too.
    [[nodiscard]] bool is_closed() const noexcept { return is_closed_; }
    void close() noexcept { is_closed_ = true; }

    /// Returns whether the passed bytes end with the end of a line.
    [[nodiscard]] bool is_at_line_end() const noexcept { return (is_empty() ? last_written_ : bytes_.back()) == '\n'; }
    /// Removes a last line without a newline, unless a part of it has been written.
    void drop_begun_line();

    /// Closes the output for the reader. The descriptor's number stays in use.
    void finish();

private:
    output::FdWriter writer_;
    std::string bytes_;
    std::size_t begin_ = 0; // where the unwritten bytes begin
    char last_written_ = '\n';
    bool is_closed_ = false;
};

} // namespace tickertape::cli::terminal
