// SPDX-License-Identifier: MIT
#include "telemeter/telemeter_core.hpp"

#include <algorithm>
#include <exception>
#include <utility>
#include <vector>

#include "base/concat.hpp"
#include "base/diagnostics.hpp"
#include "base/log.hpp"
#include "base/quote.hpp"
#include "stage/queue_time.hpp"

namespace tickertape::telemeter {

namespace {

TelemeterOptions checked(const TelemeterOptions& options) {
    if (options.max_series == 0) {
        throw UsageError{"the max_series of Telemeter is 0; it is at least 1"};
    }
    return options;
}

/// Returns why no series has these additional tags.
Reason why_none(const Series& series, const Tags& more) {
    std::size_t size = series.text().size();
    for (const auto& [key, value] : more) {
        size += series.tags().find(key) == nullptr ? key.size() + value.size() + 2 : 0;
    }
    return size > max_series_text ? Reason::line_too_long : Reason::too_many_tags;
}

std::string_view kind_of(SeriesOptions::Merge merge) noexcept {
    switch (merge) {
    case SeriesOptions::Merge::sum: return "counter";
    case SeriesOptions::Merge::timing: return "timer";
    case SeriesOptions::Merge::last:
    case SeriesOptions::Merge::none: break;
    }
    return "gauge";
}

} // namespace

TelemeterCore::Pipe::Pipe(AnyTransmitter transmitter, const TelemeterOptions& options) : front{std::move(transmitter)} {
    const Transmitter::Traits traits = front.traits();
    if (!traits.takes_at_once) {
        BufferedOptions buffer = options.buffer;
        if (!traits.keeps_every_event && buffer.overflow == Overflow::block) {
            buffer.overflow = Overflow::drop_oldest; // only the PerSecond would wait, not the caller
        }
        makes_callers_wait = buffer.overflow == Overflow::block;
        queue.emplace(std::move(front), buffer);
        front = std::ref(*queue);
    }
    accounts = front.accounts();
    is_merged = !traits.keeps_every_event;
    if (is_merged) {
        const PerSecondOptions defaults;
        front =
            PerSecond{std::move(front),
                      {.max_series = std::max(defaults.max_series, 2 * options.max_series), .clock = options.clock}};
    }
}

bool TelemeterCore::Pipe::take(const stage::Event& event) {
    if (queue && !is_merged) {
        return stage::BufferedAccess::add(*queue, event) != Sent::closed; // without a copy of the point
    }
    const Point point = event.point();
    return front.publish({&point, 1}).accepted() == 1;
}

std::shared_ptr<stage::Staging> TelemeterCore::Pipe::staging() const {
    return queue && !is_merged ? stage::BufferedAccess::staging(*queue) : nullptr;
}

TelemeterCore::TelemeterCore(AnyTransmitter transmitter, Tags default_tags, const TelemeterOptions& options)
    : options_{checked(options)}, default_tags_{std::move(default_tags)},
      pipe_{std::make_shared<Pipe>(std::move(transmitter), options_)}, accounts_{pipe_->accounts},
      staging_{pipe_->staging()} {}

TelemeterMetric* TelemeterCore::known_metric(Name name, SeriesOptions::Merge merge) {
    const auto known = metrics_.find(name.text());
    if (known == metrics_.end()) {
        return nullptr;
    }
    if (known->second.merge != merge) {
        std::string sentence =
            base::concat("the metric ", base::quote(name.text()), " is a ", kind_of(known->second.merge));
        throw UsageError{sentence.append(" already and cannot be a ").append(kind_of(merge)).append(" too")};
    }
    return &known->second;
}

TelemeterMetric& TelemeterCore::find_metric(Name name, SeriesOptions::Merge merge) {
    TelemeterMetric* const known = known_metric(name, merge);
    return known != nullptr ? *known : metrics_.try_emplace(std::string{name.text()}, name, merge).first->second;
}

Track& TelemeterCore::track_of(const Series& series) { return tracks_.try_emplace(series, series).first->second; }

TelemeterMetric& TelemeterCore::metric(Name name, SeriesOptions::Merge merge) {
    if (forks_.is_child()) {
        return inert_;
    }
    const Series series{name, default_tags_, {.reserve_host_tag = options_.reserve_host_tag, .merge = merge}};
    const std::lock_guard lock{mutex_};
    TelemeterMetric& metric = find_metric(name, merge);
    if (metric.track == nullptr) {
        metric.track = &track_of(series);
    }
    return metric;
}

bool TelemeterCore::may_remember_one_more() {
    if (remembered_.fetch_add(1, std::memory_order_relaxed) < options_.max_series) {
        return true;
    }
    remembered_.fetch_sub(1, std::memory_order_relaxed);
    ++over_limit_;
    // Message: telemeter: more than NUMBER series: new tags are not recorded
    // Cause: The values of a tag are too many, as with request ids.
    // Remedy: Use tags with few values, or raise TelemeterOptions::max_series.
    base::report(base::concat("telemeter: more than ", options_.max_series, " series: new tags are not recorded"));
    return false;
}

Track* TelemeterCore::make(const point::SeriesKey& key, SeriesOptions::Merge merge) {
    try {
        const Series series = key.make(default_tags_, {.reserve_host_tag = options_.reserve_host_tag, .merge = merge});
        const std::lock_guard lock{mutex_};
        static_cast<void>(find_metric(key.metric(), merge));
        return &track_of(series);
    } catch (const UsageError& error) {
        // Message: metric 'METRIC': not recorded: REASON
        // Cause: A metric or a tag has an illegal character, or the name is used for another kind of value.
        // Remedy: Correct the name.
        base::report(base::concat("metric ", base::quote(key.metric()), ": not recorded: ", error.what()));
        return nullptr;
    }
}

Track* TelemeterCore::find(point::SeriesKey& key, SeriesOptions::Merge merge) {
    const std::string_view bytes = key.bytes();
    if (bytes.size() > point::SeriesKey::longest) { // too long to be remembered
        ++illegal_;
        static_cast<void>(make(key, merge));
        return nullptr;
    }
    const point::HashedBytes hashed{bytes};
    Shard& shard = shards_[hashed.hash % shards_.size()];
    const std::lock_guard lock{shard.mutex};
    auto found = shard.calls.find(hashed);
    if (found == shard.calls.end()) {
        if (!may_remember_one_more()) {
            return nullptr;
        }
        found = shard.calls.try_emplace(std::string{bytes}, make(key, merge)).first;
    }
    if (found->second == nullptr) {
        ++illegal_;
    }
    return found->second;
}

Track* TelemeterCore::find(std::string_view metric, SeriesOptions::Merge merge, std::span<const Tag> tags) noexcept {
    if (forks_.is_child()) {
        return nullptr;
    }
    try {
        point::CallKey call;
        call->set_metric(metric);
        for (const Tag& tag : tags) {
            call->add_tag(tag.key.text(), tag.value);
        }
        return find(*call, merge);
    } catch (const std::exception& error) { // out of memory
        ++refused_;
        base::report(error.what());
        return nullptr;
    }
}

Track* TelemeterCore::find(std::string_view metric, SeriesOptions::Merge merge, const Tags& tags) noexcept {
    if (forks_.is_child()) {
        return nullptr;
    }
    try {
        point::CallKey call;
        call->set_metric(metric);
        for (const auto& [key, value] : tags) {
            call->add_tag(key, value);
        }
        return find(*call, merge);
    } catch (const std::exception& error) { // out of memory
        ++refused_;
        base::report(error.what());
        return nullptr;
    }
}

WallTime TelemeterCore::wall_now() const {
    return options_.clock != nullptr ? options_.clock->read().wall : WallTime{std::chrono::system_clock::now()};
}

SteadyTime TelemeterCore::steady_now() const {
    return options_.clock != nullptr ? options_.clock->read().steady : SteadyTime{std::chrono::steady_clock::now()};
}

/// Returns the wall time of a steady time that was just read. The difference of the clocks is measured once a millisecond.
WallTime TelemeterCore::wall_at(SteadyTime now) noexcept {
    constexpr std::chrono::milliseconds a_while{1};
    const SteadyTime seen = offset_seen_.load(std::memory_order_acquire);
    if (seen <= now && now < seen + a_while) {
        return WallTime{now.time_since_epoch() +
                        std::chrono::nanoseconds{wall_offset_.load(std::memory_order_relaxed)}};
    }
    const WallTime wall{std::chrono::system_clock::now()};
    // In this order, so that a thread that sees the new time also sees this offset or a newer one.
    wall_offset_.store((wall.time_since_epoch() - now.time_since_epoch()).count(), std::memory_order_relaxed);
    offset_seen_.store(now, std::memory_order_release);
    return wall;
}

void TelemeterCore::record(Track* track, std::optional<Value> value) noexcept {
    if (track != nullptr) { // otherwise the loss is counted already
        publish_one(track, value, wall_now());
    }
}

void TelemeterCore::record_time(Track* track, SteadyTime start) noexcept {
    if (track == nullptr) {
        return;
    }
    const SteadyTime end = steady_now();
    const std::chrono::duration<double> took = end - start;
    publish_one(track, Value::checked(took.count()), options_.clock != nullptr ? wall_now() : wall_at(end));
}

void TelemeterCore::publish_one(Track* track, std::optional<Value> value, WallTime now) noexcept {
    if (forks_.is_child()) {
        return;
    }
    if (!value) {
        ++not_finite_;
        return;
    }
    if (staging_ && staging_->stage(*track, now, *value)) {
        return;
    }
    if (!calls_.enter()) {
        ++after_the_end_;
        return;
    }
    try {
        if (!pipe_->take({*track, now, *value})) {
            ++refused_;
            // Message: metric 'METRIC': the transmitter refuses a value or has closed: the value is lost
            // Cause: The transmitter's queue is full, or its receiver has closed.
            // Remedy: Use a queue with a policy that fits, or end recording before the transmitter.
            base::log(base::Level::error,
                      base::concat("metric ", base::quote(track->series.metric()),
                                   ": the transmitter refuses a value or has closed: the value is lost"));
        }
    } catch (const std::exception& error) {
        ++refused_;
        // Message: telemeter: a value is lost: REASON
        // Cause: An exception, as without memory, while a value was recorded.
        // Remedy: Look at the reason.
        base::log(base::Level::error, base::concat("telemeter: a value is lost: ", error.what()));
    } catch (...) {
        ++refused_;
        // Message: telemeter: a value is lost: unknown exception
        // Cause: A transmitter threw something that is no std::exception.
        // Remedy: Correct the transmitter.
        base::log(base::Level::error, "telemeter: a value is lost: unknown exception");
    }
    calls_.leave();
}

Series TelemeterCore::with_default_tags(const Series& series) {
    const std::lock_guard lock{mutex_};
    if (const auto known = with_tags_.find(series); known != with_tags_.end()) {
        return known->second;
    }
    Series made{series.metric(), default_tags_.merged_with(series.tags()), series.options()};
    if (with_tags_.size() >= options_.max_series) {
        with_tags_.clear();
    }
    return with_tags_.emplace(series, std::move(made)).first->second;
}

Outcome TelemeterCore::publish(std::span<const Point> points) {
    if (forks_.is_child()) {
        return {.closed = true};
    }
    if (default_tags_.empty()) {
        return pipe_->front.publish(points);
    }
    // If a point is wrong, the others are sent one by one, because the pipe numbers only the points that it gets.
    std::vector<Point> all;
    std::vector<std::size_t> index;
    std::vector<Outcome::Rejection> rejected;
    for (std::size_t i = 0; i < points.size(); ++i) {
        try {
            all.emplace_back(with_default_tags(points[i].series()), points[i].time(), points[i].value());
            index.push_back(i);
        } catch (const UsageError&) {
            rejected.push_back({i, why_none(points[i].series(), default_tags_)});
        }
    }
    Outcome outcome = pipe_->front.publish(all);
    outcome.retry_from = outcome.retry_from < all.size() ? index[outcome.retry_from] : points.size();
    for (Outcome::Rejection& rejection : outcome.rejected) {
        rejection.index = index[rejection.index];
    }
    std::erase_if(rejected, [&](const Outcome::Rejection& rejection) { return rejection.index >= outcome.retry_from; });
    outcome.rejected.insert(outcome.rejected.end(), rejected.begin(), rejected.end());
    std::sort(outcome.rejected.begin(), outcome.rejected.end(),
              [](const Outcome::Rejection& a, const Outcome::Rejection& b) { return a.index < b.index; });
    return outcome;
}

void TelemeterCore::end() noexcept {
    calls_.refuse();
    if (pipe_->queue && pipe_->makes_callers_wait) { // releases callers that wait for room
        pipe_->front.flush(std::chrono::steady_clock::now() + options_.buffer.linger);
        pipe_->queue->close();
    }
    if (staging_) { // the queue may live longer than the sources of staged events
        stage::BufferedAccess::end_staging(*pipe_->queue);
    }
    calls_.wait();
    dumper_.reset();
    pipe_.reset();
    accounts_.reset(); // handles may live on, but the losses are reported now
}

Telemeter::Stats TelemeterCore::stats() const noexcept {
    return {.illegal = illegal_,
            .not_finite = not_finite_,
            .over_limit = over_limit_,
            .refused = refused_,
            .ended = after_the_end_};
}

} // namespace tickertape::telemeter
