// SPDX-License-Identifier: MIT
// Points that threads have staged for a queue.
#include <algorithm>
#include <iterator>
#include <new>
#include <utility>
#include <variant>

#include <boost/container/static_vector.hpp>

#include "stage/queue.hpp"

namespace tickertape {

std::size_t Buffered::Queue::share_of_a_lane() const noexcept {
    constexpr std::size_t least = 8; // for fewer points a lane is not worth its cost
    // A staged point does not wake the sending thread, so it must never complete a batch. The shares are small enough for that: the
    // points in the ring and all staged ones together are below the threshold, unless the thread is awake already. And there are
    // points in the ring, for which the thread wakes in time.
    const std::size_t nearly_full = options_.max_buffer_size - options_.max_buffer_size / 10;
    const std::size_t most = nearly_full - std::min(nearly_full, being_sent_);
    const std::size_t limit = ring_.size() < threshold_ ? std::min(most, threshold_ - 1) : most;
    // The lanes may be full of points that are about to be queued, and the caller adds one more.
    const std::size_t used = ring_.size() + staging_->room() + 1;
    if (!may_stage_ || closed_ || used >= limit) {
        return 0;
    }
    const std::size_t share =
        std::min({stage::Staging::most, ring_.size(), (limit - used) / std::max<std::size_t>(staging_->lanes(), 1)});
    return share < least ? 0 : share;
}

void Buffered::Queue::gather() noexcept { take_staged(share_of_a_lane()); }

void Buffered::Queue::gather_and_pause() noexcept { take_staged(0); }

void Buffered::Queue::take_staged(std::size_t share) noexcept {
    if (staging_->lanes() == 0) {
        return;
    }
    try {
        grow(share * staging_->lanes());
    } catch (const std::bad_alloc&) {
        share = 0;
    }
    const std::size_t before = ring_.size();
    staging_->take(share);
    // Made here and moved later, because a processor stalls if it copies an object whose parts it has just written.
    boost::container::static_vector<Point, 32> made;
    const auto queue_made = [&] {
        ring_.insert(ring_.end(), std::make_move_iterator(made.begin()), std::make_move_iterator(made.end()));
        made.clear();
    };
    staging_->merge([&](stage::Staging::Entry&& entry) {
        if (const stage::Event* const event = std::get_if<stage::Event>(&entry)) {
            made.emplace_back(event->source->series, event->source->next_timestamp_locked(event->time), event->value);
        } else {
            made.push_back(std::move(*std::get_if<Point>(&entry)));
        }
        if (made.size() == made.capacity()) {
            queue_made();
        }
    });
    queue_made();
    record_new(ring_.size() - before);
}

void Buffered::Queue::end_staging() {
    const std::lock_guard lock{mutex_};
    may_stage_ = false;
    gather_and_pause();
}

} // namespace tickertape
