// SPDX-License-Identifier: MIT
/// \file
/// Transmitter: the interface through which points leave the process or enter the next stage. Derive your own output from it.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <tickertape/point.hpp>
#include <tickertape/time.hpp>

namespace tickertape {

/// The reason why a point was rejected for good.
enum class Reason : std::uint8_t {
    too_many_tags, ///< the point has more than `max_tags` with the host tag
    no_tag,        ///< the point has no tag, and the output adds none
    line_too_long, ///< its line would be longer than the receiver accepts
    bad_time,      ///< TSDs would misread its time: outside of 2001-09-09 to 2106-02-07 (lines of InfluxDB: to 2262)
    refused,       ///< the receiver refused it
    over_limit,    ///< more points came than a limit allows, and the queue for the rest is full
};
inline constexpr std::size_t reasons = 6;

/// One sentence for a reason, without the point.
[[nodiscard]] std::string_view describe(Reason reason) noexcept;

/// The result for a span of n points. The points before `retry_from` are settled: accepted, unless they are listed in
/// `rejected`. The caller publishes the rest again, in the same order.
struct Outcome {
    struct Rejection {
        std::size_t index; ///< in the span that was published
        Reason reason;

        friend bool operator==(const Rejection&, const Rejection&) noexcept = default;
    };

    std::size_t retry_from = 0;
    std::vector<Rejection> rejected = {}; ///< ascending; each index is below `retry_from`
    /// The receiver is gone for good (a closed pipe): publishing again is useless.
    bool closed = false;
    /// The number of accepted points that are written to a spool, and so outlive this process.
    std::size_t spooled = 0;

    [[nodiscard]] std::size_t accepted() const noexcept { return retry_from - rejected.size(); }
    /// The outcome if all of `points` are accepted.
    [[nodiscard]] static Outcome all(std::span<const Point> points) { return {.retry_from = points.size()}; }
};

namespace stage {
class Ledger;
} // namespace stage

/// The destination of points. Derive from it, override `publish`, and pass the object by value to an autodump, a stage or a Telemeter.
///
/// Thread safety: called by one thread at a time, not always the same one.
class Transmitter {
public:
    /// Properties of a transmitter. Telemeter and autodump choose the stages in front of it by them.
    struct Traits {
        /// Two points of a series in one second both count. False for a TSD, which keeps one of them.
        bool keeps_every_event = true;
        /// Any number of threads may call `publish` at the same time, and it waits for no receiver.
        bool takes_at_once = false;
        /// Identifies the final writer. Autodumps with the same writer take turns on one thread. Null: each has its own thread.
        const void* writer = nullptr;
    };

    Transmitter() = default;
    Transmitter(const Transmitter&) = default;
    Transmitter(Transmitter&&) = default;
    Transmitter& operator=(const Transmitter&) = default;
    Transmitter& operator=(Transmitter&&) = default;
    virtual ~Transmitter() = default;

    /// Publishes points, in order of time within each series; may block. An exception means that no point was accepted; the caller
    /// publishes all of them again.
    virtual Outcome publish(std::span<const Point> points) = 0;

    /// Sends points that are held back or half sent; called when a stream of points ends. Returns whether nothing is left.
    virtual bool flush([[maybe_unused]] SteadyTime deadline) { return true; }

    /// The accounts of a transmitter that keeps points until a receiver acknowledges them. Null for others, which keep no
    /// points.
    [[nodiscard]] virtual std::shared_ptr<stage::Ledger> accounts() const { return nullptr; }

    /// A stage derives its traits from those of the transmitter that it wraps. Must return the same value each time.
    [[nodiscard]] virtual Traits traits() const noexcept { return {}; }
};

/// Holds any transmitter: owns one that is passed by value, borrows one that is passed by `std::ref`. It is the parameter type of stages:
/// `Dedup{PutLines{}}` owns and `Dedup{std::ref(lines)}` borrows.
///
/// Thread safety: that of the transmitter it holds.
class AnyTransmitter final : public Transmitter {
public:
    template <class T>
        requires(std::derived_from<T, Transmitter> && !std::same_as<T, AnyTransmitter>)
    AnyTransmitter(T transmitter) // NOLINT(*-explicit-*): any transmitter will do
        : owned_{std::make_unique<T>(std::move(transmitter))}, target_{owned_.get()} {}

    template <std::derived_from<Transmitter> T>
    AnyTransmitter(std::reference_wrapper<T> transmitter) noexcept // NOLINT(*-explicit-*)
        : target_{&transmitter.get()} {}

    explicit AnyTransmitter(std::unique_ptr<Transmitter> transmitter) noexcept
        : owned_{std::move(transmitter)}, target_{owned_.get()} {}

    /// Throws std::logic_error when the transmitter reports more settled points than it was given.
    Outcome publish(std::span<const Point> points) override;
    bool flush(SteadyTime deadline) override { return target_->flush(deadline); }
    [[nodiscard]] std::shared_ptr<stage::Ledger> accounts() const override { return target_->accounts(); }
    [[nodiscard]] Traits traits() const noexcept override { return target_->traits(); }

private:
    std::unique_ptr<Transmitter> owned_;
    Transmitter* target_;
};

} // namespace tickertape
