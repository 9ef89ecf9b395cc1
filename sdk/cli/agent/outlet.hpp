// SPDX-License-Identifier: MIT
/// \file
/// Outlet: sends the points of all children and applications.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tickertape/accounts.hpp>
#include <tickertape/credentials.hpp>
#include <tickertape/dedup.hpp>
#include <tickertape/push_status.hpp>
#include <tickertape/spool_options.hpp>
#include <tickertape/target.hpp>
#include <tickertape/tls_layer.hpp>

#include "cli/agent/background.hpp"

namespace tickertape::cli::agent {

/// A list of targets: one that works gets every point.
struct Destination {
    Targets targets;
    Credentials credentials{};
    push::TlsLayer tls{};
};

struct OutletOptions {
    std::vector<Destination> destinations{}; ///< none: lines on standard output
    std::chrono::seconds dedup{300};         ///< 0: off
    std::chrono::milliseconds flush{1'000};
    std::size_t queue = 100'000; ///< points, for each destination
    std::uint32_t mps = 0;
    bool resend = false;
    SpoolOptions spool{};
};

/// Dedup, and for each destination a queue, with or without a spool, and a transmitter. All that may block runs on a thread of its own.
///
/// Thread safety: none.
class Outlet {
public:
    /// The state of a destination.
    struct State {
        std::string copy{}; ///< the value of the tag `copy` of its self-metrics; empty for the first
        Account account{};
        PushStatus push{};
        bool is_out = false; ///< after `finish`: nothing was left to send
    };

    /// Does not wait for spools: points wait until they are open. `on_close` is called on another thread when points have nowhere to go
    /// any more.
    Outlet(OutletOptions options, std::function<void()> on_close);

    /// Queues points. Never waits, neither for a target nor for a disk.
    void publish(std::span<const Point> points);
    /// The same without Dedup, so that no point is held back. Returns the number of points that were not taken.
    std::size_t publish_all(std::span<const Point> points);
    /// The number of points that were published so far.
    [[nodiscard]] std::uint64_t taken() const { return background_.counts().taken; }
    /// Returns whether the first `taken` points have left for the spool: each is there, or lost, or in the queue because the spool cannot
    /// be written. Always true without a spool.
    [[nodiscard]] bool is_kept(std::uint64_t taken) const;
    /// Waits until all points that were published are kept.
    void wait_until_kept(SteadyTime deadline) const;
    /// The number of published points that were lost on their way to the queue or the spool.
    [[nodiscard]] std::uint64_t lost() const;
    /// Sends held and queued points until `deadline`; the rest stays in the spool, or is dropped.
    void finish(SteadyTime deadline);
    /// After `finish`: whether a disk or a library call still hangs. The process has to end without waiting for it.
    [[nodiscard]] bool is_stuck() const noexcept { return is_stuck_; }

    /// One for each destination, the first one first; one without a target for standard output.
    [[nodiscard]] std::vector<State> states() const;
    [[nodiscard]] Dedup::Stats dedup() const { return dedup_ ? dedup_->stats() : Dedup::Stats{}; }
    /// Returns whether the first queue is more than half full, so that a flood of one child would displace points of others.
    [[nodiscard]] bool is_crowded() const;
    /// Returns whether more points would soon displace others. A spool that can be written prevents that: it takes the points for
    /// which the queue has no room.
    [[nodiscard]] bool is_about_to_drop() const;
    /// Returns the reason why no points can be sent, as a sentence; empty if they can.
    [[nodiscard]] std::string failure() const { return background_.failure(); }
    /// Returns whether the reason is a wrong flag or setting.
    [[nodiscard]] bool is_misused() const { return background_.is_misused(); }
    /// Returns how long a disk, or the reader of standard output, has not answered.
    [[nodiscard]] SteadyTime::duration busy_for() const { return background_.busy_for(); }

private:
    struct Opened;

    [[nodiscard]] Account account_of(std::size_t destination) const;

    std::size_t limit_;
    bool has_queue_; // not for standard output
    bool has_spool_;
    std::shared_ptr<Opened> opened_;
    Background background_;
    std::optional<Dedup> dedup_; // in front of `background_`
    Transmitter* first_ = nullptr;
    std::vector<State> last_states_; // after `finish`
    bool is_stuck_ = false;
};

} // namespace tickertape::cli::agent
