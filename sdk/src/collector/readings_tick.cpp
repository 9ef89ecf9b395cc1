// SPDX-License-Identifier: MIT
#include "collector/readings_tick.hpp"
#include "base/forks.hpp"

#include <string>
#include <utility>
#include <vector>

#include <tickertape/collector.hpp>

#include "base/diagnostics.hpp"
#include "counter/dumper.hpp"
#include "counter/run.hpp"
#include "counter/timeline.hpp"

namespace tickertape::collector {

ReadingsTick::ReadingsTick(const std::function<void(Readings&)>& f, const ReadingsOptions& options,
                           AnyTransmitter output, Clock& clock)
    : f_{f}, readings_{options}, dumper_{std::make_shared<counter::Dumper>(std::move(output), clock)} {
    dumper_->start();
}

ReadingsTick::~ReadingsTick() {
    if (base::is_inert_fork()) {
        return;
    }
    const autodump::Report report = dumper_->finish(dumper_->clock().read().steady + Collector::stop_deadline);
    if (report.unsent > 0 && !report.closed) {
        base::report(std::to_string(report.unsent) + " readings could not be written before the end");
    }
}

void ReadingsTick::operator()() { run_due(counter::this_threads_run->due); }

void ReadingsTick::run_due(WallTime due) {
    readings_.begin(due, std::exchange(memory_, {}));
    try {
        f_(readings_);
    } catch (...) {
        hand_over(due);
        throw;
    }
    hand_over(due);
}

void ReadingsTick::rehearse(WallTime now) {
    readings_.begin(now);
    f_(readings_);
}

void ReadingsTick::hand_over(WallTime due) {
    std::vector<Point> points = readings_.points();
    if (due <= last_ && last_ - due <= counter::longest_hold) {
        superseded_ += points.size();
    } else {
        reanchored_ |= due <= last_;
        last_ = due;
        dumper_->hand_over(points);
    }
    memory_ = std::move(points);
    losses_->refused = readings_.stats().refused() + superseded_;
    losses_->lost = dumper_->lost();
}

} // namespace tickertape::collector
