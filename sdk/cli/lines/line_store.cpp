// SPDX-License-Identifier: MIT
#include "cli/lines/line_store.hpp"

#include <algorithm>
#include <utility>

#include <range/v3/algorithm/stable_sort.hpp>

#include "base/concat.hpp"

namespace tickertape::cli::lines {

namespace {

constexpr std::int64_t latest_stamp =
    9'000'000'000'000; // in the year 2255; after it, ends of buckets would not fit into 64-bit nanoseconds
constexpr std::size_t per_series = 512; // bytes in addition to the names, including the tables that find it

} // namespace

std::string StoredSeries::text() const {
    std::string text = metric;
    return tags.empty() ? text : text.append(" ").append(tags);
}

std::optional<std::string_view> StoredSeries::tag(std::string_view key) const {
    for (std::string_view rest = tags; !rest.empty();) {
        const std::string_view part = rest.substr(0, rest.find(' '));
        if (part.size() > key.size() && part.starts_with(key) && part[key.size()] == '=') {
            return part.substr(key.size() + 1);
        }
        rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    }
    return std::nullopt;
}

std::size_t StoredSeries::sort() {
    if (!is_sorted) {
        ranges::stable_sort(readings, {}, &Reading::stamp);
        is_sorted = true;
    }
    // Backwards, so that the last of equal stamps comes first and is kept.
    const auto kept = std::unique(readings.rbegin(), readings.rend(), [](const Reading& later, const Reading& earlier) {
        return later.stamp() == earlier.stamp();
    });
    const auto gone = readings.begin() + (readings.rend() - kept);
    const auto count = static_cast<std::size_t>(gone - readings.begin());
    readings.erase(readings.begin(), gone);
    return replaced += count;
}

void LineStore::add(std::string_view line) {
    ++lines_;
    if (const auto known = shapes_.expected(line)) {
        fetch_ahead();
        take(*known);
        return;
    }
    PutLine fields;
    const LineError error = read_put_line(line, fields);
    if (error.fault != LineFault::none) {
        ++faults_[static_cast<std::size_t>(error.fault)];
        return;
    }
    std::optional<std::size_t> series = shapes_.find(line, fields);
    if (!series) {
        series = learn(line, fields);
    }
    if (!series) {
        ++without_room_;
        return;
    }
    take({.series = *series, .stamp = stamp_in_ms(fields), .value = fields.number()});
}

// Prefetches the place of a reading that comes a few lines later.
void LineStore::fetch_ahead() const noexcept {
    const std::optional<std::size_t> series = shapes_.fetch_ahead();
    if (series && *series < series_.size() && !series_[*series].readings.empty()) {
        const Reading* const last = &series_[*series].readings.back();
        __builtin_prefetch(last);
        __builtin_prefetch(last + 1, 1); // the place after it is not read
    }
}

void LineStore::take(const LineShapes::Line& line) {
    if (line.series == not_asked) {
        ++not_asked_for_;
    } else if (line.stamp > latest_stamp) {
        ++faults_[static_cast<std::size_t>(LineFault::stamp)];
    } else {
        append(line.series, line.stamp, line.value);
    }
}

// Returns the series of a line with a new shape; nothing if there is no room for it.
std::optional<std::size_t> LineStore::learn(std::string_view line, const PutLine& fields) {
    // The shape may belong to a new series, so the series' names count, too.
    const std::size_t cost = 4 * LineShapes::size_of(line, fields) + per_series;
    if (names_ + cost > options_.memory / 2) {
        return std::nullopt;
    }
    if (bytes_ + cost > options_.memory) {
        make_room();
    }
    const bool is_kept = is_asked_for(fields.metric) || fields.metric == options_.metric_beside;
    const std::size_t series = is_kept ? series_of(fields) : not_asked;
    bytes_ += cost;
    names_ += cost;
    shapes_.learn(line, fields, series);
    return series;
}

bool LineStore::is_asked_for(std::string_view metric) const noexcept {
    return options_.metric.empty() || matches(options_.metric, metric);
}

std::size_t LineStore::series_of(const PutLine& line) {
    std::string tags = sorted_tags(line.tags);
    std::string name = base::concat(line.metric, " ", tags);
    const auto [at, is_new] = series_by_name_.try_emplace(std::move(name), series_.size());
    if (is_new) {
        series_.push_back(
            {.metric = std::string{line.metric}, .tags = std::move(tags), .is_asked_for = is_asked_for(line.metric)});
    }
    return at->second;
}

void LineStore::append(std::size_t index, std::int64_t stamp, Value value) {
    ++used_;
    newest_ = std::max(newest_, stamp);
    oldest_ = std::min(oldest_, stamp);
    StoredSeries& series = series_[index];
    auto& readings = series.readings;
    if (!readings.empty() && readings.back().stamp() == stamp) {
        readings.back() = Reading{stamp, value};
        ++series.replaced;
        return;
    }
    if (readings.size() == readings.capacity()) {
        const auto last = options_.last.count();
        if (last > 0 && !readings.empty() && readings[readings.size() / 2].stamp() <= newest_ - last) {
            // Half of them are too old, so no more room is needed.
            drop_too_old(series);
        } else {
            const std::size_t more = std::max<std::size_t>(readings.capacity(), 8);
            if (bytes_ + more * sizeof(Reading) > options_.memory) {
                make_room();
            }
            if (readings.size() == readings.capacity()) {
                if (bytes_ + more * sizeof(Reading) > options_.memory) {
                    ++without_room_;
                    --used_;
                    return;
                }
                bytes_ += more * sizeof(Reading);
                readings.reserve(readings.capacity() + more);
            }
        }
    }
    series.is_sorted = series.is_sorted && (readings.empty() || readings.back().stamp() <= stamp);
    readings.emplace_back(stamp, value);
}

// Frees half of the memory for readings, unless all readings have the same time.
void LineStore::make_room() {
    const std::size_t enough = names_ + (options_.memory - names_) / 2;
    while (bytes_ > enough && oldest_ < newest_) {
        oldest_ += (newest_ - oldest_ + 1) / 2;
        forget_before(oldest_);
    }
}

void LineStore::forget_before(std::int64_t stamp) {
    kept_since_ = std::max(kept_since_, stamp);
    for (StoredSeries& series : series_) {
        auto& readings = series.readings;
        const std::size_t before = readings.capacity();
        forgotten_ += std::erase_if(readings, [&](const Reading& reading) { return reading.stamp() < stamp; });
        if (readings.size() <= before / 2) {
            readings.shrink_to_fit();
            bytes_ -= (before - readings.capacity()) * sizeof(Reading);
        }
    }
}

void LineStore::drop_too_old(StoredSeries& series) {
    const std::int64_t newest_too_old = newest_ - options_.last.count();
    too_old_ += std::erase_if(series.readings, [&](const Reading& r) { return r.stamp() <= newest_too_old; });
}

void LineStore::finish() {
    if (options_.last.count() > 0) {
        std::for_each(series_.begin(), series_.end(), [this](StoredSeries& series) { drop_too_old(series); });
    }
    std::erase_if(series_, [](const StoredSeries& series) { return series.readings.empty(); });
    series_by_name_.clear();
    shapes_.clear();
}

bool matches(std::string_view pattern, std::string_view text) noexcept {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t mark = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            mark = t;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

} // namespace tickertape::cli::lines
