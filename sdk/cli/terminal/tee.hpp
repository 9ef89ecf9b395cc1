// SPDX-License-Identifier: MIT
/// \file
/// Tee: bytes that are passed on to stdout as they came.
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
    /// After a stop, the lines that the collector writes while it ends, and the rest of a line, are passed on for this time.
    static constexpr std::chrono::seconds after_stop{5};

    Tee();

    /// Writes as much as stdout takes at once, and keeps the rest.
    void pass(std::string_view bytes);
    /// More of the rest, waiting so long for room. Throws std::system_error when writing fails for another reason than
    /// that nobody reads.
    void write(std::chrono::nanoseconds patience = {});

    [[nodiscard]] bool is_empty() const noexcept { return begin_ == bytes_.size(); }
    /// Nobody reads any more; also when that is found otherwise.
    [[nodiscard]] bool is_closed() const noexcept { return is_closed_; }
    void close() noexcept { is_closed_ = true; }

    /// Whether all that was passed ends where a line does.
    [[nodiscard]] bool is_at_line_end() const noexcept { return (is_empty() ? last_written_ : bytes_.back()) == '\n'; }
    /// Takes back a last line without a newline, unless its beginning has been written.
    void drop_begun_line();

    /// Tells the reader that this was all. The descriptor itself stays taken.
    void finish();

private:
    output::FdWriter writer_;
    std::string bytes_;
    std::size_t begin_ = 0; // of the bytes that are not written
    char last_written_ = '\n';
    bool is_closed_ = false;
};

} // namespace tickertape::cli::terminal
