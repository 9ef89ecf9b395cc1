// SPDX-License-Identifier: MIT
#include <tickertape/per_second.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/concat.hpp"
#include "base/diagnostics.hpp"
#include "base/forks.hpp"
#include "base/log.hpp"
#include "clock/alarm.hpp"
#include "stage/backlog.hpp"
#include "stage/second_cell.hpp"

namespace tickertape {

namespace {

using stage::SecondCell;

// A second is sent this long after its end, because a thread may have read the time and not handed over its value yet.
constexpr std::chrono::milliseconds grace{50};
constexpr std::chrono::seconds longest_last_flush{3};
constexpr std::size_t most_at_once = 4096;
// Flushes may move timestamps at most this many seconds ahead of time. Further ahead they would start anew.
constexpr std::int64_t most_ahead = SecondCell::most_behind / 2;

PerSecondOptions checked(const PerSecondOptions& options) {
    if (options.max_series == 0) {
        throw UsageError{"the max_series of PerSecond is 0; it is at least 1"};
    }
    if (options.max_held == 0) {
        throw UsageError{"the max_held of PerSecond is 0; it is at least 1"};
    }
    return options;
}

std::int64_t second_of(WallTime time) noexcept {
    return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

} // namespace

struct PerSecond::State final : clock::Alarm {
    State(AnyTransmitter transmitter, const PerSecondOptions& given)
        : options{checked(given)}, clock{given.clock == nullptr ? Clock::system() : *given.clock},
          inner{std::move(transmitter)}, next_ring{clock.read().steady}, backlog{options.max_held} {}

    [[nodiscard]] SteadyTime due() const override { return next_ring; }
    void ring(const Clock::Reading& now) override;
    [[nodiscard]] const char* thread_name() const noexcept override { return "tt-second"; }

    /// Publishes the ready points; returns whether nothing is left. Call it with the turn.
    bool deliver();

    // Under the mutex:
    /// Returns the reason if the point is not taken.
    [[nodiscard]] std::optional<Reason> take(const Point& point);
    SecondCell* find_or_make(const Point& point);
    /// Closes the cells for which `is_over` returns true.
    template <class IsOver>
    void close(IsOver is_over);
    void hold();
    void settle(const Outcome& outcome);

    const PerSecondOptions options;
    Clock& clock;
    const base::Forks forks;
    AnyTransmitter inner; // only the thread that has the turn uses it
    std::atomic<SteadyTime> next_ring;

