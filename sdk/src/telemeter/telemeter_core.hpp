// SPDX-License-Identifier: MIT
/// \file
/// TelemeterCore: the part that a Telemeter and its handles share.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <tickertape/distribution.hpp>
#include <tickertape/telemeter.hpp>

#include "base/forks.hpp"
#include "counter/dumper.hpp"
#include "counter/rate_state.hpp"
#include "point/series_key.hpp"
#include "stage/ledger.hpp"
#include "stage/staging.hpp"
#include "telemeter/calls.hpp"

namespace tickertape::telemeter {

/// The place that records the values of one series. All calls for that series use the same one.
struct Track : stage::Source {
    using Source::Source;
};

/// A metric of one name.
struct TelemeterMetric {
    TelemeterMetric(Name metric, SeriesOptions::Merge how) : name{metric.text()}, merge{how} {}

    /// Returns the state of the buckets, or null.
    [[nodiscard]] counter::RateState* rate_state() const noexcept {
        return buckets ? static_cast<counter::RateState*>(buckets->state()) : nullptr;
    }

    /// Returns the recorder of a distribution; one that records nothing if there is none.
    [[nodiscard]] counter::Recorder recorder() const noexcept;

    std::string name;
    SeriesOptions::Merge merge;
    Track* track = nullptr; ///< for calls without tags; null until a handle was created
    std::optional<MetricCounter<rate>> buckets{};
    std::optional<MetricCounter<distribution>> sketches{};
};

/// Tracks and metrics are never removed, so calls use them without a lock. The pipe is removed at the end: handles may live
/// longer than the transmitter in it.
///
/// Thread safety: all members may be called from any thread.
class TelemeterCore {
public:
    TelemeterCore(AnyTransmitter transmitter, Tags default_tags, const TelemeterOptions& options);

    /// Both throw UsageError.
    [[nodiscard]] TelemeterMetric& metric(Name name, SeriesOptions::Merge merge);
    [[nodiscard]] TelemeterMetric& bucketed(Name name, const Telemeter::Bucketed& buckets);
    [[nodiscard]] TelemeterMetric& bucketed_timer(Name name, const Telemeter::Bucketed& buckets);

    /// Returns the track of a call with its own tags. Returns null, and counts and reports that, if there is none.
    [[nodiscard]] Track* find(std::string_view metric, SeriesOptions::Merge merge, std::span<const Tag> tags) noexcept;
    [[nodiscard]] Track* find(std::string_view metric, SeriesOptions::Merge merge, const Tags& tags) noexcept;

    void record(Track* track, std::optional<Value> value) noexcept;
    /// Records the time from `start` to now. A measurement usually needs two readings of the clock in all.
    void record_time(Track* track, SteadyTime start) noexcept;
    [[nodiscard]] SteadyTime steady_now() const;

    Outcome publish(std::span<const Point> points);
    bool flush(SteadyTime deadline) { return !forks_.is_child() && pipe_->front.flush(deadline); }
    /// Publishes all buckets, including the running ones. Throws if no thread can be started for that.
    void finish_buckets();
    /// Stops recording, and publishes everything within the time allowed. Waits for calls in progress. Afterwards only handles
    /// may call.
    void end() noexcept;
    [[nodiscard]] bool is_forked() const noexcept { return forks_.is_child(); }

    [[nodiscard]] Telemeter::Stats stats() const noexcept;
    [[nodiscard]] Account account() const { return accounts_ && !forks_.is_child() ? accounts_->now() : Account{}; }

private:
    struct Shard {
        std::mutex mutex;
        std::unordered_map<std::string, Track*, point::SeriesKeyHash, std::equal_to<>>
            calls; // null for an illegal series
    };

    /// The path of the points to the transmitter.
    struct Pipe {
        Pipe(AnyTransmitter transmitter, const TelemeterOptions& options);

        [[nodiscard]] bool take(const stage::Event& event);
        /// Returns the staging of the queue; null if calls do not go directly to a queue.
        [[nodiscard]] std::shared_ptr<stage::Staging> staging() const;

        std::optional<Buffered> queue; // if the transmitter needs one
        AnyTransmitter front;          // accepts at once, and keeps every event
        std::shared_ptr<stage::Ledger> accounts;
        bool is_merged = false; // this Telemeter added a PerSecond in front
        bool makes_callers_wait = false;
    };

    [[nodiscard]] Track* find(point::SeriesKey& key, SeriesOptions::Merge merge);
    /// Returns null if there is none. Throws UsageError for a metric of another kind.
    [[nodiscard]] TelemeterMetric* known_metric(Name name, SeriesOptions::Merge merge);
    /// Makes a new one if there is none.
    [[nodiscard]] TelemeterMetric& find_metric(Name name, SeriesOptions::Merge merge);
    [[nodiscard]] Track& track_of(const Series& series);
    [[nodiscard]] CounterOptions options_of(const Telemeter::Bucketed& buckets) const;
    /// Writes the counter's buckets from now on. Needs the mutex.
    void write_buckets(CounterBase& counter);
    [[nodiscard]] Track* make(const point::SeriesKey& key, SeriesOptions::Merge merge);
    [[nodiscard]] bool may_remember_one_more();
    [[nodiscard]] WallTime wall_now() const;
    [[nodiscard]] WallTime wall_at(SteadyTime now) noexcept;
    void publish_one(Track* track, std::optional<Value> value, WallTime now) noexcept;
    [[nodiscard]] Series with_default_tags(const Series& series);

    const TelemeterOptions options_;
    const Tags default_tags_;
    const base::Forks forks_;
    Calls calls_;                // calls that use the pipe
    std::shared_ptr<Pipe> pipe_; // null after the end; shared with the dumper
    std::shared_ptr<stage::Ledger> accounts_;
    const std::shared_ptr<stage::Staging> staging_; // see Pipe

    // For the handles of a fork's child, in which a mutex may be locked for ever.
    TelemeterMetric inert_{"inert", SeriesOptions::Merge::none};

    std::array<Shard, 16> shards_;
    std::atomic<std::size_t> remembered_{0};

    std::mutex mutex_; // guards the members below
    std::unordered_map<std::string, TelemeterMetric, point::SeriesKeyHash, std::equal_to<>> metrics_;
    std::unordered_map<Series, Track> tracks_;
    std::unordered_map<Series, Series> with_tags_; // series of points that others pass in
    std::shared_ptr<counter::Dumper> dumper_;      // publishes buckets

    // The difference of wall time and steady time, and the time of its measurement.
    std::atomic<std::int64_t> wall_offset_{0};
    std::atomic<SteadyTime> offset_seen_{SteadyTime::min()};

    std::atomic<std::uint64_t> illegal_{0};
    std::atomic<std::uint64_t> not_finite_{0};
    std::atomic<std::uint64_t> over_limit_{0};
    std::atomic<std::uint64_t> refused_{0};
    std::atomic<std::uint64_t> after_the_end_{0};
};

} // namespace tickertape::telemeter
