// SPDX-License-Identifier: MIT
/// \file
/// Transmitter: the one extension point, where points leave the process or enter the next stage.
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

/// Why a point was rejected for good.
enum class Reason : std::uint8_t {
    too_many_tags, ///< with the host tag it has more than `max_tags`
    no_tag,        ///< it has no tag, and the output adds none
    line_too_long, ///< its line would be longer than the receiver takes
    bad_time,      ///< no TSD reads it right: outside 2001-09-09 to 2106-02-07 (lines of InfluxDB: to 2262)
    refused,       ///< the receiver named it as bad
    over_limit,    ///< more points came than may go out, for longer than a queue can make up for
};
inline constexpr std::size_t reasons = 6;

/// One sentence for a reason, without the point.
[[nodiscard]] std::string_view describe(Reason reason) noexcept;

/// What became of a span of n points: those before `retry_from` are settled, accepted unless they are listed in
/// `rejected`; the rest is to be published again, in the same order.
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
    /// So many of the accepted points are written to a spool, and outlive this process.
    std::size_t spooled = 0;

    [[nodiscard]] std::size_t accepted() const noexcept { return retry_from - rejected.size(); }
    /// All of `points` accepted.
    [[nodiscard]] static Outcome all(std::span<const Point> points) { return {.retry_from = points.size()}; }
};

namespace stage {
class Ledger;
} // namespace stage

/// Where points go. Derive from it, override `publish`, and pass the object by value to whatever publishes.
///
/// Thread safety: called by one thread at a time, not always the same one.
class Transmitter {
public:
    /// What a transmitter is, for those who choose what comes in front of it.
    struct Traits {
        /// Two points of a series in one second both count. Not so with a TSD, which keeps one of them.
        bool keeps_every_event = true;
        /// `publish` may be called by any number of threads at the same time, and waits for no receiver.
        bool takes_at_once = false;
        /// Who writes in the end. The autodumps into one writer take turns on one thread; null: each has a thread of its own.
        const void* writer = nullptr;
    };

    Transmitter() = default;
    Transmitter(const Transmitter&) = default;
    Transmitter(Transmitter&&) = default;
    Transmitter& operator=(const Transmitter&) = default;
    Transmitter& operator=(Transmitter&&) = default;
    virtual ~Transmitter() = default;

    /// Takes points, in order of time within each series; may block. An exception means that none was taken and all are
    /// to be published again.
    virtual Outcome publish(std::span<const Point> points) = 0;

    /// Sends what is held back or half sent; called when a stream of points ends. Returns whether all is out.
    virtual bool flush([[maybe_unused]] SteadyTime deadline) { return true; }

    /// The accounts of a transmitter that keeps what it has taken until a receiver acknowledges it; else null, and what
    /// `publish` takes is out.
    [[nodiscard]] virtual std::shared_ptr<stage::Ledger> accounts() const { return nullptr; }

    /// Those of a stage follow from what it wraps. The same at all times; Telemeter goes by them.
    [[nodiscard]] virtual Traits traits() const noexcept { return {}; }
};

/// Holds any transmitter: owns the one it is made from, or borrows it from `std::ref`. Stages take what they wrap as this,
/// so that `Dedup{PutLines{}}` owns and `Dedup{std::ref(lines)}` borrows.
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

    /// Throws std::logic_error when the transmitter claims to have settled points that it was not given.
    Outcome publish(std::span<const Point> points) override;
    bool flush(SteadyTime deadline) override { return target_->flush(deadline); }
    [[nodiscard]] std::shared_ptr<stage::Ledger> accounts() const override { return target_->accounts(); }
    [[nodiscard]] Traits traits() const noexcept override { return target_->traits(); }

private:
    std::unique_ptr<Transmitter> owned_;
    Transmitter* target_;
};

} // namespace tickertape
