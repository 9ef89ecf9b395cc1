// SPDX-License-Identifier: MIT
#include "collector/output.hpp"

#include <unistd.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <tickertape/dedup.hpp>
#include <tickertape/proc/skipped_rows.hpp>

#include "base/concat.hpp"
#include "base/diagnostics.hpp"
#include "counter/group.hpp"
#include "counter/registry.hpp"
#include "counter/timeline.hpp"
#include "push/destinations.hpp"
#include "stage/ledger.hpp"
#include "stage/places.hpp"

namespace tickertape::collector {

namespace {

constexpr std::uint32_t lines_per_second_under_tcollector = 500;
constexpr std::chrono::seconds default_period{60};
constexpr std::chrono::seconds drain_period{1};

constexpr std::size_t queue_size = 100'000;               // points that wait to be pushed
constexpr std::chrono::milliseconds longest_wait{15'000}; // a point waits this long for others, at most
constexpr std::chrono::milliseconds linger{100};          // the dumps have been flushed by then

std::chrono::seconds period_of(const Settings& settings) {
    const bool reports_by_default = settings.form == Form::tcollector || settings.form == Form::influx ||
                                    settings.form == Form::collectd || !settings.targets.empty();
    return settings.self_metrics.value_or(reports_by_default ? default_period : std::chrono::seconds{0});
}

HostTag host_tag_of(const Settings& settings) {
    return settings.hostname && settings.host_tag.is_automatic() ? HostTag::named(*settings.hostname)
                                                                 : settings.host_tag;
}

/// Makes a queue and a connection for each destination. Hosts that collect at the same moment push at different moments.
std::optional<push::Destinations> make_push(const Settings& settings) {
    if (settings.targets.empty()) {
        return std::nullopt;
    }
    const std::chrono::milliseconds interval = std::min(settings.timespan, longest_wait);
    const std::size_t hash = std::hash<std::string>{}(HostTag::automatic().resolve());
    std::vector<push::Destination> destinations;
    const auto add = [&](Targets targets, const char* credentials) {
        destinations.push_back(
            {.targets = std::move(targets),
             .push = {.host_tag = host_tag_of(settings),
                      .mps = settings.mps,
                      .sync = settings.no_sync ? std::optional{false} : std::nullopt,
                      .credentials = Credentials::from_environment(credentials)},
             .queue = {.max_buffer_size = queue_size,
                       .max_flush_interval = interval,
                       .linger = linger,
                       .phase = std::chrono::milliseconds{hash % static_cast<std::size_t>(interval.count())}}});
    };
    add(Targets{settings.targets}, "TICKERTAPE_TSD_AUTH");
    for (const Targets& copy : settings.copies) {
        add(copy, "TICKERTAPE_COPY_AUTH"); // credentials of the first destination are not used for copies
    }
    return push::make_destinations(std::move(destinations));
}

} // namespace

/// The last stage of a dump.
class Output::End final : public Transmitter {
public:
    explicit End(std::shared_ptr<Output> output) : output_{std::move(output)} {}

