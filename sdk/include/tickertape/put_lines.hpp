// SPDX-License-Identifier: MIT
/// \file
/// PutLines: writes points as lines to a file descriptor, usually stdout.
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

/// Output, form and host tag of the lines.
struct PutLinesOptions {
    /// A pipe, socket, terminal or file that is open for writing. Borrowed: stays open and keeps its flags.
    int fd = 1;
    Form form = Form::automatic;
    /// In tcollector form only a named host tag is added, because tcollector adds the automatic one. In collectd form it is the host of
    /// points without a tag `host`; automatic and none are then `COLLECTD_HOSTNAME` of the environment, which collectd sets, or this
    /// machine's name.
    HostTag host_tag = HostTag::automatic();
    /// The longest time for which one `publish` waits for room in a pipe or socket. Points that do not fit in that time are handed back to
    /// the caller. 0: no wait. Negative: UsageError.
    std::chrono::milliseconds patience{200};
};
static_assert(std::is_aggregate_v<PutLinesOptions>);

/// Writes points as lines. Each write(2) has at most 64 KiB, and is not split if the pipe has the room. Neither a full
/// pipe nor a reader that has stopped holds `publish` longer than `patience`, whether or not the descriptor is in blocking
/// mode, as long as no other process writes to the same pipe. (A write to a stopped terminal or to a disk may block.)
///
/// A line that is half written when the room or the disk space ends counts as accepted. Its rest is kept and written first by the next
/// call, so lines never mix. If the reader is gone, the outcome is `Outcome::closed`, for good. SIGPIPE does not kill the process: it
/// is held back in the calling thread during the write, and its handlers are not changed.
///
/// In the forms `influx` and `collectd` timestamps are exact. In the others they are rounded down to the precision of the series.
///
/// Thread safety: one thread at a time.
class PutLines final : public Transmitter {
public:
    /// Detects form and host name at once. Throws UsageError for a negative patience.
    explicit PutLines(const PutLinesOptions& options = {});
    PutLines(PutLines&&) noexcept;
    PutLines& operator=(PutLines&&) noexcept;
    ~PutLines() override;

    /// Allocates only if points are rejected. Throws std::system_error that names the descriptor when the write
    /// fails for another reason (such as a full disk) and none of `points` was accepted.
    Outcome publish(std::span<const Point> points) override;

    /// Writes the rest of a half-written line, waiting for room until `deadline`. Returns whether none is left.
    bool flush(SteadyTime deadline) override;
    /// A TSD and collectd keep one value of a series in a second; InfluxDB keeps one for each timestamp.
    [[nodiscard]] Transmitter::Traits traits() const noexcept override;

private:
    friend struct output::PutLinesAccess;
    struct State;
    PutLines(const PutLinesOptions& options, base::Syscalls& syscalls);

    std::unique_ptr<State> state_;
};

} // namespace tickertape
