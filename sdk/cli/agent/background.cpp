// SPDX-License-Identifier: MIT
#include "cli/agent/background.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <iterator>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include <tickertape/name.hpp>

#include "base/diagnostics.hpp"
#include "base/threads.hpp"

namespace tickertape::cli::agent {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_at_once = 4'096;    // points of one call
constexpr std::chrono::milliseconds gather{5}; // between two calls, so that many small pieces wake the thread once
constexpr std::chrono::milliseconds again_after{50};      // while the transmitter takes no points
constexpr std::chrono::milliseconds longest_flush{1'000}; // of one call, so that new points have their turn

} // namespace

struct Background::State {
    using Lock = std::unique_lock<std::mutex>;

    State(Make how, std::size_t most, std::function<void()> call, Passing who)
        : make{std::move(how)}, limit{most}, on_close{std::move(call)}, passing{who} {}

    void run();
    /// Calls the transmitter without the mutex, and records when the call began. Reports an exception, and returns false then.
    template <class F>
    bool call(Lock& lock, F f);
    [[nodiscard]] std::optional<AnyTransmitter> made(Lock& lock);
    void hand_over(AnyTransmitter& transmitter, Lock& lock);
    void flush(AnyTransmitter& transmitter, Lock& lock);
    void close(Lock& lock);
    [[nodiscard]] bool pass_on(std::span<const Point> points, Lock& lock);
    [[nodiscard]] bool keep(std::span<const Point> points);

    const Make make;
    const std::size_t limit;
    const std::function<void()> on_close;
    const Passing passing;

    mutable std::mutex mutex;
    std::condition_variable wake;
    std::condition_variable done;
    AnyTransmitter* direct = nullptr; // the caller passes points to it
    std::deque<Point> waiting;
    std::size_t in_hand = 0; // points of the current call
    Counts counts;
    std::string failure;
    bool is_misused = false; // the failure is a UsageError
    std::optional<SteadyTime> busy_since;
    std::optional<SteadyTime> flush_by;
    bool was_flushed = false;
    bool is_spooling = false;
    bool is_closed = false;
    bool ends = false;
    bool is_over = false;
    // Only the thread uses these:
    std::vector<Point> batch;
    SteadyTime handed_over{};
};

void Background::State::run() {
    Lock lock{mutex};
    std::optional<AnyTransmitter> transmitter = made(lock);
    if (!transmitter) {
        close(lock);
    }
    while (true) {
        // After the points that have waited for it.
        direct = passing == Passing::by_caller && transmitter && waiting.empty() ? &*transmitter : nullptr;
        const auto is_urgent = [this] { return ends || flush_by || waiting.size() >= most_at_once; };
        wake.wait(lock, [&] { return is_urgent() || !waiting.empty(); });
        wake.wait_until(lock, handed_over + gather, is_urgent);
        if (!waiting.empty()) {
            hand_over(*transmitter, lock);
        } else if (flush_by) {
            flush(*transmitter, lock);
        } else if (ends) {
            break;
        }
    }
    direct = nullptr;
    call(lock, [&] { transmitter.reset(); });
    is_over = true;
    done.notify_all();
}

template <class F>
bool Background::State::call(Lock& lock, F f) {
    busy_since = std::chrono::steady_clock::now();
    lock.unlock();
    bool has_failed = false;
    try {
        f();
    } catch (const std::exception& error) { // such as a file on a full disk
        has_failed = true;
        base::report(error.what());
    }
    lock.lock();
    busy_since.reset();
    return !has_failed;
}

std::optional<AnyTransmitter> Background::State::made(Lock& lock) {
    std::optional<AnyTransmitter> transmitter;
    std::string why;
    bool is_usage = false;
    call(lock, [&] {
        try {
            transmitter.emplace(make());
        } catch (const std::exception& error) {
            why = error.what();
            is_usage = dynamic_cast<const UsageError*>(&error) != nullptr;
        }
    });
    failure = std::move(why);
    is_misused = is_usage;
    return transmitter;
}

void Background::State::hand_over(AnyTransmitter& transmitter, Lock& lock) {
    const auto end = waiting.begin() + static_cast<std::ptrdiff_t>(std::min(waiting.size(), most_at_once));
    batch.assign(std::make_move_iterator(waiting.begin()), std::make_move_iterator(end));
    waiting.erase(waiting.begin(), end);
    in_hand = batch.size();
    Outcome outcome;
    const bool has_answered = call(lock, [&] { outcome = transmitter.publish(batch); });
    in_hand = 0;
    if (!has_answered) {
        counts.failed += batch.size();
    } else {
        counts.passed += outcome.retry_from;
        is_spooling = outcome.retry_from > 0 ? outcome.spooled >= outcome.accepted() : is_spooling;
        const auto rest = batch.begin() + static_cast<std::ptrdiff_t>(outcome.retry_from);
        waiting.insert(waiting.begin(), std::make_move_iterator(rest), std::make_move_iterator(batch.end()));
        if (outcome.closed || (ends && outcome.retry_from == 0)) {
            close(lock);
        } else if (outcome.retry_from == 0) {
            wake.wait_for(lock, again_after, [this] { return ends; });
        }
    }
    batch.clear();
    handed_over = std::chrono::steady_clock::now();
}

void Background::State::flush(AnyTransmitter& transmitter, Lock& lock) {
    const SteadyTime now = std::chrono::steady_clock::now();
    const SteadyTime until = std::min<SteadyTime>(*flush_by, now + longest_flush);
    bool is_flushed = false;
    const bool has_answered = call(lock, [&] { is_flushed = transmitter.flush(until); });
    if (is_flushed || !has_answered || std::chrono::steady_clock::now() >= *flush_by) {
        was_flushed = is_flushed;
        flush_by.reset();
        done.notify_all();
    }
}

/// Drops the waiting points, and reports that no more are taken.
void Background::State::close(Lock& lock) {
    counts.dropped += waiting.size();
    waiting.clear();
    flush_by.reset();
    done.notify_all();
    if (!std::exchange(is_closed, true) && !ends) {
        lock.unlock();
        on_close();
        lock.lock();
    }
}

/// Passes points on without the thread. Those that the transmitter does not take wait for the thread, which finds the reason. Returns
/// whether it has to wake up.
bool Background::State::pass_on(std::span<const Point> points, Lock& lock) {
    counts.taken += points.size();
    Outcome outcome;
    try {
        outcome = direct->publish(points);
    } catch (const std::exception& error) {
        counts.failed += points.size();
        lock.unlock();
        base::report(error.what());
        return false;
    }
    counts.passed += outcome.retry_from;
    if (outcome.retry_from == points.size()) {
        return false;
    }
    direct = nullptr;
    waiting.insert(waiting.end(), points.begin() + static_cast<std::ptrdiff_t>(outcome.retry_from), points.end());
    return true;
}

/// Keeps points for the thread. Returns whether it has to wake up.
bool Background::State::keep(std::span<const Point> points) {
    counts.taken += points.size();
    const std::span<const Point> last = points.last(std::min(points.size(), limit));
    const std::size_t room = limit - std::min(limit, waiting.size());
    const std::size_t old = std::min(waiting.size(), last.size() - std::min(last.size(), room));
    waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(old));
    counts.dropped += old + points.size() - last.size();
    const std::size_t before = waiting.size();
    waiting.insert(waiting.end(), last.begin(), last.end());
    return before == 0 || (before < most_at_once && waiting.size() >= most_at_once);
}

