// SPDX-License-Identifier: MIT
/// \file
/// Registry: the living counters of the process, in groups that tick together.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <tickertape/counter.hpp>
#include <tickertape/point_buffer.hpp>

#include "clock/alarm.hpp"
#include "counter/history.hpp"
#include "counter/timeline.hpp"

namespace tickertape::counter {

class Dumper;
class Pulse;
struct DistributionState;
struct Group;

/// A run of run_every_n_seconds.
struct Run {
    const Clock* clock;
    WallTime due;
};

enum class Mode : std::uint8_t { rate, stock, distribution };

/// What the sampler and the readers know of a counter. All of it is under the registry's mutex, save what says otherwise.
struct CounterState {
    CounterState(Series named, Group& member, const CounterOptions& options, std::uint64_t capacity);
    virtual ~CounterState() = default;
    CounterState(const CounterState&) = delete;
    CounterState& operator=(const CounterState&) = delete;

    /// The value of a bucket that is not absent.
    [[nodiscard]] Value value_of(std::uint64_t bits) const { return holds_readings ? reading(bits) : sum(bits); }
    static Value reading(std::uint64_t bits) { return std::bit_cast<double>(bits); }
    static Value sum(std::uint64_t bits) { return static_cast<std::int64_t>(bits); }
    [[nodiscard]] virtual Mode mode() const noexcept = 0;
    /// Ends the running bucket now. Returns what it holds, if that may be written.
    virtual std::optional<std::uint64_t> cut() = 0;
    /// Forgets the running bucket.
    virtual void rebase() = 0;
    /// Counts a bucket that was pushed out of the ring unseen.
    virtual void lose(std::uint64_t bits) = 0;
    /// How much the running bucket has counted.
    [[nodiscard]] virtual std::int64_t running_count() { return 0; }
    /// What is counted without the mutex.
    virtual void add_to(CounterStats& /*all*/) const {}
    /// Moves up to `most` points that are ready to the end of `out` and the cursor behind them; `sequences` gets the numbers of
    /// their buckets if it is not null.
    virtual void collect(std::size_t most, point::PointBuffer& out, std::vector<std::uint64_t>* sequences);
    /// Moves the running bucket to `out`, cut short, if it may be written.
    virtual void collect_cut(point::PointBuffer& out);
    /// Points from the `from`-th of `batch` on, which are of the buckets `sequences` and which were collected up to the cursor
    /// `behind`, were not settled: what cannot go back, as the ring or another dump has moved on meanwhile, is lost.
    virtual void give_back(const point::PointBuffer& batch, const std::vector<std::uint64_t>& sequences,
                           std::size_t from, std::uint64_t behind);
    void push(std::uint64_t bits);
    /// Asks for the memory that a tick and a dump need, and for what is found there.
    void fetch() const noexcept {
        __builtin_prefetch(&series);
        __builtin_prefetch(&last_label);
    }
    void fetch_more() const noexcept {
        history.fetch_end();
        point::PointBuffer::fetch(series);
    }
    /// How many of the `ended` buckets from `first` on cannot be written, as their labels are taken.
    [[nodiscard]] std::uint64_t taken(std::uint64_t first, std::uint64_t ended) const;
    /// Passes over those of `ended` buckets that the ring has no room for; returns how many.
    std::uint64_t make_room(std::uint64_t ended);
    [[nodiscard]] BucketState bucket_state(std::uint64_t sequence) const;

    CounterState* older = nullptr; ///< in the registry's list
    CounterState* newer = nullptr;
    std::chrono::nanoseconds timespan;
    CounterStats stats{};
    Dumper* dumper = nullptr;
    std::uint32_t place = 0;           ///< among the group's stocks or distributions
    std::uint32_t place_in_dumper = 0; ///< among its counters

    // What each tick and each dump needs stands together, and with it what the derived have.
    Series series;
    Group* group;
    History history;
    WallTime floor; ///< labels up to this one are taken: what falls into such a bucket is carried into the next
    WallTime last_label = WallTime::min(); ///< of the newest bucket with a value
    bool suspended = false;
    bool holds_readings = false; ///< buckets are doubles, not integers
};

/// The one bucket that a tick in time ends.
struct EndedBucket {
    WallTime label;
    bool partial; ///< it was observed in part
};

struct RateState final : CounterState {
    using CounterState::CounterState;

