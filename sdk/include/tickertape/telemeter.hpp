// SPDX-License-Identifier: MIT
/// \file
/// Telemeter: what an application measures, in a line per metric, to any transmitter.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <type_traits>

#include <tickertape/accounts.hpp>
#include <tickertape/buffered.hpp>
#include <tickertape/counter.hpp>
#include <tickertape/per_second.hpp>
#include <tickertape/tags.hpp>
#include <tickertape/telemeter_handles.hpp>
#include <tickertape/transmitter.hpp>

namespace tickertape {

struct TelemeterOptions {
    /// How many series calls with tags of their own and `record` may make; they are remembered for good. What is above that
    /// is not recorded, counted as `over_limit` and said. 0: UsageError.
    std::size_t max_series = 10'000;
    /// Of the queue that is put in front of a transmitter which may wait for a receiver. `linger` is how long the end waits.
    /// With Overflow::block calls wait for room; where there is a PerSecond in front they never do, and the oldest go.
    BufferedOptions buffer{.max_buffer_size = 10'000, .max_flush_interval = std::chrono::seconds{1}};
    /// Null: the system's.
    Clock* clock = nullptr;
    /// See SeriesOptions.
    bool reserve_host_tag = true;
};
static_assert(std::is_aggregate_v<TelemeterOptions>);

/// Hands out what an application measures with:
///
///     Telemeter telemeter{JsonLines{"shop.log"}, {{"app", "checkout"}}};
///     auto requests = telemeter.counter("shop.requests");
///     requests.inc();
///
/// To a transmitter that keeps every event each call is a point with a time of its own, to the nanosecond. One that keeps a
/// value of a series in a second, as a TSD does, gets a PerSecond in front, and one that may wait for a receiver gets a
/// Buffered, each unless it is there already: `traits()` tells.
///
/// Handing out is for start-up and throws UsageError; calls of what is handed out throw nothing: what cannot be recorded
/// is counted and said once. An inherited one records nothing in the child of a fork.
///
/// Thread safety: all members may be called from any thread.
class Telemeter final : public Transmitter {
public:
    /// How the buckets of a counter or timer that is bucketed are made: see CounterOptions.
    struct Bucketed {
        std::chrono::milliseconds timespan = std::chrono::seconds{10};
        std::chrono::milliseconds granularity = std::chrono::seconds{1};
    };

    /// Calls that recorded nothing. What becomes of points later, the account tells.
    struct Stats {
        std::uint64_t illegal =
            0; ///< an illegal name, a key twice, too many tags, too long a text, a metric of another kind
        std::uint64_t not_finite = 0; ///< nan or infinite
        std::uint64_t over_limit = 0; ///< of a series above `max_series`
        std::uint64_t refused = 0;    ///< the transmitter refused it, had closed, or threw
        std::uint64_t ended = 0;      ///< by a handle whose Telemeter was gone

        [[nodiscard]] std::uint64_t all() const noexcept { return illegal + not_finite + over_limit + refused + ended; }
    };

    /// The default tags are on every point; a call's own win. Throws UsageError for options out of range.
    explicit Telemeter(AnyTransmitter transmitter, const Tags& default_tags = {}, const TelemeterOptions& options = {});
    Telemeter(Telemeter&&) noexcept;
    Telemeter& operator=(Telemeter&&) noexcept;
    /// Publishes what there is, the running second included, and what buckets hold; with a queue of its own it waits for
    /// that for at most its `linger`. Bucketed counters wait for the end of their bucket, at most 1 s. Calls of other threads
    /// that are under way are waited for; then the transmitter is gone, and handles that live longer record nothing.
    ~Telemeter() override;

    /// What is counted. The same name gives the same recorder; a name that another kind has: UsageError, as for one that
    /// is illegal or with the default tags is no series. Bucketed, if it is handed out as such elsewhere.
    [[nodiscard]] TelemeterCounter counter(Name metric);
    /// One for hot paths: a MetricCounter behind the same handle. `inc` costs as much as there, a point goes out per bucket
    /// and not per event, a 0 too. Throws UsageError as MetricCounter does, and if it is handed out without buckets.
    [[nodiscard]] TelemeterCounter counter(Name metric, const Bucketed& buckets);
    /// What has a value now.
    [[nodiscard]] TelemeterGauge gauge(Name metric);
    /// What takes time. To a receiver of a value a second it becomes three series: the metric with `.count`, `.sum` and
    /// `.max`.
    [[nodiscard]] TelemeterTimer timer(Name metric);
    /// One with quantiles, for hot paths: to a receiver of a value a second a MetricCounter<distribution> behind the same handle,
    /// which writes `.count`, `.sum`, `.max` and `.p99`. To one that keeps every event, or with a PerSecond of yours, it is
    /// `timer(metric)`. Throws UsageError as MetricCounter does, and if it is handed out without buckets.
    [[nodiscard]] TelemeterTimer timer(Name metric, const Bucketed& buckets);

    /// Records a reading of a metric that need not be known before; per second it is the last that counts.
    template <class Number>
        requires(std::is_arithmetic_v<Number> && !std::same_as<Number, bool>)
    void record(Name metric, Number value, std::initializer_list<Tag> tags = {}) noexcept {
        record_one(metric, Value::checked(value), {tags.begin(), tags.size()});
    }

    /// Publishes points of others, with the default tags for which they have no value of their own.
    Outcome publish(std::span<const Point> points) override;
    /// Publishes what was recorded up to now, and waits for it. Buckets go out at their ends.
    bool flush(SteadyTime deadline) override;
    [[nodiscard]] Transmitter::Traits traits() const noexcept override { return {.takes_at_once = true}; }

    [[nodiscard]] Stats stats() const;
    /// Of the queue in front of the transmitter, its own or one that was given; empty if there is none, or if it is behind
    /// a PerSecond that was given.
    [[nodiscard]] Account account() const;

private:
    void record_one(Name metric, std::optional<Value> value, std::span<const Tag> tags) noexcept;
    void end() noexcept;

    std::shared_ptr<telemeter::TelemeterCore> core_; // null only when moved from
};
static_assert(std::is_aggregate_v<Telemeter::Bucketed>);
inline constexpr Telemeter::Bucketed bucketed{};

} // namespace tickertape
