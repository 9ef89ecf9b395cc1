// SPDX-License-Identifier: MIT
#include <tickertape/readings.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>

#include "detail/diagnostics.hpp"
#include "detail/quote.hpp"

namespace tickertape {

namespace {

/// A key longer than this stands for no series: what that may be long at most, and the lengths of its texts.
constexpr std::size_t longest_key = 1024;

/// Puts a text behind its length, so that no row of texts, legal or not, can be taken for another.
void append(std::string& key, std::string_view text) {
    std::array<char, sizeof(std::uint32_t)> length{};
    const auto size = static_cast<std::uint32_t>(text.size());
    std::memcpy(length.data(), &size, length.size());
    key.append(length.data(), length.size()).append(text);
}

struct KeyHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const noexcept { return std::hash<std::string_view>{}(key); }
};

/// What is known of a metric and its tags.
struct Known {
    std::optional<Series> series; // nothing if it is illegal
    std::uint64_t seen = 0;       // in this run
    std::uint64_t taken = 0;      // in this run
};

ReadingsOptions checked(ReadingsOptions options) {
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
    explicit State(const ReadingsOptions& given) : options{checked(given)} {}

    void make_key();
    /// Nothing, and a sentence, if there is no such series.
    [[nodiscard]] std::optional<Series> make_series() const;
    [[nodiscard]] bool make_room();
    /// Null if there is no room.
    Known* find_or_make();

    using Tag = std::pair<std::string_view, std::string_view>;

    ReadingsOptions options;
    ReadingsStats stats;
    std::unordered_map<std::string, Known, KeyHash, std::equal_to<>> known;
    std::uint64_t run = 1; // what comes before the first `begin` belongs to the first
    std::uint64_t room_made = 0;
    bool begun = false;
    WallTime due{};
    std::vector<Point> points;
    std::size_t most_points = 0; // in a run

    // The reading at hand:
    std::string_view metric;
    std::vector<Tag> tags; // sorted by key
    std::string key;
    Known too_long{};
};

void Readings::State::make_key() {
    key.clear();
    append(key, metric);
    for (const auto& [tag, value] : tags) {
        append(key, tag);
        append(key, value);
    }
}

std::optional<Series> Readings::State::make_series() const {
    std::string reading{"the reading "};
    reading.append(detail::quote(metric));
    try {
        const Name name{metric};
        const auto twice =
            std::adjacent_find(tags.begin(), tags.end(), [](const Tag& a, const Tag& b) { return a.first == b.first; });
        if (twice != tags.end()) {
            throw UsageError{std::string{"the tag key "}.append(detail::quote(twice->first)).append(" stands twice")};
        }
        Tags all = options.tags;
        for (const auto& [tag, value] : tags) {
            all.set(tag, value);
        }
        if (all.size() == tags.size() + options.tags.size()) {
            return Series{name, all, {.step = options.step, .reserve_host_tag = options.reserve_host_tag}};
        }
    } catch (const UsageError& error) {
        detail::report(reading.append(" is left out: ").append(error.what()));
        return std::nullopt;
    }
    const auto common = std::find_if(tags.begin(), tags.end(),
                                     [this](const Tag& tag) { return options.tags.find(tag.first) != nullptr; });
    std::string sentence{"--tag: '"};
    sentence.append(common->first).append("=").append(*options.tags.find(common->first));
    sentence.append("' sets a key that ").append(reading).append(" sets itself");
    if (run == 1) {
        throw UsageError{sentence};
    }
    detail::report(sentence.append("; it is left out"));
    return std::nullopt;
}

bool Readings::State::make_room() {
    if (known.size() < options.max_series) {
        return true;
    }
    if (room_made != run) { // once a run: going through all of them takes time
        room_made = run;
        std::erase_if(known, [this](const auto& entry) { return entry.second.seen + 1 < run; });
    }
    return known.size() < options.max_series;
}

Known* Readings::State::find_or_make() {
    make_key();
    if (const auto found = known.find(std::string_view{key}); found != known.end()) {
        return &found->second;
    }
    if (key.size() > longest_key) { // not worth remembering
        too_long.series = make_series();
        return &too_long;
    }
    if (!make_room()) {
        detail::report("readings are left out: there are more than " + std::to_string(options.max_series) + " series");
        return nullptr;
    }
    return &known.emplace(key, Known{.series = make_series()}).first->second;
}

Readings::Readings(const ReadingsOptions& options) : state_{std::make_unique<State>(options)} {}
Readings::Readings(Readings&&) noexcept = default;
Readings& Readings::operator=(Readings&&) noexcept = default;
Readings::~Readings() = default;

WallTime Readings::time() const noexcept { return state_->due; }

ReadingsStats Readings::stats() const noexcept { return state_->stats; }

void Readings::begin(WallTime due) {
    State& state = *state_;
    state.run += std::exchange(state.begun, true) ? 1 : 0;
    state.due = due;
    state.points.clear();
    state.points.reserve(state.most_points);
}

std::vector<Point> Readings::points() {
    state_->most_points = std::max(state_->most_points, state_->points.size());
    return std::exchange(state_->points, {});
}

void Readings::name(std::string_view metric) {
    state_->metric = metric;
    state_->tags.clear();
}

void Readings::add_tag(std::string_view key, std::string_view value) {
    // There are a few, in order as a rule; equal keys, which are refused, become neighbours.
    auto& tags = state_->tags;
    const auto after = [](std::string_view wanted, const State::Tag& tag) { return wanted < tag.first; };
    tags.emplace(std::upper_bound(tags.begin(), tags.end(), key, after), key, value);
}

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
        std::string sentence{"the reading '"};
        detail::report(sentence.append(known->series->text()).append("' came twice in one run; the first one counts"));
    } else {
        ++state.stats.accepted;
        state.points.emplace_back(*known->series, state.due, *value);
    }
}

} // namespace tickertape