Background::Background(Make make, std::size_t limit, std::function<void()> on_close, Passing passing)
    : state_{std::make_shared<State>(std::move(make), limit, std::move(on_close), passing)},
      thread_{base::make_quiet_thread("tt-background", [state = state_] { state->run(); })} {}

Background::~Background() { end(SteadyTime::min()); }

Outcome Background::publish(std::span<const Point> points) {
    State::Lock lock{state_->mutex};
    if (state_->is_closed || state_->ends) {
        return {.closed = true};
    }
    const bool wake = state_->direct != nullptr ? state_->pass_on(points, lock) : state_->keep(points);
    if (lock.owns_lock()) {
        lock.unlock();
    }
    if (wake) {
        state_->wake.notify_one();
    }
    return Outcome::all(points);
}

bool Background::flush(SteadyTime deadline) {
    State::Lock lock{state_->mutex};
    if (state_->is_closed || state_->ends) {
        return false;
    }
    state_->flush_by = deadline;
    state_->was_flushed = false;
    state_->wake.notify_one();
    return state_->done.wait_until(lock, deadline, [this] { return !state_->flush_by; }) && state_->was_flushed;
}

bool Background::end(SteadyTime deadline) {
    if (!thread_.joinable()) {
        return true;
    }
    State::Lock lock{state_->mutex};
    state_->ends = true;
    state_->wake.notify_one();
    const bool is_over = state_->done.wait_until(lock, deadline, [this] { return state_->is_over; });
    if (!is_over) {
        state_->counts.dropped += state_->waiting.size() + state_->in_hand;
        state_->waiting.clear();
    }
    lock.unlock();
    if (is_over) {
        thread_.join();
    } else {
        thread_.detach();
    }
    return is_over;
}

Background::Counts Background::counts() const {
    const std::lock_guard lock{state_->mutex};
    return state_->counts;
}

std::string Background::failure() const {
    const std::lock_guard lock{state_->mutex};
    return state_->failure;
}

bool Background::is_misused() const {
    const std::lock_guard lock{state_->mutex};
    return state_->is_misused;
}

bool Background::is_spooling() const {
    const std::lock_guard lock{state_->mutex};
    return state_->is_spooling;
}

SteadyTime::duration Background::busy_for() const {
    const std::lock_guard lock{state_->mutex};
    return state_->busy_since ? std::chrono::steady_clock::now() - *state_->busy_since : SteadyTime::duration::zero();
}

} // namespace tickertape::cli::agent