    Outcome publish(std::span<const Point> points) override { return output_->publish(points); }
    bool flush(SteadyTime deadline) override { return output_->flush(deadline); }
    [[nodiscard]] Transmitter::Traits traits() const noexcept override { return {.writer = output_.get()}; }

private:
    std::shared_ptr<Output> output_;
};

PutLinesOptions put_lines_options(const Settings& settings) {
    return {.fd = STDOUT_FILENO,
            .form = settings.form,
            .host_tag = settings.form == Form::tcollector ? settings.host_tag : host_tag_of(settings)};
}

Output::Output(const Settings& settings, std::string collector, Stop& stop, Clock& clock)
    : settings_{settings}, collector_{std::move(collector)}, period_{period_of(settings)}, stop_{stop}, clock_{clock},
      out_{PutLines{put_lines_options(settings)}} {
    if (std::optional<push::Destinations> push = make_push(settings)) {
        out_ = std::move(push->transmitter);
        std::set<std::string> tags;
        for (const push::Destinations::Each& each : push->all) {
            pushed_.push_back(
                {.accounts = each.accounts, .copy = pushed_.empty() ? "" : push::tag_of(each.targets, tags)});
        }
    }
    if (settings.form == Form::tcollector) {
        auto throttle = std::make_unique<Throttle>(std::move(out_), lines_per_second_under_tcollector);
        throttle_ = throttle.get();
        out_ = AnyTransmitter{std::move(throttle)};
    }
    if (period_ > std::chrono::seconds{0}) {
        // Makes the series now, so that tags that do not fit are refused at the start, not a minute later.
        std::vector<Point> none;
        try {
            add(none, WallTime{}, "tick.lateness.max_ms", 0); // has the longest name
            for (const Pushed& each : pushed_) {
                add(none, WallTime{}, "push.unconfirmed", 0, each.copy);
            }
        } catch (const UsageError& error) {
            throw UsageError{base::concat("--self-metrics: with the tag collector=", collector_, ": ", error.what())};
        }
    }
}

AnyTransmitter Output::stage(const Settings& settings) {
    if (!pushed_.empty()) {
        return End{shared_from_this()}; // VictoriaMetrics shows gaps where equal values are left out
    }
    return Dedup{End{shared_from_this()}, {.interval = settings.dedup.value_or(default_dedup(settings.form))}};
}

void Output::watch(std::shared_ptr<const ReadingsLosses> losses) {
    const std::lock_guard lock{mutex_};
    std::erase_if(losses_, [this](const auto& other) {
        const bool has_ended = other.use_count() == 1;
        if (has_ended) {
            losses_of_ended_.refused += other->refused;
            losses_of_ended_.lost += other->lost;
            losses_of_ended_.thinned += other->thinned;
        }
        return has_ended;
    });
    losses_.push_back(std::move(losses));
}

Readings::Room Output::room() const { return throttle_ != nullptr ? throttle_->room() : Readings::Room{}; }

void Output::start() {
    if (period_ > std::chrono::seconds{0}) {
        const Clock::Reading now = clock_.read();
        next_report_ = now.steady + (counter::bucket_start(now.wall, period_) + period_ - now.wall);
        last_report_ = now;
    }
    if (period_ > std::chrono::seconds{0} || throttle_ != nullptr) {
        clock_.attach(shared_from_this());
    }
}

void Output::stop() { clock_.detach(*this, clock_.read().steady + std::chrono::seconds{1}); }

Outcome Output::publish(std::span<const Point> points) {
    bool waits = false;
    Outcome outcome;
    {
        const std::lock_guard lock{mutex_};
        outcome = out_.publish(points);
        waits = throttle_ != nullptr && throttle_->waiting() > 0;
        if (waits && drain_at_ == clock::never) {
            drain_at_ = clock_.read().steady + drain_period;
        }
    }
    if (outcome.closed) {
        stop_.request(Stop::Reason::output_closed);
    }
    if (settings_.form == Form::tcollector && clock_.stats().reanchored != reanchored_before_) {
        // A new process is needed: tcollector drops lines that are older than the last one of this process.
        stop_.request(Stop::Reason::clock_stepped);
    }
    if (waits) {
        clock_.rearm(*this);
    }
    return outcome;
}

bool Output::flush(SteadyTime deadline) {
    const std::lock_guard lock{mutex_};
    const bool all = out_.flush(deadline);
    for (const Pushed& each : pushed_) {
        const Account account = each.accounts->now();
        const std::uint64_t open = account.queued + account.set_aside + account.in_flight;
        if (!all && (open > 0 || pushed_.size() == 1)) {
            // Message: TARGET: NUMBER points are not acknowledged in time
            // Cause: The collector ended while the server was away or slow. Its queue is in memory: unsent points are dropped,
            //   and a message counts them. Unanswered points may have arrived.
            // Remedy: Look at the messages before it about the target.
            base::report(
                base::concat(each.copy, each.copy.empty() ? "" : ": ", open, " points are not acknowledged in time"));
        }
    }
    return all;
}

SteadyTime Output::due() const {
    const std::lock_guard lock{mutex_};
    return std::min(next_report_, drain_at_);
}

void Output::ring(const Clock::Reading& now) {
    const std::lock_guard lock{mutex_};
    try {
        if (throttle_ != nullptr) {
            throttle_->drain();
        }
        if (next_report_ <= now.steady) {
            next_report_ = now.steady + (counter::bucket_start(now.wall, period_) + period_ - now.wall);
            const std::chrono::nanoseconds lived = now.steady - last_report_.steady;
            if (last_report_.wall + lived - now.wall > counter::longest_hold) {
                // The clock was set back far: timestamps start anew, like those of counters.
                last_timestamp_ = WallTime::min();
            }
            last_report_ = now;
            // A clock that was set back by less must not repeat a timestamp.
            if (const WallTime timestamp = counter::bucket_start(now.wall, period_); timestamp > last_timestamp_) {
                last_timestamp_ = timestamp;
                report_on_itself(timestamp);
            }
        }
    } catch (const std::exception& error) {
        base::report(error.what());
    }
    const bool waits = throttle_ != nullptr && throttle_->waiting() > 0;
    drain_at_ = waits ? now.steady + drain_period : clock::never;
}

void Output::add(std::vector<Point>& points, WallTime timestamp, const std::string& metric, double value,
                 const std::string& copy) {
    auto known = series_.find({metric, copy});
    if (known == series_.end()) {
        Tags tags = settings_.tags;
        tags.set("collector", collector_);
        if (!copy.empty()) {
            tags.set("copy", copy);
        }
        const bool reserve = settings_.form == Form::tcollector || !settings_.host_tag.is_none();
        known = series_
                    .emplace(std::pair{metric, copy},
                             Series{"tickertape." + metric, tags, {.step = period_, .reserve_host_tag = reserve}})
                    .first;
    }
    points.emplace_back(known->second, timestamp, value);
}

void Output::report_on_itself(WallTime timestamp) {
    const auto milliseconds = [](std::chrono::nanoseconds time) { return static_cast<double>(time.count()) / 1e6; };
    CounterBase::Stats counters;
    {
        counter::Registry& registry = counter::Registry::instance();
        const std::lock_guard lock{registry.mutex};
        for (const counter::CounterState* const state : registry.living()) {
            state->group->settle();
            counters.buckets_lost += state->stats.buckets_lost;
            counters.smeared += state->stats.smeared;
        }
    }
    const Clock::Stats clock = clock_.stats();
    std::vector<Point> points;
    add(points, timestamp, "up", 1);
    add(points, timestamp, "tick.lateness.max_ms", milliseconds(clock.tick_lateness_max));
    add(points, timestamp, "tick.missed", static_cast<double>(clock.ticks_missed));
    add(points, timestamp, "runs.missed", static_cast<double>(clock.runs_missed));
    add(points, timestamp, "clock.steps", static_cast<double>(clock.clock_steps));
    add(points, timestamp, "buckets.lost", static_cast<double>(counters.buckets_lost));
    add(points, timestamp, "buckets.smeared", static_cast<double>(counters.smeared));
    add(points, timestamp, "rows.skipped", static_cast<double>(proc::SkippedRows::count_of_all()));
    if (!losses_.empty()) {
        add(points, timestamp, "readings.refused", sum_of(&ReadingsLosses::refused));
        add(points, timestamp, "readings.lost", sum_of(&ReadingsLosses::lost));
    }
    if (throttle_ != nullptr) {
        add(points, timestamp, "queue", static_cast<double>(throttle_->waiting()));
        add(points, timestamp, "dropped", static_cast<double>(throttle_->dropped()));
        if (!losses_.empty()) {
            add(points, timestamp, "readings.thinned", sum_of(&ReadingsLosses::thinned));
        }
    }
    for (const Pushed& each : pushed_) {
        report_on_pushing(points, timestamp, each);
    }
    out_.publish(points);
}

double Output::sum_of(std::atomic<std::uint64_t> ReadingsLosses::* count) const {
    std::uint64_t sum = losses_of_ended_.*count;
    for (const auto& losses : losses_) {
        sum += (*losses).*count;
    }
    return static_cast<double>(sum);
}

void Output::report_on_pushing(std::vector<Point>& points, WallTime timestamp, const Pushed& pushed) {
    for (const auto& [metric, count] : stage::places_of(pushed.accounts->now())) {
        add(points, timestamp, std::string{metric}, static_cast<double>(count), pushed.copy);
    }
}

} // namespace tickertape::collector