    [[nodiscard]] Mode mode() const noexcept override { return Mode::rate; }
    [[nodiscard]] std::int64_t running_count() override { return static_cast<std::int64_t>(total() - last); }
    [[nodiscard]] std::uint64_t total() const noexcept;
    std::optional<std::uint64_t> cut() override;
    void rebase() override;
    void lose(std::uint64_t bits) override;
    /// `ended` buckets ended while the total was `now`.
    void close(std::uint64_t ended, std::uint64_t now);
    /// The same for a single bucket, if nothing is special about it; else false.
    bool close_one(const EndedBucket& bucket, std::uint64_t now);
    void carry(std::uint64_t now);

    std::uint32_t id = 0;
    std::uint64_t base = 0;              ///< taken out of folded blocks
    std::atomic<std::uint64_t> spill{0}; ///< added to by threads without cells; no mutex
    std::uint64_t last = 0;              ///< the total up to which buckets have been made
    std::uint64_t carried = 0;           ///< the total up to which counts have been noted as carried
};

struct StockState final : CounterState {
    StockState(Series named, Group& member, const CounterOptions& options, std::uint64_t capacity)
        : CounterState{std::move(named), member, options, capacity}, cell{options.fold},
          hold_at_most{options.hold_at_most} {
        holds_readings = true;
    }

    [[nodiscard]] Mode mode() const noexcept override { return Mode::stock; }
    void add_to(CounterStats& all) const override {
        all.late = late.load(std::memory_order_relaxed);
        all.refused = refused.load(std::memory_order_relaxed);
    }
    std::optional<std::uint64_t> cut() override;
    void rebase() override;
    void lose(std::uint64_t bits) override;
    void close(std::uint64_t ended);
    /// A reading for the ended bucket that starts at `label`. Returns false if that has been emitted or is not known.
    /// While labels wait for wall time the reading goes into the bucket that waits.
    bool amend(WallTime label, double reading);
    /// Whether the bucket at `label` may repeat the held reading, and doing so again from bucket `from` on.
    [[nodiscard]] bool may_repeat(WallTime label) const;
    void repeat_held(std::uint64_t from);
    std::optional<double> take_reading();

    StockCell cell; ///< no mutex
    std::chrono::nanoseconds hold_at_most;
    bool carries = false; ///< the reading in the cell has been noted as carried
    double held = 0;
    std::optional<WallTime> held_at;       ///< label of the bucket of the last reading
    std::atomic<std::uint64_t> late{0};    ///< no mutex
    std::atomic<std::uint64_t> refused{0}; ///< no mutex
};

/// Asks for the memory of the counters that come after the `at`-th: they lie far apart, and a tick or a dump does little with
/// each, so that waiting for them would be most of it.
template <class Counters>
void fetch_ahead(const Counters& counters, std::size_t at) noexcept {
    constexpr std::size_t far = 8;  // the counter, and
    constexpr std::size_t near = 4; // what it points to, for which it has to be there
    if (at + far < counters.size() && counters[at + far] != nullptr) {
        counters[at + far]->fetch();
    }
    if (at + near < counters.size() && counters[at + near] != nullptr) {
        counters[at + near]->fetch_more();
    }
}

/// Ids that lie together, so that the sampler reads them in a row.
struct Chunk {
    static constexpr std::uint32_t size = 512;

    std::uint32_t first_id;
    std::uint32_t high = 0; ///< slots from here on were never used
    std::uint32_t used = 0;
    std::array<RateState*, size> slots{};
};

/// The counters of one clock and granularity.
struct Group {
    Group(Pulse& owner, std::chrono::nanoseconds granularity, const ClockReading& now)
        : pulse{owner}, timeline{granularity, 0, now}, open{timeline.open().time_since_epoch().count()} {}

    /// Returns whether its labels started anew.
    bool tick(const ClockReading& now, ClockStats& stats);

    Pulse& pulse;
    Timeline timeline;
    WallTime amend_from = WallTime::min(); ///< labels before this one are of a time from which wall time was set back
    std::atomic<std::int64_t> open;        ///< timeline.open(), for readers without the mutex
    std::vector<std::unique_ptr<Chunk>> chunks;
    std::vector<StockState*> stocks;
    std::vector<DistributionState*> distributions;
    std::size_t counters = 0;
};

/// Ticks the groups of one clock.
class Pulse final : public clock::Alarm {
public:
    explicit Pulse(Clock& clock) : clock_{clock} {}

