// SPDX-License-Identifier: MIT
/// \file
/// Background: a transmitter that may block, on a thread of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <thread>

#include <tickertape/transmitter.hpp>

namespace tickertape::cli::agent {

/// Passes points to a transmitter on a thread of its own. So the caller waits neither for the disk of a spool, nor for another
/// process that has the spool, nor for the reader of standard output. Points wait in between, up to a limit; then the oldest are
/// dropped and counted. A transmitter that never waits gets points without the thread, which then only makes, flushes and ends it.
///
/// Thread safety: all members may be called from any thread, except `end` and the destructor.
class Background final : public Transmitter {
public:
    /// Makes the transmitter; called on the thread.
    using Make = std::function<AnyTransmitter()>;

    /// The thread that passes points to the transmitter after it was made.
    enum class Passing : std::uint8_t {
        by_thread, ///< the own thread, because the transmitter may wait
        by_caller, ///< the thread of the caller. The transmitter never waits, and may be flushed during a `publish`
    };

    struct Counts {
        std::uint64_t taken = 0;   ///< all published points
        std::uint64_t passed = 0;  ///< points that the transmitter settled
        std::uint64_t dropped = 0; ///< points without room, or without a transmitter that takes them
        std::uint64_t failed = 0;  ///< points for which the transmitter threw an exception

        [[nodiscard]] std::uint64_t lost() const noexcept { return dropped + failed; }
        /// The number of points that were passed on or lost.
        [[nodiscard]] std::uint64_t done() const noexcept { return passed + lost(); }
        [[nodiscard]] std::uint64_t waiting() const noexcept { return taken - done(); }
    };

    /// At most `limit` points wait. `on_close` is called once, on the thread, when the transmitter cannot be made or takes no more points.
    Background(Make make, std::size_t limit, std::function<void()> on_close, Passing passing = Passing::by_thread);
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;
    /// Calls `end` with a deadline in the past.
    ~Background() override;

    /// Never waits.
    Outcome publish(std::span<const Point> points) override;
    /// Waits until the transmitter has taken all points, and has flushed them. Returns false at the deadline.
    bool flush(SteadyTime deadline) override;
    /// Passes the waiting points on, then ends the transmitter. Returns false at the deadline, as when a disk hangs. The thread then
    /// keeps the transmitter, and the process should end without waiting for them.
    bool end(SteadyTime deadline);

    [[nodiscard]] Counts counts() const;
    /// Returns the reason why the transmitter could not be made; empty if it was made.
    [[nodiscard]] std::string failure() const;
    /// Returns whether `make` threw UsageError.
    [[nodiscard]] bool is_misused() const;
    /// Returns whether all points of the last call went to a spool; false while its disk is full, for example.
    [[nodiscard]] bool is_spooling() const;
    /// The time since the transmitter's current call began; 0 if there is none.
    [[nodiscard]] SteadyTime::duration busy_for() const;

private:
    struct State;

    std::shared_ptr<State> state_;
    std::thread thread_;
};

} // namespace tickertape::cli::agent
