// SPDX-License-Identifier: MIT
#include <tickertape/telemeter.hpp>

#include <exception>
#include <utility>

#include "base/concat.hpp"
#include "base/forks.hpp"
#include "base/log.hpp"
#include "counter/registry.hpp"
#include "telemeter/telemeter_core.hpp"

namespace tickertape {

namespace telemeter {

void TelemeterHandle::record(std::optional<Value> value) const noexcept { core_->record(metric_->track, value); }

void TelemeterHandle::record(std::optional<Value> value, std::initializer_list<Tag> tags) const noexcept {
    core_->record(track(tags), value);
}

void TelemeterHandle::record(std::optional<Value> value, const Tags& tags) const noexcept {
    core_->record(track(tags), value);
}

Track* TelemeterHandle::track() const noexcept { return metric_->track; }

Track* TelemeterHandle::track(std::initializer_list<Tag> tags) const noexcept {
    return tags.size() == 0 ? track() : core_->find(metric_->name, metric_->merge, {tags.begin(), tags.size()});
}

Track* TelemeterHandle::track(const Tags& tags) const noexcept {
    return tags.empty() ? track() : core_->find(metric_->name, metric_->merge, tags);
}

} // namespace telemeter

TelemeterCounter::TelemeterCounter(std::shared_ptr<telemeter::TelemeterCore> core, telemeter::TelemeterMetric& metric,
                                   counter::RateState* rate) noexcept
    : TelemeterHandle{std::move(core), metric}, rate_{rate}, id_{rate != nullptr ? rate->id : no_buckets} {}

telemeter::Timing::Timing(std::shared_ptr<telemeter::TelemeterCore> core, telemeter::Track* track,
                          const counter::Recorder& buckets) noexcept
    : core_{std::move(core)}, track_{track}, buckets_{buckets}, start_{core_->steady_now()} {}

telemeter::Timing::~Timing() {
    if (buckets_.shared != nullptr) {
        counter::record(buckets_, std::chrono::duration<double>{core_->steady_now() - start_}.count());
    } else {
        core_->record_time(track_, start_);
    }
}

TelemeterTimer::TelemeterTimer(std::shared_ptr<telemeter::TelemeterCore> core,
                               telemeter::TelemeterMetric& metric) noexcept
    : TelemeterHandle{std::move(core), metric}, buckets_{metric.recorder()} {}

Telemeter::Telemeter(AnyTransmitter transmitter, const Tags& default_tags, const TelemeterOptions& options)
    : core_{std::make_shared<telemeter::TelemeterCore>(std::move(transmitter), default_tags, options)} {
    base::wake_fork();
}

Telemeter::Telemeter(Telemeter&&) noexcept = default;

Telemeter& Telemeter::operator=(Telemeter&& other) noexcept {
    if (this != &other) {
        end();
        core_ = std::move(other.core_);
    }
    return *this;
}

Telemeter::~Telemeter() { end(); }

void Telemeter::end() noexcept {
    if (!core_) {
        return;
    }
    if (core_->is_forked()) {
        base::keep_for_ever(std::move(core_));
        return;
    }
    try {
        core_->finish_buckets();
    } catch (const std::exception& error) {
        // Message: telemeter: the end failed (REASON): the last buckets are lost
        // Cause: An exception, as without memory, while a Telemeter ended.
        // Remedy: Look at the reason.
        base::log(base::Level::error,
                  base::concat("telemeter: the end failed (", error.what(), "): the last buckets are lost"));
    }
    core_->end();
    core_.reset();
}

TelemeterCounter Telemeter::counter(Name metric) {
    telemeter::TelemeterMetric& found = core_->metric(metric, SeriesOptions::Merge::sum);
    return {core_, found, found.rate_state()};
}

TelemeterCounter Telemeter::counter(Name metric, const Telemeter::Bucketed& buckets) {
    telemeter::TelemeterMetric& found = core_->bucketed(metric, buckets);
    return {core_, found, found.rate_state()};
}

TelemeterGauge Telemeter::gauge(Name metric) { return {core_, core_->metric(metric, SeriesOptions::Merge::last)}; }

TelemeterTimer Telemeter::timer(Name metric) { return {core_, core_->metric(metric, SeriesOptions::Merge::timing)}; }

TelemeterTimer Telemeter::timer(Name metric, const Telemeter::Bucketed& buckets) {
    return {core_, core_->bucketed_timer(metric, buckets)};
}

void Telemeter::record_one(Name metric, std::optional<Value> value, std::span<const Tag> tags) noexcept {
    core_->record(core_->find(metric.text(), SeriesOptions::Merge::last, tags), value);
}

Outcome Telemeter::publish(std::span<const Point> points) { return core_->publish(points); }

bool Telemeter::flush(SteadyTime deadline) { return core_->flush(deadline); }

Telemeter::Stats Telemeter::stats() const { return core_->stats(); }

Account Telemeter::account() const { return core_->account(); }

} // namespace tickertape
