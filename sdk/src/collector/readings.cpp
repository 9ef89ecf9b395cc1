// SPDX-License-Identifier: MIT
#include <tickertape/readings.hpp>

#include <algorithm>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>

#include <tickertape/sketch.hpp>

#include "base/concat.hpp"
#include "base/diagnostics.hpp"
#include "base/quote.hpp"
#include "point/series_key.hpp"

namespace tickertape {

namespace {

/// The series of a metric and its tags.
struct Known {
    std::optional<Series> series; // nothing for an illegal one
    std::uint64_t seen = 0;       // the last run that had a reading of it
    std::uint64_t taken = 0;      // the last run that took a reading of it
};

Readings::Options checked(Readings::Options options) {
    if (options.step < std::chrono::nanoseconds::zero()) {
        throw UsageError{"the step of Readings is negative; it is 0 (none) or positive"};
    }
    if (options.max_series == 0) {
        throw UsageError{"the max_series of Readings is 0; it is at least 1"};
    }
    return options;
}

} // namespace

struct Readings::State {
    explicit State(const Readings::Options& given) : options{checked(given)} {}

    /// Returns nothing, and reports why, if the series is illegal.
    [[nodiscard]] std::optional<Series> make_series() const;
    [[nodiscard]] bool make_room();
    /// Returns null if there is no room.
    Known* find_or_make();

    Readings::Options options;
    Readings::Stats stats;
    std::unordered_map<std::string, Known, point::SeriesKeyHash, std::equal_to<>> known;
    std::uint64_t run = 1; // readings before the first `begin` belong to the first run
    std::uint64_t room_made = 0;
    bool begun = false;
    WallTime due{};
    Readings::Room room;
    std::size_t spare = 0;
    std::vector<Point> points;
    std::size_t most_points = 0; // in a run