    std::mutex mutex;
    std::condition_variable turn_changed;
    std::thread::id turn; // the thread that publishes, if any
    std::unordered_map<Series, SecondCell> cells;
    std::vector<SecondCell*> open;
    std::int64_t room_made = 0;           // in that second
    std::int64_t next_of_new = INT64_MIN; // of a new cell, because its series may be a forgotten one
    std::vector<Point> closed;            // closed by the current call
    stage::Backlog backlog;               // to be published; the thread that has the turn reads its batch
    PerSecond::Stats stats;
};

/// The right to call the inner transmitter. `taken` returns false if it was not free before the deadline.
class PerSecond::Turn {
public:
    Turn(State& state, SteadyTime deadline) : state_{state} {
        std::unique_lock lock{state.mutex};
        if (state.turn != std::this_thread::get_id()) { // otherwise the inner transmitter has called this
            taken_ = state.turn_changed.wait_until(lock, deadline, [&] { return state.turn == std::thread::id{}; });
        }
        state.turn = taken_ ? std::this_thread::get_id() : state.turn;
    }
    ~Turn() {
        if (taken_) {
            const std::lock_guard lock{state_.mutex};
            state_.turn = {};
            state_.turn_changed.notify_one();
        }
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    [[nodiscard]] bool taken() const noexcept { return taken_; }

private:
    State& state_;
    bool taken_ = false;
};

void PerSecond::State::ring(const Clock::Reading& now) {
    if (forks.is_child()) {
        next_ring = clock::never;
        return;
    }
    const std::int64_t running = second_of(now.wall);
    {
        const std::lock_guard lock{mutex};
        // A timestamp far ahead comes from before the clock was set back.
        close([running](const SecondCell& cell) {
            return cell.second() < running || cell.second() > running + SecondCell::most_behind;
        });
    }
    if (const Turn mine{*this, SteadyTime{}}; mine.taken()) {
        deliver();
    }
    const Clock::Reading after = clock.read();
    next_ring = after.steady + (WallTime{std::chrono::seconds{second_of(after.wall) + 1}} - after.wall) + grace;
}

SecondCell* PerSecond::State::find_or_make(const Point& point) {
    const Series& series = point.series();
    if (const auto found = cells.find(series); found != cells.end()) {
        return &found->second;
    }
    if (const std::int64_t second = second_of(point.time());
        cells.size() >= options.max_series && room_made != second) {
        room_made = second; // once a second: going through all of them takes time
        std::erase_if(cells, [&](const auto& known) {
            const bool is_idle = !known.second.is_open() && known.second.next() <= second;
            next_of_new = is_idle ? std::max(next_of_new, known.second.next()) : next_of_new;
            return is_idle;
        });
    }
    return cells.size() >= options.max_series ? nullptr : &cells.try_emplace(series, series, next_of_new).first->second;
}

std::optional<Reason> PerSecond::State::take(const Point& point) {
    if (point.series().merge() == SeriesOptions::Merge::none) {
        ++stats.values;
        closed.push_back(point);
        hold();
        return std::nullopt;
    }
    if (!SecondCell::has_timestamps(point.time())) {
        return Reason::bad_time;
    }
    SecondCell* const cell = find_or_make(point);
    if (cell == nullptr) {
        ++stats.over_limit;
        return Reason::over_limit;
    }
    ++stats.values;
    const bool was_open = cell->is_open();
    switch (cell->take(point.time(), point.value(), closed)) {
    case SecondCell::Taken::in_time: break;
    case SecondCell::Taken::late: ++stats.late; break;
    case SecondCell::Taken::reanchored:
        ++stats.reanchored;
        next_of_new = INT64_MIN; // it was from before the clock was set back
        break;
    }
    if (!was_open) {
        open.push_back(cell);
    }
    if (!closed.empty()) {
        stats.not_finite += cell->was_not_finite() ? 1 : 0;
        hold();
    }
    return std::nullopt;
}

template <class IsOver>
void PerSecond::State::close(IsOver is_over) {
    std::erase_if(open, [&](SecondCell* cell) {
        if (!is_over(*cell)) {
            return false;
        }
        cell->close(closed);
        stats.not_finite += cell->was_not_finite() ? 1 : 0;
        return true;
    });
    hold();
}

void PerSecond::State::hold() {
    for (Point& point : closed) {
        backlog.push(std::move(point));
    }
    closed.clear();
}

void PerSecond::State::settle(const Outcome& outcome) {
    stats.sent += outcome.accepted();
    stats.refused += outcome.rejected.size();
    backlog.settle(outcome.retry_from);
    if (outcome.closed) { // for good
        backlog.give_up();
    }
}

bool PerSecond::State::deliver() {
    std::unique_lock lock{mutex};
    bool is_moving = true;
    while (is_moving && !backlog.empty()) {
        const std::span<const Point> batch = backlog.lend(most_at_once);
        lock.unlock();
        Outcome outcome;
        try {
            outcome = inner.publish(batch);
        } catch (const std::exception& error) {
            // Message: per second: points cannot be published (REASON): they wait
            // Cause: The transmitter behind a PerSecond stage threw an exception.
            // Remedy: Look at the reason. The points are published later.
            base::report(base::concat("per second: points cannot be published (", error.what(), "): they wait"));
        } catch (...) {
            // Message: per second: points cannot be published (unknown exception): they wait
            // Cause: The transmitter behind a PerSecond stage threw something that is no std::exception.
            // Remedy: Correct the transmitter.
            base::report("per second: points cannot be published (unknown exception): they wait");
        }
        lock.lock();
        settle(outcome);
        is_moving = outcome.retry_from > 0 && !outcome.closed;
    }
    return is_moving;
}

PerSecond::PerSecond(AnyTransmitter inner, const PerSecondOptions& options)
    : state_{std::make_shared<State>(std::move(inner), options)} {
    state_->clock.attach(state_);
}

PerSecond::PerSecond(PerSecond&&) noexcept = default;

PerSecond& PerSecond::operator=(PerSecond&& other) noexcept {
    if (this != &other) {
        end();
        state_ = std::move(other.state_);
    }
    return *this;
}

PerSecond::~PerSecond() { end(); }

void PerSecond::end() noexcept {
    if (!state_) {
        return;
    }
    if (state_->forks.is_child()) {
        base::keep_for_ever(std::move(state_));
        return;
    }
    try {
        state_->clock.detach(*state_, SteadyTime::max());
        {
            const std::lock_guard lock{state_->mutex};
            state_->close([](const SecondCell& /*cell*/) { return true; });
        }
        const Turn turn{*state_, SteadyTime::max()};
        if (turn.taken()) {
            state_->deliver();
        }
        if (turn.taken() && !state_->inner.traits().takes_at_once) { // otherwise it flushes itself when it ends
            static_cast<void>(state_->inner.flush(std::chrono::steady_clock::now() + longest_last_flush));
        }
        const std::lock_guard lock{state_->mutex};
        if (const std::size_t left = state_->backlog.size(); left > 0) {
            // Message: per second: the transmitter did not take NUMBER points of the last seconds: they are lost
            // Cause: The transmitter behind a PerSecond stage refused them at the end.
            // Remedy: Give the transmitter more room, or end it later.
            base::log_always(base::Level::error, base::concat("per second: the transmitter did not take ", left,
                                                              " points of the last seconds: they are lost"));
        }
    } catch (const std::exception& error) {
        // Message: per second: the end failed (REASON): points of the last second may be lost
        // Cause: The transmitter behind a PerSecond stage threw an exception while the stage ended.
        // Remedy: Look at the reason.
        base::log(base::Level::error, base::concat("per second: the end failed (", error.what(),
                                                   "): points of the last second may be lost"));
    } catch (...) {
        // Message: per second: the end failed (unknown exception): points of the last second may be lost
        // Cause: The transmitter threw something that is no std::exception while the stage ended.
        // Remedy: Correct the transmitter.
        base::log(base::Level::error,
                  "per second: the end failed (unknown exception): points of the last second may be lost");
    }
    state_.reset();
}

Outcome PerSecond::publish(std::span<const Point> points) {
    State& state = *state_;
    if (state.forks.is_child()) {
        return {.closed = true};
    }
    Outcome outcome;
    const std::lock_guard lock{state.mutex};
    for (; outcome.retry_from < points.size(); ++outcome.retry_from) {
        try {
            if (const auto reason = state.take(points[outcome.retry_from])) {
                outcome.rejected.push_back({outcome.retry_from, *reason});
            }
        } catch (const UsageError& error) { // of the names that a timing makes
            base::report(error.what());
            outcome.rejected.push_back({outcome.retry_from, Reason::line_too_long});
        }
    }
    return outcome;
}

bool PerSecond::flush(SteadyTime deadline) {
    State& state = *state_;
    if (state.forks.is_child()) {
        return false;
    }
    const Turn turn{state, deadline};
    if (!turn.taken()) {
        return false;
    }
    bool is_all = false;
    {
        const std::int64_t latest = second_of(state.clock.read().wall) + most_ahead;
        const std::lock_guard lock{state.mutex};
        state.close([latest](const SecondCell& cell) { return cell.second() <= latest; });
        is_all = state.open.empty();
    }
    return state.deliver() && state.inner.flush(deadline) && is_all;
}

PerSecond::Stats PerSecond::stats() const {
    if (state_->forks.is_child()) {
        return {};
    }
    const std::lock_guard lock{state_->mutex};
    PerSecond::Stats stats = state_->stats;
    stats.dropped = state_->backlog.dropped();
    stats.held = state_->backlog.size();
    return stats;
}

} // namespace tickertape
