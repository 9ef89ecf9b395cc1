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

/// Passes points to a transmitter on a thread of its own, so that its caller never waits: not for the disk of a spool, not for
/// another process that still has the spool, not for the reader of standard output. Points wait in between, up to a limit; then the
/// oldest are dropped and counted.
///
/// Thread safety: all members may be called from any thread, except `end` and the destructor.
class Background final : public Transmitter {
public:
    /// Makes the transmitter; called on the thread.
    using Make = std::function<AnyTransmitter()>;

    struct Counts {
        std::uint64_t taken = 0;   ///< all points that were published here
        std::uint64_t passed = 0;  ///< of these: the transmitter settled them
        std::uint64_t dropped = 0; ///< of these: there was no room, or nobody takes them any more
        std::uint64_t failed = 0;  ///< of these: the transmitter threw an exception instead of taking them

        [[nodiscard]] std::uint64_t lost() const noexcept { return dropped + failed; }
        /// Points that were passed on or lost, so that none of them waits.
        [[nodiscard]] std::uint64_t done() const noexcept { return passed + lost(); }
        [[nodiscard]] std::uint64_t waiting() const noexcept { return taken - done(); }
    };

    /// At most `limit` points wait. `on_close` is called on the thread, once: when the transmitter cannot be made, or takes no more points.
    Background(Make make, std::size_t limit, std::function<void()> on_close);
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;
    /// Calls `end` with no time at all.
    ~Background() override;

    /// Never waits.
    Outcome publish(std::span<const Point> points) override;
    /// Waits until the transmitter has taken all points, and has flushed them. Returns false at the deadline.
    bool flush(SteadyTime deadline) override;
    /// Ends the transmitter, which first gets the points that wait. Returns false if that is not over at the deadline, as on a disk that
    /// hangs: then thread and transmitter are left to themselves, and the process should end without waiting for them.
    bool end(SteadyTime deadline);

    [[nodiscard]] Counts counts() const;
    /// Why the transmitter could not be made; empty if it could.
    [[nodiscard]] std::string failure() const;
    /// Whether `make` threw UsageError.
    [[nodiscard]] bool is_misused() const;
    /// Whether the transmitter wrote all points that it was given last to a spool: false while the disk is full, for instance.
    [[nodiscard]] bool is_spooling() const;
    /// For how long the transmitter has been busy with one call; 0 if it waits for points.
    [[nodiscard]] SteadyTime::duration busy_for() const;

private:
    struct State;

    std::shared_ptr<State> state_;
    std::thread thread_;
};

} // namespace tickertape::cli::agent
