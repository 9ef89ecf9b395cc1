// SPDX-License-Identifier: MIT
#include "collector/output.hpp"

#include <unistd.h>

#include <tickertape/dedup.hpp>

#include "detail/diagnostics.hpp"
#include "detail/registry.hpp"
#include "detail/timeline.hpp"

namespace tickertape::detail {

namespace {

constexpr std::uint32_t lines_per_second_under_tcollector = 500;
constexpr std::chrono::seconds default_period{60};
constexpr std::chrono::seconds drain_period{1};

std::chrono::seconds period_of(const Settings& settings) {
    return settings.self_metrics.value_or(settings.form == Form::tcollector ? default_period : std::chrono::seconds{0});
}

} // namespace

/// The last stage of a dump.
class Output::End final : public Transmitter {
public:
    explicit End(std::shared_ptr<Output> output) : output_{std::move(output)} {}

    Outcome publish(std::span<const Point> points) override { return output_->publish(points); }
    bool flush(SteadyTime deadline) override { return output_->flush(deadline); }

private:
    std::shared_ptr<Output> output_;
};

PutLinesOptions put_lines_options(const Settings& settings) {
    PutLinesOptions options{.fd = STDOUT_FILENO, .form = settings.form, .host_tag = settings.host_tag};
    if (settings.hostname && settings.host_tag.is_automatic() && settings.form == Form::put) {
        options.host_tag = HostTag::named(*settings.hostname);
    }
    return options;
}

Output::Output(const Settings& settings, std::string collector, Stop& stop, Clock& clock)
    : settings_{settings}, collector_{std::move(collector)}, period_{period_of(settings)}, stop_{stop}, clock_{clock},
      out_{PutLines{put_lines_options(settings)}} {
    if (settings.form == Form::tcollector) {
        auto throttle = std::make_unique<Throttle>(std::move(out_), lines_per_second_under_tcollector);
        throttle_ = throttle.get();
        out_ = AnyTransmitter{std::move(throttle)};
    }
    if (period_ > std::chrono::seconds{0}) {
        // So that tags that do not fit are refused at the start, not a minute later.
        std::vector<Point> none;
        try {
            add(none, WallTime{}, "tick.lateness.max_ms", 0); // the longest of them
        } catch (const UsageError& error) {
            std::string sentence{"--self-metrics: with the tag collector="};
            throw UsageError{sentence.append(collector_).append(": ").append(error.what())};
        }
    }
}

AnyTransmitter Output::stage(const Settings& settings) {
    return Dedup{End{shared_from_this()}, {.interval = settings.dedup}};
}

void Output::watch(std::shared_ptr<const ReadingsLosses> losses) {
    const std::lock_guard lock{mutex_};
    losses_ = std::move(losses);
}

void Output::start() {
    if (period_ > std::chrono::seconds{0}) {
        const ClockReading now = clock_.read();
        next_report_ = now.steady + (bucket_start(now.wall, period_) + period_ - now.wall);
    }
    if (period_ > std::chrono::seconds{0} || throttle_ != nullptr) {
        clock_.attach(shared_from_this());
    }
}

void Output::stop() { clock_.detach(*this, std::chrono::steady_clock::now() + std::chrono::seconds{1}); }

Outcome Output::publish(std::span<const Point> points) {
    bool waits = false;
    Outcome outcome;
    {
        const std::lock_guard lock{mutex_};
        outcome = out_.publish(points);
        waits = throttle_ != nullptr && throttle_->waiting() > 0;
    }
    if (outcome.closed) {
        stop_.request(StopReason::output_closed);
    }
    if (settings_.form == Form::tcollector && clock_.stats().reanchored != reanchored_before_) {
        // A new process is needed: tcollector drops lines that are older than this one's, but forgets a dead one's.
        stop_.request(StopReason::clock_stepped);
    }
    if (waits) {
        clock_.rearm(*this);
    }
    return outcome;
}

bool Output::flush(SteadyTime deadline) {
    const std::lock_guard lock{mutex_};
    return out_.flush(deadline);
}

SteadyTime Output::due() const {
    const std::lock_guard lock{mutex_};
    if (throttle_ != nullptr && throttle_->waiting() > 0) {
        return std::min(next_report_, SteadyTime{std::chrono::steady_clock::now() + drain_period});
    }
    return next_report_;
}

void Output::ring(const ClockReading& now) {
    const std::lock_guard lock{mutex_};
    try {
        if (throttle_ != nullptr) {
            throttle_->drain();
        }
        if (next_report_ <= now.steady) {
            next_report_ = now.steady + (bucket_start(now.wall, period_) + period_ - now.wall);
            // A clock that was set back must not make a label come twice.
            if (const WallTime label = bucket_start(now.wall, period_); label > last_label_) {
                last_label_ = label;
                report_on_itself(label);
            }
        }
    } catch (const std::exception& error) {
        report(error.what());
    }
}

void Output::add(std::vector<Point>& points, WallTime label, const std::string& metric, double value) {
    auto known = series_.find(metric);
    if (known == series_.end()) {
        Tags tags = settings_.tags;
        tags.set("collector", collector_);
        const bool reserve = settings_.form == Form::tcollector || !settings_.host_tag.is_none();
        known =
            series_
                .emplace(metric, Series{"tickertape." + metric, tags, {.step = period_, .reserve_host_tag = reserve}})
                .first;
    }
    points.emplace_back(known->second, label, value);
}

void Output::report_on_itself(WallTime label) {
    const auto milliseconds = [](std::chrono::nanoseconds time) { return static_cast<double>(time.count()) / 1e6; };
    CounterStats counters;
    {
        Registry& registry = Registry::instance();
        const std::lock_guard lock{registry.mutex};
        for (const CounterState* const state : registry.living()) {
            counters.buckets_lost += state->stats.buckets_lost;
            counters.smeared += state->stats.smeared;
        }
    }
    const ClockStats clock = clock_.stats();
    std::vector<Point> points;
    add(points, label, "up", 1);
    add(points, label, "tick.lateness.max_ms", milliseconds(clock.tick_lateness_max));
    add(points, label, "tick.missed", static_cast<double>(clock.ticks_missed));
    add(points, label, "runs.missed", static_cast<double>(clock.runs_missed));
    add(points, label, "clock.steps", static_cast<double>(clock.clock_steps));
    add(points, label, "buckets.lost", static_cast<double>(counters.buckets_lost));
    add(points, label, "buckets.smeared", static_cast<double>(counters.smeared));
    if (losses_) {
        add(points, label, "readings.refused", static_cast<double>(losses_->refused));
        add(points, label, "readings.lost", static_cast<double>(losses_->lost));
    }
    if (throttle_ != nullptr) {
        add(points, label, "queue", static_cast<double>(throttle_->waiting()));
        add(points, label, "dropped", static_cast<double>(throttle_->dropped()));
    }
    out_.publish(points);
}

} // namespace tickertape::detail
