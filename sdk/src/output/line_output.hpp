// SPDX-License-Identifier: MIT
/// \file
/// Writes points as lines to a descriptor, and counts them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/forks.hpp"
#include "output/fd_writer.hpp"
#include "point/line_formatter.hpp"

namespace tickertape::output {

/// Renders points in batches and writes them. A line whose first byte went out counts as accepted; its rest is kept and goes out
/// first the next time. Lines that were not begun are rendered again.
///
/// Thread safety: one thread at a time.
class LineOutput {
public:
    /// `name` is for messages: `cannot write to NAME`.
    LineOutput(FdWriter writer, std::string name, std::chrono::nanoseconds patience);

    /// See Transmitter::publish. `formatter.write(points, room)` has the interface of point::LineFormatter::write.
    template <class Formatter>
    Outcome publish(std::span<const Point> points, Formatter& formatter);

    /// See Transmitter::flush. Does not throw.
    bool flush(SteadyTime deadline, base::Syscalls& syscalls) noexcept;

    [[nodiscard]] bool has_rest() const noexcept { return !rest_.empty(); }
    /// Continues with another descriptor. Drops the rest of a line that was partly written to the last one.
    void redirect(FdWriter writer) noexcept {
        writer_ = writer;
        rest_.clear();
    }

private:
    // The most bytes of one write(2): the usual capacity of a pipe.
    static constexpr std::size_t batch_bytes = std::size_t{64} * 1024;

    /// In the child of a fork, the rest of a line is its parent's to write.
    void forget_rest_of_parent() noexcept;
    [[nodiscard]] WriteResult write_rest(std::chrono::nanoseconds& patience);
    void settle_part(Outcome& outcome, std::size_t first_rejection, std::string_view batch, std::size_t written);
    [[noreturn]] void fail(int error) const;

    FdWriter writer_;
    std::string name_;
    std::chrono::nanoseconds patience_;
    std::vector<char> buffer_;
    std::string rest_;  // of a line that is half written
    base::Forks forks_; // the process whose rest it is
    bool closed_ = false;
};

template <class Formatter>
Outcome LineOutput::publish(std::span<const Point> points, Formatter& formatter) {
    Outcome outcome;
    forget_rest_of_parent();
    if (closed_) {
        outcome.closed = true;
        return outcome;
    }
    std::chrono::nanoseconds patience = patience_;
    WriteResult result = write_rest(patience);
    while (result.end == WriteEnd::all && outcome.retry_from < points.size()) {
        const std::size_t first_rejection = outcome.rejected.size();
        std::size_t next = outcome.retry_from;
        std::size_t size = 0;
        while (next < points.size() && size + max_line + 1 <= buffer_.size()) {
            const point::LinesResult lines = formatter.write(points.subspan(next), std::span{buffer_}.subspan(size));
            next += lines.points;
            size += lines.size;
            if (lines.refused) {
                outcome.rejected.push_back({next++, *lines.refused});
            }
        }
        const std::string_view batch{buffer_.data(), size};
        result = writer_.write(batch, patience);
        if (result.end == WriteEnd::all) {
            outcome.retry_from = next;
        } else {
            settle_part(outcome, first_rejection, batch, result.written);
        }
    }
    closed_ = outcome.closed = result.end == WriteEnd::closed;
    if (result.end == WriteEnd::failed && outcome.retry_from == 0) {
        fail(result.error); // if something was written, the next call reports the error
    }
    return outcome;
}

} // namespace tickertape::output
