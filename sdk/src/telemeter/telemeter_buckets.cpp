// SPDX-License-Identifier: MIT
// The bucketed counters and timers of a Telemeter.
#include <string>
#include <utility>

#include "base/concat.hpp"
#include "base/quote.hpp"
#include "counter/distribution_state.hpp"
#include "counter/registry.hpp"
#include "telemeter/telemeter_core.hpp"

namespace tickertape::telemeter {

namespace {

/// The pipe for a dumper. The dumper keeps it, because a call may last longer than the end waits.
class BucketOutput final : public Transmitter {
public:
    explicit BucketOutput(std::shared_ptr<AnyTransmitter> pipe) : pipe_{std::move(pipe)} {}
    Outcome publish(std::span<const Point> points) override { return pipe_->publish(points); }
    bool flush(SteadyTime deadline) override { return pipe_->flush(deadline); }

private:
    std::shared_ptr<AnyTransmitter> pipe_;
};

} // namespace

TelemeterMetric& TelemeterCore::bucketed(Name name, const Telemeter::Bucketed& buckets) {
    if (forks_.is_child()) {
        return inert_;
    }
    const Series series{
        name, default_tags_, {.reserve_host_tag = options_.reserve_host_tag, .merge = SeriesOptions::Merge::sum}};
    const std::lock_guard lock{mutex_};
    if (TelemeterMetric* const known = known_metric(name, SeriesOptions::Merge::sum); known != nullptr) {
        if (known->buckets) {
            return *known;
        }
        if (known->track != nullptr) {
            throw UsageError{
                base::concat("the counter ", base::quote(name.text()), " exists already, without buckets")};
        }
    }
    // Made before the name is taken, because the counter may refuse it.
    MetricCounter<rate> counter{name, options_of(buckets)};
    TelemeterMetric& metric = find_metric(name, SeriesOptions::Merge::sum);
    metric.buckets.emplace(std::move(counter));
    metric.track = &track_of(series);
    write_buckets(*metric.buckets);
    return metric;
}

TelemeterMetric& TelemeterCore::bucketed_timer(Name name, const Telemeter::Bucketed& buckets) {
    if (forks_.is_child() || !pipe_->is_merged) {
        return metric(name, SeriesOptions::Merge::timing);
    }
    const Series series{
        name, default_tags_, {.reserve_host_tag = options_.reserve_host_tag, .merge = SeriesOptions::Merge::timing}};
    const std::lock_guard lock{mutex_};
    if (TelemeterMetric* const known = known_metric(name, SeriesOptions::Merge::timing); known != nullptr) {
        if (known->sketches) {
            return *known;
        }
        if (known->track != nullptr) {
            throw UsageError{base::concat("the timer ", base::quote(name.text()), " exists already, without buckets")};
        }
    }
    // Made before the name is taken, because the counter may refuse it.
    MetricCounter<distribution> counter{name, options_of(buckets)};
    TelemeterMetric& metric = find_metric(name, SeriesOptions::Merge::timing);
    metric.sketches.emplace(std::move(counter));
    metric.track = &track_of(series);
    write_buckets(*metric.sketches);
    return metric;
}

counter::Recorder TelemeterMetric::recorder() const noexcept {
    return sketches ? static_cast<counter::DistributionState*>(sketches->state())->totals->recorder()
                    : counter::Recorder{};
}

CounterOptions TelemeterCore::options_of(const Telemeter::Bucketed& buckets) const {
    return {.tags = default_tags_,
            .timespan = buckets.timespan,
            .granularity = buckets.granularity,
            .clock = options_.clock,
            .reserve_host_tag = options_.reserve_host_tag};
}

void TelemeterCore::write_buckets(CounterBase& counter) {
    counter::CounterState& state = *counter.state();
    Clock& clock = counter.clock();
    const bool is_first = dumper_ == nullptr;
    if (is_first) {
        dumper_ = std::make_shared<counter::Dumper>(BucketOutput{std::shared_ptr<AnyTransmitter>{pipe_, &pipe_->front}},
                                                    clock);
    }
    {
        const std::lock_guard registry_lock{counter::Registry::instance().mutex};
        if (state.dumper != nullptr) { // an autodump of all living counters has taken it before
            state.dumper->forget(state);
        }
        dumper_->claim(state);
    }
    if (is_first) {
        dumper_->start();
    } else {
        clock.rearm(*dumper_);
    }
}

void TelemeterCore::finish_buckets() {
    if (dumper_) {
        dumper_->finish(dumper_->clock().read().steady + autodump::default_deadline);
    }
}

} // namespace tickertape::telemeter
