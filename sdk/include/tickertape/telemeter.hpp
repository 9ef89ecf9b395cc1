// SPDX-License-Identifier: MIT
/// \file
/// Telemeter: measures an application with one line per metric, and sends the measurements to any transmitter.
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
    /// The most series that `record`, and calls with their own tags, may create. They are remembered for good. Further series
    /// are not recorded, are counted as `over_limit`, and reported. 0: UsageError.
    std::size_t max_series = 10'000;
    /// Options of the queue that the Telemeter puts in front of a transmitter that may wait for a receiver. `linger` is how long the end
    /// waits. With Overflow::block calls wait for room. With a PerSecond in front they never wait, and the oldest points are dropped.
    BufferedOptions buffer{.max_buffer_size = 10'000, .max_flush_interval = std::chrono::seconds{1}};
    /// Null: the system's clock.
    Clock* clock = nullptr;
    /// See SeriesOptions.
    bool reserve_host_tag = true;
};
static_assert(std::is_aggregate_v<TelemeterOptions>);

/// Creates the counters, gauges and timers of an application:
///
///     Telemeter telemeter{JsonLines{"shop.log"}, {{"app", "checkout"}}};
///     auto requests = telemeter.counter("shop.requests");
///     requests.inc();
///
/// For a transmitter that keeps every event, each call is a point with its own time, to the nanosecond. In front of a transmitter that
/// keeps one value of a series in a second, as for a TSD, the Telemeter puts a PerSecond; in front of one that may wait for a receiver, a
/// Buffered. It adds neither if `traits()` shows that it is there already.
///
/// Create handles at start-up: an invalid name throws UsageError. Calls on handles throw nothing; a call that cannot be recorded
/// is counted and reported once. An inherited Telemeter records nothing in the child of a fork.
///
/// Thread safety: all members may be called from any thread.
class Telemeter final : public Transmitter {
public:
    /// The buckets of a bucketed counter or timer: see CounterOptions.
    struct Bucketed {
        std::chrono::milliseconds timespan = std::chrono::seconds{10};
        std::chrono::milliseconds granularity = std::chrono::seconds{1};
    };

    /// Counts of calls that recorded nothing. `account()` counts the later fate of points.
    struct Stats {
        std::uint64_t illegal =
            0; ///< an illegal name, a repeated key, too many tags, too long a text, a metric of another kind
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
    /// Publishes all recorded values, the running second and the buckets included. With its own queue it waits for
    /// that for at most `linger`. Bucketed counters wait for the end of their bucket, at most 1 s. It waits for calls of other threads
    /// that are under way. Then it destroys the transmitter; handles that live longer record nothing.
    ~Telemeter() override;

    /// A counter. The same name returns a handle of the same counter. Throws UsageError for an illegal name, for the name of a metric of
    /// another kind, and if name and default tags make no series. The counter is bucketed if it was created so elsewhere.
    [[nodiscard]] TelemeterCounter counter(Name metric);
    /// A counter for hot paths: a MetricCounter behind the same handle. `inc` costs as much as MetricCounter's. Each bucket is one point,
    /// also with the value 0. Throws UsageError as MetricCounter does, and if the counter already exists without buckets.
    [[nodiscard]] TelemeterCounter counter(Name metric, const Bucketed& buckets);
    /// A gauge: the current value of something.
    [[nodiscard]] TelemeterGauge gauge(Name metric);
    /// A timer. For a receiver of one value a second it becomes three series: the metric with `.count`, `.sum` and
    /// `.max`.
    [[nodiscard]] TelemeterTimer timer(Name metric);
    /// A timer with quantiles, for hot paths. For a receiver of one value a second it is a MetricCounter<distribution> behind the same
    /// handle, which writes `.count`, `.sum`, `.max` and `.p99`. For a receiver that keeps every event, or with a PerSecond of yours,
    /// it equals `timer(metric)`.
    /// Throws UsageError as MetricCounter does, and if the timer already exists without buckets.
    [[nodiscard]] TelemeterTimer timer(Name metric, const Bucketed& buckets);

    /// Records a reading of any metric, without a handle. For a receiver of one value a second, the last reading counts.
    template <class Number>
        requires(std::is_arithmetic_v<Number> && !std::same_as<Number, bool>)
    void record(Name metric, Number value, std::initializer_list<Tag> tags = {}) noexcept {
        record_one(metric, Value::checked(value), {tags.begin(), tags.size()});
    }

    /// Publishes points from elsewhere and adds the default tags whose keys they lack.
    Outcome publish(std::span<const Point> points) override;
    /// Publishes everything recorded up to now, and waits for it. Buckets are still published at their ends.
    bool flush(SteadyTime deadline) override;
    [[nodiscard]] Transmitter::Traits traits() const noexcept override { return {.takes_at_once = true}; }

    [[nodiscard]] Stats stats() const;
    /// The account of the queue in front of the transmitter, the Telemeter's or yours. Empty if there is no queue, or if it is behind
    /// a PerSecond of yours.
    [[nodiscard]] Account account() const;

private:
    void record_one(Name metric, std::optional<Value> value, std::span<const Tag> tags) noexcept;
    void end() noexcept;

    std::shared_ptr<telemeter::TelemeterCore> core_; // null only when moved from
};
static_assert(std::is_aggregate_v<Telemeter::Bucketed>);
inline constexpr Telemeter::Bucketed bucketed{};

} // namespace tickertape
