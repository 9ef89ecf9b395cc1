// SPDX-License-Identifier: MIT
#include "collector/throttle.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/concat.hpp"
#include "base/diagnostics.hpp"

namespace tickertape::collector {

namespace {

constexpr double seconds_of_burst = 60;
constexpr std::size_t batch_points = 1024;

} // namespace

Throttle::Throttle(AnyTransmitter inner, std::uint32_t lines_per_second, const Clock& clock)
    : inner_{std::move(inner)}, rate_{static_cast<double>(lines_per_second)}, capacity_{rate_ * seconds_of_burst},
      tokens_{capacity_}, clock_{clock}, refilled_{clock_.read().steady}, backlog_{static_cast<std::size_t>(capacity_)},
      shown_{tokens_, refilled_} {}

double Throttle::tokens_at(SteadyTime now, const Level& level) const noexcept {
    return std::min(capacity_, level.tokens + rate_ * std::chrono::duration<double>(now - level.refilled).count());
}

void Throttle::show() {
    const std::lock_guard lock{shown_mutex_};
    shown_ = {.tokens = tokens_, .refilled = refilled_, .waiting = waiting()};
}

void Throttle::refill() {
    const SteadyTime now = clock_.read().steady;
    tokens_ = tokens_at(now, {.tokens = tokens_, .refilled = refilled_});
    refilled_ = now;
}

Outcome Throttle::publish(std::span<const Point> points) {
    Outcome outcome = take(points);
    show();
    return outcome;
}

Outcome Throttle::take(std::span<const Point> points) {
    refill();
    Outcome outcome;
    if (send_waiting(allowed()) && waiting() == 0) {
        const std::size_t may_go = std::min(points.size(), allowed());
        outcome = inner_.publish(points.first(may_go));
        tokens_ -= static_cast<double>(outcome.retry_from);
        if (outcome.closed || outcome.retry_from < may_go) {
            return outcome; // the output has no room: the caller has to wait for that, not this stage
        }
    }
    outcome.closed = closed_;
    for (; outcome.retry_from < points.size() && !closed_; ++outcome.retry_from) {
        if (backlog_.offer(points[outcome.retry_from])) {
            continue;
        }
        outcome.rejected.push_back({outcome.retry_from, Reason::over_limit});
        if (!std::exchange(said_, true)) {
            // Message: output: more than NUMBER lines a second for minutes: lines above that are dropped, first of
            //   'SERIES'
            // Cause: tcollector stops a collector that prints more lines, so the collector keeps its limit.
            // Remedy: Report less: a longer --interval, or --exclude-…. tickertape.dropped counts the lines.
            base::report(base::concat("output: more than ", static_cast<std::uint64_t>(rate_),
                                      " lines a second for minutes: lines above that are dropped, first of '",
                                      points[outcome.retry_from].series().text(), "'"));
        }
    }
    return outcome;
}

bool Throttle::send_waiting(std::size_t most) {
    while (!closed_ && most > 0 && waiting() > 0) {
        const std::span<const Point> batch = backlog_.fill(std::min(batch_points, most));
        const std::span<const Point> now = batch.first(std::min(batch.size(), most));
        const Outcome outcome = inner_.publish(now);
        closed_ = outcome.closed;
        refused_ += outcome.rejected.size();
        backlog_.settle(outcome.retry_from);
        tokens_ -= static_cast<double>(outcome.retry_from);
        most -= std::min(most, outcome.retry_from);
        if (outcome.retry_from < now.size()) {
            return false;
        }
    }
    return !closed_;
}

Readings::Room Throttle::room() const {
    const SteadyTime now = clock_.read().steady;
    const std::lock_guard lock{shown_mutex_};
    return {.lines = tokens_at(now, shown_) - static_cast<double>(shown_.waiting), .most = capacity_};
}

void Throttle::drain() {
    refill();
    send_waiting(allowed());
    show();
}

bool Throttle::flush(SteadyTime deadline) {
    const bool all = send_waiting(waiting());
    show();
    return all && inner_.flush(deadline);
}

} // namespace tickertape::collector
