// SPDX-License-Identifier: MIT
#include "collector/readings_tick.hpp"
#include "base/concat.hpp"
#include "base/forks.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <tickertape/collector.hpp>

#include "base/diagnostics.hpp"
#include "counter/dumper.hpp"
#include "counter/run.hpp"
#include "counter/timeline.hpp"

namespace tickertape::collector {

ReadingsTick::ReadingsTick(const std::function<void(Readings&)>& f, const Readings::Options& options,
                           AnyTransmitter output, Clock& clock, std::function<Readings::Room()> room)
    : f_{f}, readings_{options}, room_{std::move(room)},
      dumper_{std::make_shared<counter::Dumper>(std::move(output), clock)} {
    dumper_->start();
}

ReadingsTick::~ReadingsTick() {
    if (dumper_->is_forked()) {
        base::keep_for_ever(std::move(dumper_));
        return;
    }
    const autodump::Report report = dumper_->finish(dumper_->clock().read().steady + Collector::stop_deadline);
    if (report.unsent > 0 && !report.closed) {
        // Message: output: NUMBER readings could not be written before the end: they are lost
        // Cause: The reader of the output took nothing for the three seconds after a stop.
        // Remedy: Check the program that reads the collector's output.
        base::report(
            base::concat("output: ", report.unsent, " readings could not be written before the end: they are lost"));
    }
}

void ReadingsTick::operator()() {
    // Asks for no more room than the limit ever leaves. Otherwise the run would never fit.
    if (const Readings::Room now = room(); now.lines < std::min(static_cast<double>(last_needed_), now.most)) {
        if (left_out_++ == 0) {
            // Message: output: more lines than tcollector's limit: whole runs are left out
            // Cause: One run alone has more lines than tcollector's limit leaves.
            // Remedy: Use a longer --interval, or leave out devices or tables.
            base::report("output: more lines than tcollector's limit: whole runs are left out");
        }
        losses_->thinned = readings_.stats().thinned + left_out_;
        return;
    }
    run_due(counter::this_threads_run->due);
}

void ReadingsTick::run_due(WallTime due) {
    readings_.begin(due, std::exchange(memory_, {}), room());
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
    last_needed_ = points.size() - std::min(readings_.spare(), points.size());
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
    losses_->thinned = readings_.stats().thinned + left_out_;
}

} // namespace tickertape::collector
