// SPDX-License-Identifier: MIT
#include "detail/dumper.hpp"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <string>
#include <thread>
#include <utility>

#include "detail/diagnostics.hpp"
#include "detail/threads.hpp"

namespace tickertape::detail {

namespace {

constexpr std::size_t batch_size = 4096; // points; a dump of many counters is not built in memory at once
constexpr std::size_t most_adopted = 100'000;
constexpr std::chrono::milliseconds retry_after{250};
constexpr std::chrono::milliseconds retry_at_the_end{20};
constexpr std::chrono::milliseconds last_moment{50}; // for what ends at the deadline to say so

/// The living dumpers, for the end of the process. Immortal.
struct Dumpers {
    std::mutex mutex;
    std::vector<std::weak_ptr<Dumper>> all;

    static Dumpers& instance() {
        static Dumpers* const immortal = new Dumpers;
        return *immortal;
    }
};

void flush_at_exit() { finish_all_dumps(std::chrono::steady_clock::now() + autodump::default_deadline); }

} // namespace

/// One at a time publishes. Waits for the turn until a deadline on the machine's steady clock.
class Dumper::Turn {
public:
    Turn(Dumper& dumper, SteadyTime deadline) : dumper_{dumper} {
        std::unique_lock lock{dumper.mutex_};
        taken_ = dumper.turn_changed_.wait_until(lock, deadline, [&] { return !dumper.turn_taken_; });
        dumper.turn_taken_ |= taken_;
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
        if (taken_) {
            const std::lock_guard lock{dumper_.mutex_};
            dumper_.turn_taken_ = false;
            dumper_.turn_changed_.notify_all();
        }
    }
    [[nodiscard]] bool taken() const noexcept { return taken_; }

private:
    Dumper& dumper_;
    bool taken_ = false;
};

Dumper::Dumper(AnyTransmitter transmitter, Clock& clock) : clock_{clock}, transmitter_{std::move(transmitter)} {}

void Dumper::claim(CounterState& state) {
    state.dumper = this;
    state.place_in_dumper = counters_.size();
    counters_.push_back(&state);
    if (!due_.contains(state.timespan)) {
        const ClockReading now = clock_.read();
        due_[state.timespan] = now.steady + (bucket_start(now.wall, state.timespan) + state.timespan - now.wall);
    }
}

void Dumper::claim_all_living() {
    takes_all_ = true;
    Registry& registry = Registry::instance();
    registry.set_default_dumper(this);
    for (CounterState* const state : registry.living()) {
        if (state->dumper == nullptr && &state->group->pulse.clock() == &clock_) {
            claim(*state);
        }
    }
}

void Dumper::forget(CounterState& state) {
    // Nobody else is moved: a dump may be on its way through the counters.
    state.dumper = nullptr;
    counters_[state.place_in_dumper] = nullptr;
    ++vacant_;
}

void Dumper::close_ranks() {
    if (vacant_ <= 64 || vacant_ <= counters_.size() / 2) {
        return;
    }
    std::erase(counters_, nullptr);
    vacant_ = 0;
    for (std::size_t i = 0; i < counters_.size(); ++i) {
        counters_[i]->place_in_dumper = i;
    }
}

void Dumper::adopt(std::vector<Point> points, SteadyTime bucket_end) {
    end_of_the_gone_ = std::max(end_of_the_gone_, bucket_end);
    const std::size_t room = most_adopted - std::min(most_adopted, adopted_.size());
    if (points.size() > room) {
        unsent_of_the_gone_ += points.size() - room;
        points.erase(points.begin() + static_cast<std::ptrdiff_t>(room), points.end());
    }
    std::move(points.begin(), points.end(), std::back_inserter(adopted_));
}

SteadyTime Dumper::due() const {
    if (is_inert_fork()) {
        return never;
    }
    SteadyTime due = never;
    {
        const std::lock_guard lock{Registry::instance().mutex};
        for (const auto& [timespan, when] : due_) {
            due = std::min(due, when);
        }
    }
    const std::lock_guard lock{mutex_};
    return finishing_ || report_.closed ? never : std::min(due, retry_);
}

void Dumper::ring(const ClockReading& now) {
    std::vector<std::chrono::nanoseconds> timespans;
    {
        const std::lock_guard lock{Registry::instance().mutex};
        for (auto& [timespan, when] : due_) {
            if (when <= now.steady) {
                timespans.push_back(timespan);
                when = now.steady + (bucket_start(now.wall, timespan) + timespan - now.wall);
            }
        }
    }
    {
        const std::lock_guard lock{mutex_};
        if (finishing_ || turn_taken_) {
            return; // the latter if publishing itself moves a manual clock: the next dump has what this one would have had
        }
        turn_taken_ = true;
    }
    // After a failure whatever is complete goes out, as soon as it can.
    const bool all = publish(now, behind_ ? nullptr : &timespans);
    behind_ = !all;
    const std::lock_guard lock{mutex_};
    retry_ = all ? never : now.steady + retry_after;
    turn_taken_ = false;
    turn_changed_.notify_all();
}

bool Dumper::publish(const ClockReading& now, const std::vector<std::chrono::nanoseconds>* timespans,
                     std::optional<WallTime> cut) {
    {
        const std::lock_guard lock{Registry::instance().mutex};
        clock_.pulse()->tick(now, true);
    }
    std::size_t next = 0;
    while (true) {
        if (!batch_.empty() && !send_batch()) {
            return false;
        }
        gather(timespans, cut, next);
        if (batch_.empty()) {
            return true;
        }
    }
}

void Dumper::gather(const std::vector<std::chrono::nanoseconds>* timespans, std::optional<WallTime> cut,
                    std::size_t& next) {
    const std::lock_guard lock{Registry::instance().mutex};
    if (next == 0) {
        close_ranks(); // not later: `next` counts places
    }
    // The points of counters that are gone come first: a living one may have taken over the series.
    const std::size_t adopted = std::min(batch_size, adopted_.size());
    std::move(adopted_.begin(), adopted_.begin() + static_cast<std::ptrdiff_t>(adopted), std::back_inserter(batch_));
    adopted_.erase(adopted_.begin(), adopted_.begin() + static_cast<std::ptrdiff_t>(adopted));
    for (; next < counters_.size() && batch_.size() < batch_size; ++next) {
        CounterState* const state = counters_[next];
        if (state == nullptr || (timespans != nullptr && std::find(timespans->begin(), timespans->end(),
                                                                   state->timespan) == timespans->end())) {
            continue;
        }
        collect(*state, batch_size - batch_.size(), batch_, nullptr);
        if (state->history.cursor() != state->history.end()) {
            break; // the batch is full
        }
        if (cut && state->group->timeline.open() <= *cut) {
            collect_cut(*state, batch_);
        }
    }
}

bool Dumper::send_batch() {
    Outcome outcome;
    try {
        outcome = transmitter_.publish(batch_);
    } catch (const std::exception& error) {
        detail::report(error.what());
    } catch (...) {
        detail::report("a transmitter failed with an unknown exception; its points are published again");
    }
    for (const Rejection& rejection : outcome.rejected) {
        detail::report("points of '" + std::string{batch_[rejection.index].series().text()} +
                       "' are dropped: " + std::string{describe(rejection.reason)});
    }
    batch_.erase(batch_.begin(), batch_.begin() + static_cast<std::ptrdiff_t>(outcome.retry_from));
    const std::lock_guard lock{mutex_};
    report_.accepted += outcome.accepted();
    report_.rejected += outcome.rejected.size();
    if (outcome.closed) {
        report_.closed = true;
        report_.unsent += batch_.size();
        batch_.clear();
        return false;
    }
    if (!batch_.empty()) {
        ++report_.failures;
        return false;
    }
    return true;
}

void Dumper::start() {
    Dumpers& dumpers = Dumpers::instance();
    {
        const std::lock_guard lock{dumpers.mutex};
        static const int registered = std::atexit(&flush_at_exit);
        static_cast<void>(registered);
        std::erase_if(dumpers.all, [](const auto& dumper) { return dumper.expired(); });
        dumpers.all.push_back(weak_from_this());
    }
    clock_.attach(shared_from_this());
}

WallTime Dumper::newest_running() const {
    const std::lock_guard lock{Registry::instance().mutex};
    clock_.pulse()->tick(clock_.read(), true);
    WallTime newest = WallTime::min();
    for (const CounterState* const state : counters_) {
        if (state != nullptr) {
            newest = std::max(newest, state->group->timeline.open());
        }
    }
    return newest;
}

SteadyTime Dumper::end_of_fine_buckets() const {
    const std::lock_guard lock{Registry::instance().mutex};
    SteadyTime end = end_of_the_gone_;
    for (const CounterState* const state : counters_) {
        if (state != nullptr && state->group->timeline.granularity() <= std::chrono::seconds{1}) {
            end = std::max(end, state->group->timeline.due());
        }
    }
    return end;
}

DumpReport Dumper::finish(SteadyTime deadline) {
    // Waiting for others is real; waiting for buckets to end goes by the clock, which may be a manual one.
    const SteadyTime real_deadline = std::chrono::steady_clock::now() + (deadline - clock_.read().steady);
    {
        const std::lock_guard lock{mutex_};
        finishing_ = true;
    }
    // On a thread of its own, which is left alone if the transmitter blocks: it keeps all that it uses.
    struct Done {
        std::mutex mutex;
        std::condition_variable changed;
        bool done = false;
    };
    const auto done = std::make_shared<Done>();
    std::thread worker = make_quiet_thread("tt-finish", [self = shared_from_this(), done, deadline, real_deadline] {
        self->finish_now(deadline, real_deadline);
        const std::lock_guard lock{done->mutex};
        done->done = true;
        done->changed.notify_all();
    });
    std::unique_lock lock{done->mutex};
    const bool in_time = done->changed.wait_until(lock, real_deadline + last_moment, [&] { return done->done; });
    lock.unlock();
    if (in_time) {
        worker.join();
    } else {
        worker.detach();
    }
    return report();
}

void Dumper::finish_now(SteadyTime deadline, SteadyTime real_deadline) {
    const Turn turn{*this, real_deadline};
    if (!turn.taken()) {
        // The transmitter has had its time. What it was given is its own affair; the rest is given up.
        clock_.detach(*this, std::chrono::steady_clock::now());
        release();
        const std::lock_guard lock{mutex_};
        report_.unsent += std::exchange(unsent_of_the_gone_, 0);
        return;
    }
    if (finished_) {
        return;
    }
    clock_.detach(*this, real_deadline);
    // A stop request does not interrupt this: it is what a stop leads to, and the deadline bounds it.
    const std::stop_token unstoppable;
    const auto publish_until_done = [&](std::optional<WallTime> cut = std::nullopt) {
        while (!publish(clock_.read(), nullptr, cut)) {
            const SteadyTime now = clock_.read().steady;
            if (report().closed || now >= deadline) {
                return false;
            }
            clock_.wait_until(std::min(deadline, now + retry_at_the_end), unstoppable);
        }
        return true;
    };
    // Only what is running now may be cut short: a bucket that begins later is one that a successor may write.
    const WallTime running = newest_running();
    bool done = publish_until_done();
    if (const SteadyTime end = end_of_fine_buckets(); done && end <= deadline) {
        clock_.wait_until(end, unstoppable);
        done = publish_until_done();
    }
    if (done) {
        done = publish_until_done(running);
    }
    release();
    // A stage may hold points back, and an output have room for only some of them at a time.
    bool flushed = flush(real_deadline);
    while (!flushed && !report().closed && clock_.read().steady < deadline) {
        clock_.wait_until(std::min(deadline, clock_.read().steady + retry_at_the_end), unstoppable);
        flushed = flush(real_deadline);
    }
    const std::lock_guard lock{mutex_};
    report_.unsent += batch_.size() + unsent_of_the_gone_;
    batch_.clear();
    report_.complete = done && flushed && report_.unsent == 0 && !report_.closed;
    finished_ = true;
}

bool Dumper::flush(SteadyTime deadline) {
    try {
        return transmitter_.flush(deadline);
    } catch (const std::exception& error) {
        detail::report(error.what());
    } catch (...) {
        detail::report("a transmitter failed with an unknown exception while it was flushed");
    }
    return false;
}

void Dumper::release() {
    Registry& registry = Registry::instance();
    const std::lock_guard lock{registry.mutex};
    for (CounterState* const state : counters_) {
        if (state != nullptr) {
            state->dumper = nullptr;
            // What is still in the rings could be dumped by another; that this one gave it up is told all the same.
            for (std::uint64_t i = state->history.cursor(); i != state->history.end(); ++i) {
                unsent_of_the_gone_ += state->history[i] != History::absent ? 1 : 0;
            }
        }
    }
    counters_.clear();
    unsent_of_the_gone_ += adopted_.size();
    adopted_.clear();
    if (registry.default_dumper() == this) {
        registry.set_default_dumper(nullptr);
    }
}

DumpReport Dumper::report() const {
    const std::lock_guard lock{mutex_};
    return report_;
}

bool finish_all_dumps(SteadyTime deadline) {
    if (is_inert_fork()) {
        return true;
    }
    std::vector<std::shared_ptr<Dumper>> living;
    {
        Dumpers& dumpers = Dumpers::instance();
        const std::lock_guard lock{dumpers.mutex};
        for (const auto& weak : dumpers.all) {
            if (auto dumper = weak.lock()) {
                living.push_back(std::move(dumper));
            }
        }
    }
    bool complete = true;
    for (const auto& dumper : living) {
        const auto left = deadline - std::chrono::steady_clock::now();
        complete &= dumper->finish(dumper->clock().read().steady + left).complete;
    }
    return complete;
}

} // namespace tickertape::detail