    point::SeriesKey key; // of the reading at hand
    std::string metric;   // of a sketch's part
    Known too_long{};
};

std::optional<Series> Readings::State::make_series() const {
    std::string reading = base::concat("reading ", base::quote(key.metric()));
    const auto& tags = key.tags();
    const auto common = std::find_if(tags.begin(), tags.end(),
                                     [this](const auto& tag) { return options.tags.find(tag.first) != nullptr; });
    try {
        Series series = key.make(options.tags, {.step = options.step, .reserve_host_tag = options.reserve_host_tag});
        if (common == tags.end()) {
            return series;
        }
    } catch (const UsageError& error) {
        // Message: reading 'METRIC': left out: REASON
        // Cause: A metric or a tag has an illegal character, or there are too many tags.
        // Remedy: In a collector of your own, check the names. tickertape.readings.refused counts.
        base::report(reading.append(": left out: ").append(error.what()));
        return std::nullopt;
    }
    std::string sentence = base::concat("--tag: '", common->first, "=", *options.tags.find(common->first));
    sentence.append("' sets a key that the ").append(reading).append(" sets itself");
    if (run == 1) {
        throw UsageError{sentence};
    }
    // Message: --tag: 'KEY=VALUE' sets a key that the reading 'METRIC' sets itself: left out
    // Cause: A tag of --tag has a key that the collector uses for its own tag.
    // Remedy: Choose another key for --tag.
    base::report(sentence.append(": left out"));
    return std::nullopt;
}

bool Readings::State::make_room() {
    if (known.size() < options.max_series) {
        return true;
    }
    if (room_made != run) { // at most once a run, because it goes through all series
        room_made = run;
        std::erase_if(known, [this](const auto& entry) { return entry.second.seen + 1 < run; });
    }
    return known.size() < options.max_series;
}

Known* Readings::State::find_or_make() {
    const std::string_view bytes = key.bytes();
    if (const auto found = known.find(bytes); found != known.end()) {
        return &found->second;
    }
    if (bytes.size() > point::SeriesKey::longest) { // too long to be remembered
        too_long.series = make_series();
        return &too_long;
    }
    if (!make_room()) {
        // Message: readings: more than NUMBER series: new ones are left out
        // Cause: More devices, processes or groups exist than the collector keeps series for.
        // Remedy: Leave some out with --exclude-….
        base::report(base::concat("readings: more than ", options.max_series, " series: new ones are left out"));
        return nullptr;
    }
    return &known.emplace(bytes, Known{.series = make_series()}).first->second;
}

Readings::Readings() : Readings{Options{}} {}

Readings::Readings(const Options& options) : state_{std::make_unique<State>(options)} {}
Readings::Readings(Readings&&) noexcept = default;
Readings& Readings::operator=(Readings&&) noexcept = default;
Readings::~Readings() = default;

template <class AddTags>
void Readings::take_sketch(std::string_view metric, const Sketch& sketch, AddTags add_tags) {
    const auto take_one = [&](std::string_view suffix, Value value) {
        state_->metric.assign(metric).append(suffix);
        name(state_->metric);
        add_tags();
        take(value);
    };
    take_one(".count", sketch.count());
    if (!sketch.empty()) {
        take_one(".sum", sketch.sum());
        take_one(".max", sketch.max());
        constexpr double share = 0.99;
        take_one(".p99", sketch.quantile(share));
    }
}

void Readings::operator()(Name metric, const Sketch& sketch, std::initializer_list<Tag> tags) {
    take_sketch(metric.text(), sketch, [&] {
        for (const Tag& tag : tags) {
            add_tag(tag.key.text(), tag.value);
        }
    });
}

void Readings::operator()(Name metric, const Sketch& sketch, const Tags& tags) {
    take_sketch(metric.text(), sketch, [&] {
        for (const auto& [key, text] : tags) {
            add_tag(key, text);
        }
    });
}

WallTime Readings::time() const noexcept { return state_->due; }

Readings::Stats Readings::stats() const noexcept { return state_->stats; }

const Readings::Room& Readings::room() const noexcept { return state_->room; }

std::size_t Readings::size() const noexcept { return state_->points.size(); }

std::size_t Readings::spare() const noexcept { return state_->spare; }

void Readings::set_time(WallTime time) noexcept { state_->due = time; }

void Readings::set_step(std::chrono::nanoseconds step) noexcept { state_->options.step = step; }

void Readings::count_thinned() noexcept { ++state_->stats.thinned; }

void Readings::count_spare(std::size_t readings) noexcept { state_->spare += readings; }

void Readings::take_back(std::size_t size) noexcept {
    std::vector<Point>& points = state_->points;
    if (size < points.size()) {
        state_->stats.accepted -= points.size() - size;
        points.erase(points.begin() + static_cast<std::ptrdiff_t>(size), points.end());
    }
}

void Readings::begin(WallTime due, std::vector<Point> memory) { begin(due, std::move(memory), Room{}); }

void Readings::begin(WallTime due, std::vector<Point> memory, const Room& room) {
    State& state = *state_;
    state.room = room;
    state.spare = 0;
    state.run += std::exchange(state.begun, true) ? 1 : 0;
    state.due = due;
    state.points = std::move(memory);
    state.points.clear();
    state.points.reserve(state.most_points);
}

std::vector<Point> Readings::points() {
    state_->most_points = std::max(state_->most_points, state_->points.size());
    return std::exchange(state_->points, {});
}

void Readings::name(std::string_view metric) { state_->key.set_metric(metric); }

void Readings::add_tag(std::string_view key, std::string_view value) { state_->key.add_tag(key, value); }

void Readings::take(std::optional<Value> value) {
    State& state = *state_;
    Known* const known = state.find_or_make();
    if (known == nullptr) {
        ++state.stats.over_limit;
        return;
    }
    known->seen = state.run;
    if (!known->series) {
        ++state.stats.illegal;
    } else if (!value) {
        ++state.stats.not_finite;
    } else if (std::exchange(known->taken, state.run) == state.run) {
        ++state.stats.repeated;
        // Message: reading 'SERIES': twice in one run: the first one counts
        // Cause: A collector reports one series twice in a run; two things of one name exist.
        // Remedy: In a collector of your own, give the series a tag that tells them apart.
        base::report(base::concat("reading '", known->series->text(), "': twice in one run: the first one counts"));
    } else {
        ++state.stats.accepted;
        state.points.emplace_back(*known->series, state.due, *value);
    }
}

} // namespace tickertape