    [[nodiscard]] SteadyTime due() const override;
    void ring(const ClockReading& now) override;
    [[nodiscard]] bool is_pulse() const noexcept override { return true; }
    [[nodiscard]] ClockStats stats() const override;

    /// Ticks every group, or those that are due; after a step of wall time every one. A reading older than that of the
    /// last tick is ignored: another thread was faster. Under the registry's mutex.
    void tick(const ClockReading& now, bool all);
    [[nodiscard]] Clock& clock() const noexcept { return clock_; }
    [[nodiscard]] Group& group(std::chrono::nanoseconds granularity, const ClockReading& now);
    void drop(Group& group);
    /// Counts a run of run_every_n_seconds, and those that it missed. Under the registry's mutex.
    void note_run(std::uint64_t missed) noexcept {
        ++stats_.runs;
        stats_.runs_missed += missed;
    }
    /// Remembers up to which label the series of a counter that is about to go has points.
    void note_gone(const CounterState& state, WallTime now);
    /// The label up to which a new counter of this series must not write.
    [[nodiscard]] WallTime taken_by_the_gone(std::string_view series, WallTime now);

    bool attached = false; ///< under the registry's mutex

private:
    Clock& clock_;
    std::map<std::chrono::nanoseconds, std::unique_ptr<Group>> groups_;
    ClockStats stats_;                 // under the registry's mutex
    std::optional<ClockReading> last_; // at which it ticked
    // Of counters that are gone: the newest label, which matters once wall time is set back behind it, and the labels of
    // buckets that have not ended yet, by series.
    WallTime newest_gone_ = WallTime::min();
    struct TakenLabel {
        WallTime label;
        WallTime until;
    };
    std::unordered_map<std::string, TakenLabel> taken_;
    std::size_t purge_at_ = 64;
};

/// The pulse of a clock, made when it is first asked for.
[[nodiscard]] std::shared_ptr<Pulse> pulse_of(Clock& clock);

/// All living counters. Immortal: threads and signal handlers may record until the process is gone.
///
/// Thread safety: its mutex guards everything; taken for ticks, snapshots and births, never for recording.
class Registry {
public:
    [[nodiscard]] static Registry& instance();

    std::mutex mutex;

    RateState& make_rate(Name metric, const CounterOptions& options);
    StockState& make_stock(Name metric, const CounterOptions& options);
    DistributionState& make_distribution(Name metric, const CounterOptions& options);
    /// The counter is gone: what it holds goes to its dumper, if it has one.
    void retire(CounterState& state);

    /// All living counters, oldest first.
    [[nodiscard]] std::vector<CounterState*> living() const;

    /// Takes the counters that nobody dumps, those to come included.
    void set_default_dumper(Dumper* dumper) noexcept { default_dumper_ = dumper; }
    [[nodiscard]] Dumper* default_dumper() const noexcept { return default_dumper_; }

    /// Below the highest id in use.
    [[nodiscard]] std::uint32_t ids() const noexcept { return next_id_; }
    void fold_idle_blocks();

    [[nodiscard]] ProcessStats stats() const noexcept;

private:
    Registry();

    template <class State>
    State& make(Name metric, const CounterOptions& options);
    void enter(RateState& state);
    void enter(StockState& state);
    void enter(DistributionState& state);
    void leave(CounterState& state);

    // The living counters, which it owns. Their series are claimed, so that no text stands there twice.
    CounterState* oldest_ = nullptr;
    CounterState* newest_ = nullptr;
    std::size_t living_ = 0;
    std::vector<RateState*> by_id_;
    std::vector<std::uint32_t> free_chunks_;        // first ids
    std::uint32_t next_id_ = Chunk::size;           // id 0 is nobody's, so the first chunk is not used
    std::vector<DistributionState*> distributions_; // by id less the first; null where it is free
    std::vector<std::uint32_t> free_distributions_; // places there
    std::uint64_t folded_orphans_ = 0;
    std::int64_t counts_undumped_ = 0;
    Dumper* default_dumper_ = nullptr;
};

/// Adds to the total shared by all threads; `counter` may be null.
void add_to_spill(RateState* counter, std::uint64_t n) noexcept;

} // namespace tickertape::counter
