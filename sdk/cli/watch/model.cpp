// SPDX-License-Identifier: MIT
#include "cli/watch/model.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "cli/lines/band.hpp"
#include "cli/lines/line_store.hpp"

namespace tickertape::cli::watch {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds most_ahead = 1min;
constexpr std::chrono::milliseconds count_every = 500ms;
constexpr std::chrono::seconds look_every{5};
constexpr std::size_t shapes_per_series = 2; // `put m 1 2 a=b c=d` and `put m 1 2 c=d a=b` are two shapes
constexpr std::size_t more_shapes = 1000;

} // namespace

std::uint64_t WatchLosses::unusable() const noexcept {
    return std::accumulate(faults.begin(), faults.end(), std::uint64_t{0});
}

void WatchModel::set_time(SteadyTime now, WallTime wall) {
    if (!std::exchange(has_time_, true)) {
        heard_ = looked_ = now;
    }
    now_ = now;
    wall_ = wall;
    if (counts_.empty() || now - counts_.back().time >= count_every) {
        counts_.push_back({.time = now, .lines = lines_});
    }
    if (now - looked_ >= look_every) {
        looked_ = now;
        forget_silent();
    }
}

void WatchModel::add(std::string_view line) {
    ++lines_;
    heard_ = now_;
    if (const auto known = shapes_.expected(line)) {
        take(*known);
        return;
    }
    lines::PutLine fields;
    const lines::LineError error = read_put_line(line, fields);
    if (error.fault != lines::LineFault::none) {
        ++losses_.faults[static_cast<std::size_t>(error.fault)];
        return;
    }
    std::optional<std::size_t> series = shapes_.find(line, fields);
    if (!series) {
        series = learn(line, fields);
    }
    if (!series) {
        ++losses_.without_room;
        return;
    }
    take({.series = *series, .stamp = stamp_in_ms(fields), .value = fields.number()});
}

void WatchModel::take(const lines::LineShapes::Line& line) {
    if (line.series == not_asked) {
        return;
    }
    WatchedSeries& series = series_[line.series];
    series.heard = now_;
    if (!series.data.add(line.stamp, line.value, options_.series)) {
        ++losses_.too_old;
    }
    newest_ = std::max(newest_, line.stamp);
}

// Returns the series of a line with a new shape; nothing if there is no room for it.
std::optional<std::size_t> WatchModel::learn(std::string_view line, const lines::PutLine& fields) {
    std::size_t series = not_asked;
    if (options_.metric.empty() || lines::matches(options_.metric, fields.metric)) {
        std::string text{fields.metric};
        if (fields.tag_count > 0) {
            text.append(" ").append(lines::sorted_tags(fields.tags));
        }
        if (const auto known = series_by_text_.find(text); known != series_by_text_.end()) {
            series = known->second;
        } else if (series_.size() < options_.max_series) {
            series = series_.size();
            series_by_text_.emplace(text, series);
            series_.push_back({.text = std::move(text), .metric_size = fields.metric.size()});
            pair_up(series);
        } else {
            return std::nullopt;
        }
    }
    if (shapes_.size() >= shapes_per_series * options_.max_series + more_shapes) {
        shapes_.clear(); // shapes in use are learned again
    }
    shapes_.learn(line, fields, series);
    return series;
}

/// Connects a distribution's p99 with its maxima, whichever comes last.
void WatchModel::pair_up(std::size_t place) {
    const auto find = [&](std::string_view old, std::string_view end) -> std::optional<std::size_t> {
        const std::optional<std::string> other = lines::with_end(series_[place].text, old, end);
        const auto found = other ? series_by_text_.find(*other) : series_by_text_.end();
        return found == series_by_text_.end() ? std::nullopt : std::optional{found->second};
    };
    if (const auto max = find(lines::p99_end, lines::max_end)) {
        series_[place].max = max;
        series_[*max].p99 = place;
    } else if (const auto p99 = find(lines::max_end, lines::p99_end)) {
        series_[place].p99 = p99;
        series_[*p99].max = place;
    }
}

void WatchModel::forget_silent() {
    const std::size_t gone =
        std::erase_if(series_, [this](const WatchedSeries& series) { return now_ - series.heard > options_.forget; });
    if (gone > 0) {
        losses_.forgotten += gone;
        shapes_.clear();
        series_by_text_.clear();
        for (std::size_t i = 0; i < series_.size(); ++i) {
            series_by_text_.emplace(series_[i].text, i);
            series_[i].max.reset();
            series_[i].p99.reset();
        }
        for (std::size_t i = 0; i < series_.size(); ++i) {
            pair_up(i);
        }
    }
}

std::int64_t WatchModel::edge() const noexcept {
    const auto limit = std::chrono::floor<std::chrono::milliseconds>(wall_.time_since_epoch() + most_ahead).count();
    return newest_ == INT64_MIN ? limit - most_ahead.count() : std::min(newest_, limit);
}

double WatchModel::lines_per_second() const noexcept {
    if (counts_.empty() || now_ <= counts_.front().time) {
        return 0;
    }
    return static_cast<double>(lines_ - counts_.front().lines) /
           std::chrono::duration<double>(now_ - counts_.front().time).count();
}

} // namespace tickertape::cli::watch
