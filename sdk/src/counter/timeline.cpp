// SPDX-License-Identifier: MIT
#include "counter/timeline.hpp"

#include <algorithm>
#include <iterator>
#include <limits>

namespace tickertape::counter {

namespace {

std::chrono::nanoseconds offset_of(const Clock::Reading& now) noexcept {
    return now.wall.time_since_epoch() - now.steady.time_since_epoch();
}

std::uint64_t buckets_between(WallTime from, WallTime to, std::chrono::nanoseconds granularity) noexcept {
    return to <= from ? 0 : static_cast<std::uint64_t>((to - from) / granularity);
}

} // namespace

Timeline::Timeline(std::chrono::nanoseconds granularity, std::uint64_t remembered, const Clock::Reading& now)
    : granularity_{granularity}, remembered_{remembered}, open_{bucket_start(now.wall, granularity)},
      offset_{offset_of(now)}, due_{now.steady + (open_ + granularity - now.wall)} {
    spans_.push_back({0, open_, BucketState::full});
}

Timeline::Tick Timeline::tick(const Clock::Reading& now) {
    using std::chrono::milliseconds;
    const std::chrono::nanoseconds offset = offset_of(now);
    const std::chrono::nanoseconds stepped = offset - offset_;
    // Below this, wall time drifted or was slewed; from it on, it stepped.
    const bool slewed = std::chrono::abs(stepped) <
                        std::clamp<std::chrono::nanoseconds>(granularity_ / 2, milliseconds{1}, milliseconds{100});
    const WallTime without_step = WallTime{now.steady.time_since_epoch() + offset_};
    const std::uint64_t lived = buckets_between(open_, bucket_start(without_step, granularity_), granularity_);
    const WallTime new_open = bucket_start(now.wall, granularity_);
    const BucketState after_step = now.wall > new_open ? BucketState::partial : BucketState::full;

    Tick tick;
    tick.lateness = std::max(std::chrono::nanoseconds{0}, now.steady - due_);
    BucketState next = BucketState::full;
    bool continues = true; // the timestamps have no gap
    bool jumped = false;   // wall time went forward faster than it passed
    if (now.wall < open_ && std::max(-stepped, open_ - now.wall) > longest_hold) {
        tick.reanchored = true;
        tick.ended = std::max<std::uint64_t>(lived, 1);
        if (lived == 0) {
            mark(sequence_, open_, BucketState::partial);
        }
        next = after_step;
        continues = false;
    } else if (new_open <= open_) {
        // The tick is early, or wall time stepped: the open bucket stays open until wall time reaches its end, so its length may differ.
        if (!slewed && spans_.back().state != BucketState::partial) {
            mark(sequence_, open_, stepped < stepped.zero() ? BucketState::smeared : BucketState::partial);
        }
    } else {
        const std::uint64_t named = buckets_between(open_, new_open, granularity_);
        if (slewed || stepped < stepped.zero()) {
            tick.ended = named;
            if (named < lived && spans_.back().state != BucketState::partial) {
                mark(sequence_, open_, BucketState::smeared);
            }
        } else {
            tick.ended = std::clamp<std::uint64_t>(lived, 1, named);
            continues = tick.ended == named;
            next = after_step;
            // The time of the jump within these buckets is not known, so each of them may have been observed in part.
            mark(sequence_, open_, BucketState::partial);
            jumped = true;
        }
    }
    offset_ = offset;
    if (tick.ended > 0) {
        if (tick.ended > 1 && !jumped) {
            // The first one may have been observed in part: then a 0 would not be certain.
            const bool in_part = spans_.back().state == BucketState::partial;
            mark(sequence_ + (in_part ? 1 : 0), open_ + (in_part ? granularity_ : granularity_.zero()),
                 BucketState::smeared);
        }
        sequence_ += tick.ended;
        open_ = new_open;
        if (!continues || next != spans_.back().state) {
            mark(sequence_, open_, next);
        }
        forget_old_spans();
    }
    due_ = now.steady + (open_ + granularity_ - now.wall);
    return tick;
}

const Timeline::Span& Timeline::span_of(std::uint64_t sequence) const noexcept {
    // Nearly always the last one.
    auto span = spans_.rbegin();
    while (span->first > sequence && std::next(span) != spans_.rend()) {
        ++span;
    }
    return *span;
}

Timeline::Stretch Timeline::stretch(std::uint64_t sequence) const noexcept {
    std::uint64_t end = std::numeric_limits<std::uint64_t>::max();
    auto span = spans_.rbegin();
    for (; span->first > sequence && std::next(span) != spans_.rend(); ++span) {
        end = span->first;
    }
    return {span->timestamp_of(sequence, granularity_), end};
}

void Timeline::mark(std::uint64_t first, WallTime timestamp, BucketState state) {
    if (spans_.back().first == first) {
        spans_.pop_back();
    }
    spans_.push_back({first, timestamp, state});
}

void Timeline::forget_old_spans() {
    while (spans_.size() > 1 && spans_[1].first + remembered_ <= sequence_) {
        spans_.pop_front();
    }
}

} // namespace tickertape::counter
