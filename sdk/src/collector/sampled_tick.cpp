// SPDX-License-Identifier: MIT
#include "collector/sampled_tick.hpp"

#include "counter/run.hpp"
#include "counter/timeline.hpp"

namespace tickertape::collector {

WallTime SampledTick::end_of_period(WallTime due) const {
    return counter::bucket_start(due - std::chrono::nanoseconds{1}, period_) + period_;
}

void SampledTick::operator()() {
    const WallTime due = counter::this_threads_run->due;
    const WallTime end = end_of_period(due);
    if (!end_ && due < end) {
        return;
    }
    const bool first = !end_;
    if (end_ && end > *end_) {
        report_.run_due(*end_);
    }
    end_ = end;
    sample_();
    if (due == end) {
        if (!first) {
            report_.run_due(due);
        }
        end_ = due + period_;
    }
}

void SampledTick::rehearse(WallTime due) {
    end_ = end_.value_or(due + period_);
    sample_();
}

} // namespace tickertape::collector
