// SPDX-License-Identifier: MIT
#include "scrape/metrics_page.hpp"

#include <algorithm>

#include "base/concat.hpp"
#include "base/diagnostics.hpp"
#include "base/quote.hpp"
#include "counter/distribution_state.hpp"
#include "counter/registry.hpp"
#include "scrape/metrics_names.hpp"

namespace tickertape::scrape {

namespace {

/// Returns the sum; `a` if no value can hold the sum.
Value plus(Value a, Value b) {
    std::int64_t sum = 0;
    return a.is_integer() && b.is_integer() && !__builtin_add_overflow(a.integer(), b.integer(), &sum)
               ? Value{sum}
               : Value::checked(a.as_double() + b.as_double()).value_or(a);
}

void write_line(std::string& text, std::string_view name, std::string_view suffix, std::string_view labels,
                Value value) {
    text.append(name).append(suffix);
    if (!labels.empty()) {
        text.append("{").append(labels).append("}");
    }
    text.append(" ").append(to_string(value)).append("\n");
}

} // namespace

Outcome MetricsPage::take(std::span<const Point> points, SteadyTime now) {
    Outcome outcome = Outcome::all(points);
    std::optional<Roles> counters;
    const std::lock_guard lock{mutex_};
    for (std::size_t i = 0; i < points.size(); ++i) {
        auto known = places_.find(points[i].series());
        if (known == places_.end()) {
            if (now >= next_removal_) {
                remove_silent(now);
                next_removal_ = now + removal_interval;
            }
            if (places_.size() >= most_series) {
                // Message: /metrics: more than 10000 series: new ones are left out
                // Cause: serve_metrics got points of more than 10,000 series.
                // Remedy: Use fewer tags, or serve fewer counters.
                base::report(base::concat("/metrics: more than ", most_series, " series: new ones are left out"));
                outcome.rejected.push_back({.index = i, .reason = Reason::over_limit});
                continue;
            }
            const Series& series = points[i].series();
            known = places_.emplace(series, make_place(series, role_of(series, counters))).first;
        }
        Place& place = known->second;
        if (place.family) {
            place.sample->second.life.when = now;
            add(place, points[i].value());
        } else {
            place.rejected.when = now;
            outcome.rejected.push_back({.index = i, .reason = Reason::refused});
        }
    }
    return outcome;
}

void MetricsPage::add(Place& place, Value value) {
    Sample& sample = place.sample->second;
    switch (place.part) {
    case Part::last: sample.value = value; break;
    case Part::event: sample.count = plus(sample.count, 1); [[fallthrough]];
    case Part::increment:
    case Part::sum: sample.value = plus(sample.value, value); break;
    case Part::count: sample.count = plus(sample.count, value); break;
    case Part::bucket: sample.buckets[place.bucket].count = plus(sample.buckets[place.bucket].count, value); break;
    }
}

/// A point does not contain the kind of its counter, so this asks the counters.
MetricsPage::Roles MetricsPage::roles_of_counters() {
    Roles roles;
    counter::Registry& registry = counter::Registry::instance();
    const std::lock_guard lock{registry.mutex};
    for (const counter::CounterState* const living : registry.living()) {
        const counter::CounterState& state = *living;
        const auto* const distribution = dynamic_cast<const counter::DistributionState*>(&state);
        if (distribution == nullptr) {
            roles[state.series] = {.type = state.holds_readings ? Type::gauge : Type::counter,
                                   .part = state.holds_readings ? Part::last : Part::increment,
                                   .timespan = state.timespan};
            continue;
        }
        using Kind = counter::DistributionOutput::Kind;
        const std::string metric{state.series.metric()};
        for (const counter::DistributionOutput& output : distribution->outputs) {
            Role role{.type = Type::gauge};
            if (output.kind == Kind::bucket) {
                const Tags tags = output.series.tags();
                const std::string* const le = tags.find("le");
                role = {.type = Type::distribution,
                        .part = Part::bucket,
                        .metric = metric,
                        .le = le != nullptr ? *le : std::string{}};
            } else if (output.kind == Kind::field && (output.field == Field::count || output.field == Field::sum)) {
                role = {.type = Type::distribution,
                        .part = output.field == Field::count ? Part::count : Part::sum,
                        .metric = metric};
            }
            role.timespan = state.timespan;
            roles[output.series] = std::move(role);
        }
    }
    return roles;
}

MetricsPage::Role MetricsPage::role_of(const Series& series, std::optional<Roles>& counters) {
    switch (series.merge()) {
    case SeriesOptions::Merge::sum: return {.type = Type::counter, .part = Part::increment};
    case SeriesOptions::Merge::timing: return {.type = Type::distribution, .part = Part::event};
    case SeriesOptions::Merge::last: return {.type = Type::gauge};
    case SeriesOptions::Merge::none: break;
    }
    if (!counters) {
        counters = roles_of_counters();
    }
    const auto found = counters->find(series);
    return found != counters->end() ? found->second : Role{};
}

MetricsPage::Place MetricsPage::make_place(const Series& series, const Role& role) {
    Place place{.part = role.part};
    const auto steps = 3 * std::max(role.timespan, series.step());
    const Life life{.stays = series.merge() != SeriesOptions::Merge::none,
                    .silence = std::max<SteadyTime::duration>(longest_silence, steps)};
    const std::string metric = role.metric.empty() ? std::string{series.metric()} : role.metric;
    std::string name = metric_name(metric);
    if (role.type == Type::counter && !name.ends_with("_total")) {
        name.append("_total");
    }
    const auto labels = labels_of(series.tags(), role.part == Part::bucket);
    const auto family = labels ? family_of(name, {.type = role.type, .metric = metric}) : std::nullopt;
    if (family) {
        place.sample = (*family)->second.samples.try_emplace(*labels).first;
        Sample& sample = place.sample->second;
        const bool is_bucket = role.part == Part::bucket;
        const bool is_taken =
            is_bucket ? std::any_of(sample.buckets.begin(), sample.buckets.end(),
                                    [&](const Bucket& bucket) { return bucket.le == role.le; })
                      : std::find(sample.parts.begin(), sample.parts.end(), role.part) != sample.parts.end();
        if (!is_taken) {
            place.family = family;
            place.bucket = sample.buckets.size();
            ++sample.series;
            sample.life.stays = sample.life.stays || life.stays;
            sample.life.silence = std::max(sample.life.silence, life.silence);
            if (is_bucket) {
                sample.buckets.push_back({.le = role.le});
            } else {
                sample.parts.push_back(role.part);
            }
            return place;
        }
    }
    place.rejected = life;
    // Message: series 'SERIES': not unique in the characters of Prometheus: left out at /metrics
    // Cause: Prometheus allows only letters, digits and _ in names, so a.b and a-b are the same. That also applies to two tags
    //   of one series.
    // Remedy: Rename one of the two.
    base::report(base::concat("series ", base::quote(series.text()),
                              ": not unique in the characters of Prometheus: left out at /metrics"));
    return place;
}

/// Returns the family of this name; nothing if the name, or one that begins with it, belongs to another metric.
std::optional<MetricsPage::Families::iterator> MetricsPage::family_of(const std::string& name, const Role& role) {
    if (const auto known = families_.find(name); known != families_.end()) {
        const bool is_same = known->second.metric == role.metric && known->second.type == role.type;
        return is_same ? std::optional{known} : std::nullopt;
    }
    const std::vector<std::string> names = names_of(name, role.type == Type::distribution);
    if (std::any_of(names.begin(), names.end(), [this](const std::string& each) { return names_.contains(each); })) {
        return std::nullopt;
    }
    names_.insert(names.begin(), names.end());
    return families_.emplace(name, Family{.metric = role.metric, .type = role.type}).first;
}

void MetricsPage::remove_silent(SteadyTime now) {
    std::erase_if(places_, [&](const auto& entry) {
        const Place& place = entry.second;
        const Life& life = place.family ? place.sample->second.life : place.rejected;
        const bool is_silent = !life.stays && now - life.when > life.silence;
        if (is_silent && place.family) {
            remove(*place.family, place.sample);
        }
        return is_silent;
    });
}

void MetricsPage::remove(Families::iterator family, Samples::iterator sample) {
    if (--sample->second.series > 0) {
        return;
    }
    family->second.samples.erase(sample);
    if (family->second.samples.empty()) {
        for (const std::string& name : names_of(family->first, family->second.type == Type::distribution)) {
            names_.erase(name);
        }
        families_.erase(family);
    }
}

std::string MetricsPage::text(SteadyTime now) {
    std::string text;
    const std::lock_guard lock{mutex_};
    remove_silent(now);
    for (const auto& [name, family] : families_) {
        write(text, name, family);
    }
    return text;
}

void MetricsPage::write(std::string& text, const std::string& name, const Family& family) {
    const bool is_histogram = std::any_of(family.samples.begin(), family.samples.end(),
                                          [](const auto& each) { return !each.second.buckets.empty(); });
    const std::string_view type = family.type == Type::counter   ? "counter"
                                  : family.type == Type::gauge   ? "gauge"
                                  : family.type == Type::untyped ? "untyped"
                                  : is_histogram                 ? "histogram"
                                                                 : "summary";
    text.append(base::concat("# HELP ", name, " ", family.metric, "\n# TYPE ", name, " ", type, "\n"));
    for (const auto& [labels, sample] : family.samples) {
        if (family.type != Type::distribution) {
            write_line(text, name, "", labels, sample.value);
            continue;
        }
        Value count = sample.buckets.empty() ? sample.count : 0;
        if (is_histogram) {
            const std::string comma = labels.empty() ? "" : ",";
            for (const Bucket& bucket : sample.buckets) {
                // If the points of one time come in several batches, the first buckets may be ahead of the last ones.
                count = bucket.count.as_double() > count.as_double() ? bucket.count : count;
                const std::string sign = bucket.le == "Inf" ? "+" : "";
                write_line(text, name, "_bucket", base::concat(labels, comma, "le=\"", sign, bucket.le, "\""), count);
            }
            if (sample.buckets.empty()) {
                write_line(text, name, "_bucket", base::concat(labels, comma, "le=\"+Inf\""), count);
            }
        }
        if (std::any_of(sample.parts.begin(), sample.parts.end(),
                        [](Part part) { return part == Part::sum || part == Part::event; })) {
            write_line(text, name, "_sum", labels, sample.value);
        }
        write_line(text, name, "_count", labels, count);
    }
}

} // namespace tickertape::scrape
