// SPDX-License-Identifier: MIT
/// \file
/// The handles that a Telemeter creates: counters, gauges and timers.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

#include <tickertape/counter_cells.hpp>
#include <tickertape/distribution_cells.hpp>
#include <tickertape/tags.hpp>
#include <tickertape/time.hpp>
#include <tickertape/value.hpp>

namespace tickertape {

class TelemeterTimer;

namespace telemeter {

class TelemeterCore;
struct TelemeterMetric;
struct Track;

/// The common part of all handles: a metric of a Telemeter. A handle keeps the Telemeter's core alive.
class TelemeterHandle {
protected:
    TelemeterHandle(std::shared_ptr<TelemeterCore> core, TelemeterMetric& metric) noexcept
        : core_{std::move(core)}, metric_{&metric} {}

    void record(std::optional<Value> value) const noexcept;
    void record(std::optional<Value> value, std::initializer_list<Tag> tags) const noexcept;
    void record(std::optional<Value> value, const Tags& tags) const noexcept;

    /// The place where a call with these tags is recorded; null if the call is not recorded.
    [[nodiscard]] Track* track() const noexcept;
    [[nodiscard]] Track* track(std::initializer_list<Tag> tags) const noexcept;
    [[nodiscard]] Track* track(const Tags& tags) const noexcept;

    [[nodiscard]] const std::shared_ptr<TelemeterCore>& core() const noexcept { return core_; }

private:
    std::shared_ptr<TelemeterCore> core_;
    TelemeterMetric* metric_; // the core's
};

/// Measures the time until the end of its scope, also if an exception ends it, and records it.
///
/// Thread safety: one thread at a time.
class [[nodiscard]] Timing {
public:
    Timing(const Timing&) = delete;
    Timing& operator=(const Timing&) = delete;
    ~Timing();

private:
    friend class tickertape::TelemeterTimer;
    Timing(std::shared_ptr<TelemeterCore> core, Track* track, const counter::Recorder& buckets = {}) noexcept;

    std::shared_ptr<TelemeterCore> core_;
    Track* track_;              // null: it is not recorded
    counter::Recorder buckets_; // if it has any, the time goes there
    SteadyTime start_;
};

} // namespace telemeter

/// Counts events: each call is a point with the whole number that it adds. A bucketed counter adds to a MetricCounter instead, except
/// for calls with their own tags.
///
/// A call takes a lock for a moment, and allocates only if its tags are new. A call of a bucketed counter does neither.
///
/// Thread safety: a value; distinct objects, and one object by calls of const members, may be used from any thread.
class TelemeterCounter : private telemeter::TelemeterHandle {
public:
    void inc() const noexcept { add(1); }
    void inc(std::initializer_list<Tag> tags) const noexcept { add(1, tags); }
    void inc(const Tags& tags) const noexcept { add(1, tags); }
    void dec() const noexcept { add(-1); }
    void dec(std::initializer_list<Tag> tags) const noexcept { add(-1, tags); }
    void dec(const Tags& tags) const noexcept { add(-1, tags); }
    void add(std::int64_t n) const noexcept {
        if (id_ != no_buckets) {
            counter::add(rate_, id_, static_cast<std::uint64_t>(n));
        } else {
            record(Value{n});
        }
    }
    void add(std::int64_t n, std::initializer_list<Tag> tags) const noexcept { record(Value{n}, tags); }
    void add(std::int64_t n, const Tags& tags) const noexcept { record(Value{n}, tags); }
    /// A fraction does not compile: it would be cut off.
    template <std::floating_point Number>
    void add(Number n, std::initializer_list<Tag> /*tags*/ = {}) const noexcept {
        static_assert(sizeof(n) == 0, "a counter counts whole numbers: count in a smaller unit (bytes, not gigabytes), "
                                      "round the number, or use Telemeter::record, a gauge or a timer");
    }
    template <std::floating_point Number>
    void add(Number n, const Tags& /*tags*/) const noexcept {
        add(n);
    }

private:
    friend class Telemeter;
    static constexpr std::uint32_t no_buckets = UINT32_MAX;

    /// `rate` is that of the metric's MetricCounter, or null.
    TelemeterCounter(std::shared_ptr<telemeter::TelemeterCore> core, telemeter::TelemeterMetric& metric,
                     counter::RateState* rate) noexcept;

    counter::RateState* rate_;
    std::uint32_t id_; // of its cells, or `no_buckets`; one load is enough for a call
};

/// Records the current value of something: each call is a point. nan and infinities are refused and counted.
///
/// A call takes a lock for a moment, and allocates only if its tags are new.
///
/// Thread safety: a value; distinct objects, and one object by calls of const members, may be used from any thread.
class TelemeterGauge : private telemeter::TelemeterHandle {
public:
    template <class Number>
        requires(std::is_arithmetic_v<Number> && !std::same_as<Number, bool>)
    void value(Number value, std::initializer_list<Tag> tags) const noexcept {
        record(Value::checked(value), tags);
    }
    template <class Number>
        requires(std::is_arithmetic_v<Number> && !std::same_as<Number, bool>)
    void value(Number value, const Tags& tags) const noexcept {
        record(Value::checked(value), tags);
    }
    template <class Number>
        requires(std::is_arithmetic_v<Number> && !std::same_as<Number, bool>)
    void value(Number value) const noexcept {
        record(Value::checked(value));
    }

private:
    friend class Telemeter;
    using TelemeterHandle::TelemeterHandle;
};

/// Measures how long something takes, in seconds: `{ const auto t = timer.timeit(); work(); }`.
///
/// A measurement reads the steady clock twice. It takes a lock for a moment at its end, and at its beginning if it has its own
/// tags, and allocates only if these are new. A bucketed timer takes no lock, except for calls with their own tags.
///
/// Thread safety: a value; distinct objects, and one object by calls of const members, may be used from any thread.
class TelemeterTimer : private telemeter::TelemeterHandle {
public:
    [[nodiscard]] telemeter::Timing timeit() const noexcept { return {core(), track(), buckets_}; }
    [[nodiscard]] telemeter::Timing timeit(std::initializer_list<Tag> tags) const noexcept {
        return {core(), track(tags), tags.size() == 0 ? buckets_ : counter::Recorder{}};
    }
    [[nodiscard]] telemeter::Timing timeit(const Tags& tags) const noexcept {
        return {core(), track(tags), tags.empty() ? buckets_ : counter::Recorder{}};
    }

    /// Records a duration that you measured yourself.
    void took(std::chrono::duration<double> time) const noexcept {
        if (buckets_.shared != nullptr) {
            counter::record(buckets_, time.count());
        } else {
            record(Value::checked(time.count()));
        }
    }
    void took(std::chrono::duration<double> time, std::initializer_list<Tag> tags) const noexcept {
        record(Value::checked(time.count()), tags);
    }
    void took(std::chrono::duration<double> time, const Tags& tags) const noexcept {
        record(Value::checked(time.count()), tags);
    }

private:
    friend class Telemeter;
    TelemeterTimer(std::shared_ptr<telemeter::TelemeterCore> core, telemeter::TelemeterMetric& metric) noexcept;

    counter::Recorder buckets_; // of the metric's distribution, if it has one
};

} // namespace tickertape
