// SPDX-License-Identifier: MIT
/// \file
/// Outlet: the common way out of the points of all children.
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

/// A server that gets every point, and others for fail-over.
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

/// Dedup, a queue or a spool for each destination, and a transmitter. What may block has a thread of its own.
///
/// Thread safety: none.
class Outlet {
public:
    /// How a destination does.
    struct State {
        std::string copy{}; ///< the value of the tag of its self-metrics; empty for the first
        Account account{};
        PushStatus push{};
        bool is_out = false; ///< after `finish`: nothing was left to send
    };

    /// Does not wait for spools: they are opened while points wait. `on_close` is called on another thread when nobody takes the points
    /// any more.
    Outlet(OutletOptions options, std::function<void()> on_close);

    /// Queues points. Never waits, neither for a target nor for a disk.
    void publish(std::span<const Point> points);
    /// The same past Dedup: none is held back, so all are on their way at once. Returns how many were not taken.
    std::size_t publish_all(std::span<const Point> points);
    /// The number of points that were published so far, and whether so many of them are in the queue, or on disk with a spool. While the
    /// spool cannot be written, they are in the queue only.
    [[nodiscard]] std::uint64_t taken() const { return background_.counts().taken; }
    [[nodiscard]] bool is_kept(std::uint64_t taken) const;
    void wait_until_kept(SteadyTime deadline) const;
    /// The number of points that were published and lost on their way there.
    [[nodiscard]] std::uint64_t lost() const;
    /// Sends held and queued points until `deadline`; the rest stays in the spool, or is dropped.
    void finish(SteadyTime deadline);
    /// After `finish`: whether a disk or a library call still hangs. The process has to end without waiting for it.
    [[nodiscard]] bool is_stuck() const noexcept { return is_stuck_; }

    /// One for each destination, the first one first; one without a target for standard output.
    [[nodiscard]] std::vector<State> states() const;
    [[nodiscard]] Dedup::Stats dedup() const { return dedup_ ? dedup_->stats() : Dedup::Stats{}; }
    /// Whether the first queue is more than half full, so that a child that floods it would cost points of others.
    [[nodiscard]] bool is_crowded() const;
    /// Whether more points would displace others soon. Not with a spool that can be written: it takes what the queue has no room for.
    [[nodiscard]] bool is_about_to_drop() const;
    /// Why no points can go out, as a sentence; empty if they can.
    [[nodiscard]] std::string failure() const { return background_.failure(); }
    /// Whether that is a wrong flag or setting.
    [[nodiscard]] bool is_misused() const { return background_.is_misused(); }
    /// For how long a disk, or the reader of standard output, has not answered.
    [[nodiscard]] SteadyTime::duration busy_for() const { return background_.busy_for(); }

private:
    struct Opened;

    [[nodiscard]] Account account_of(std::size_t destination) const;

    std::size_t limit_;
    bool has_queue_; // not for standard output
    bool has_spool_;
    std::shared_ptr<Opened> opened_;
    Background background_;
    std::optional<Dedup> dedup_; // in front of it
    Transmitter* first_ = nullptr;
    std::vector<State> last_states_; // after `finish`
    bool is_stuck_ = false;
};

} // namespace tickertape::cli::agent
