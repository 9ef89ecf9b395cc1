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

#include <tickertape/accounts.hpp>
#include <tickertape/buffered.hpp>
#include <tickertape/credentials.hpp>
#include <tickertape/dedup.hpp>
#include <tickertape/push_status.hpp>
#include <tickertape/spool_options.hpp>
#include <tickertape/target.hpp>
#include <tickertape/tls_layer.hpp>

namespace tickertape::cli::agent {

struct OutletOptions {
    std::optional<Targets> targets{}; ///< none: lines on standard output
    std::chrono::seconds dedup{300};  ///< 0: off
    std::chrono::milliseconds flush{1'000};
    std::size_t queue = 100'000; ///< points
    std::uint32_t mps = 0;
    bool resend = false;
    std::optional<bool> sync{};
    Credentials credentials{};
    push::TlsLayer tls{};
    SpoolOptions spool{};
};

/// Dedup, a queue or a spool, and a transmitter.
///
/// Thread safety: none.
class Outlet {
public:
    explicit Outlet(OutletOptions options);

    /// Queues or writes points. Never waits for a target.
    void publish(std::span<const Point> points);
    /// The same past Dedup: none is held back, so all are queued or spooled at once. Returns how many could not be.
    std::size_t publish_all(std::span<const Point> points);
    /// Sends held and queued points until `deadline`; the rest stays in the spool, or is dropped. Returns whether all were sent.
    bool finish(SteadyTime deadline);

    [[nodiscard]] Account account() const;
    [[nodiscard]] PushStatus status() const { return status_ ? status_() : PushStatus{}; }
    [[nodiscard]] Dedup::Stats dedup() const { return dedup_ ? dedup_->stats() : Dedup::Stats{}; }
    /// The number of points that could not be written to standard output.
    [[nodiscard]] std::uint64_t unwritten() const noexcept { return unwritten_; }
    /// Whether the queue is more than half full, so that a child that floods it would cost points of others.
    [[nodiscard]] bool is_crowded() const { return queue_ && queue_->remaining_capacity() * 2 < queue_->limit(); }
    /// Whether more points would displace queued ones soon. Not with a spool, which takes what the queue has no room for.
    [[nodiscard]] bool is_about_to_drop() const { return !has_spool_ && is_crowded(); }
    /// Whether the reader of standard output is gone.
    [[nodiscard]] bool is_closed() const noexcept { return is_closed_; }

private:
    std::size_t pass_on(Transmitter& to, std::span<const Point> points);

    std::function<PushStatus()> status_;
    std::optional<Buffered> queue_;
    std::unique_ptr<Transmitter> lines_; // instead of a queue
    std::optional<Dedup> dedup_;         // in front of the queue or the lines
    Transmitter* first_ = nullptr;
    Account last_account_{};
    std::uint64_t unwritten_ = 0;
    bool is_closed_ = false;
    bool has_spool_ = false;
};

} // namespace tickertape::cli::agent
