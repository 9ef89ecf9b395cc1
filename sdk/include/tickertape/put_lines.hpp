// SPDX-License-Identifier: MIT
/// \file
/// PutLines: points as lines to a file descriptor, as a rule stdout.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <type_traits>

#include <tickertape/form.hpp>
#include <tickertape/host_tag.hpp>
#include <tickertape/transmitter.hpp>

namespace tickertape {

namespace base {
class Syscalls;
} // namespace base
namespace output {
struct PutLinesAccess;
} // namespace output

/// Where lines go, and how they look.
struct PutLinesOptions {
    /// A pipe, socket, terminal or file that is open for writing. Borrowed: stays open and keeps its flags.
    int fd = 1;
    Form form = Form::automatic;
    /// In tcollector form only a named host tag is added, as tcollector adds the automatic one.
    HostTag host_tag = HostTag::automatic();
    /// How long one `publish` waits in all for room in a pipe or socket. What finds no room in that time is handed back to
    /// the caller. 0: no wait at all. Negative: UsageError.
    std::chrono::milliseconds patience{200};
};
static_assert(std::is_aggregate_v<PutLinesOptions>);

/// Writes points as lines, at most 64 KiB with one write(2), in a single one where the pipe has the room. Neither a full
/// pipe nor a reader that has stopped holds `publish` longer than `patience`, whether or not the descriptor is in blocking
/// mode, as long as no other process writes to the same pipe. (A write to a stopped terminal or to a disk may block.)
///
/// A line that is half written when room or disk space ends counts as accepted; its rest is kept and goes out first next
/// time, so that lines never mix. A reader that is gone is `Outcome::closed`, for good. SIGPIPE neither kills the process
/// nor are its handlers touched: it is held back in the calling thread during the write.
///
/// Thread safety: one thread at a time.
class PutLines final : public Transmitter {
public:
    /// Finds out form and host name at once. Throws UsageError for a negative patience.
    explicit PutLines(const PutLinesOptions& options = {});
    PutLines(PutLines&&) noexcept;
    PutLines& operator=(PutLines&&) noexcept;
    ~PutLines() override;

    /// Does not allocate unless points are rejected. Throws std::system_error that names the descriptor when the write
    /// fails otherwise (a full disk, say) and nothing of `points` has been taken.
    Outcome publish(std::span<const Point> points) override;

    /// Writes the rest of a half-written line, waiting for room until `deadline`. Returns whether none is left.
    bool flush(SteadyTime deadline) override;
    /// The lines are a TSD's, which keeps one value of a series in a second.
    [[nodiscard]] Transmitter::Traits traits() const noexcept override { return {.keeps_every_event = false}; }

private:
    friend struct output::PutLinesAccess;
    struct State;
    PutLines(const PutLinesOptions& options, base::Syscalls& syscalls);

    std::unique_ptr<State> state_;
};

} // namespace tickertape
