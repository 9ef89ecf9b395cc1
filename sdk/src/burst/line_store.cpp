// SPDX-License-Identifier: MIT
#include "burst/line_store.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <tickertape/line.hpp>

namespace tickertape::burst {

namespace {

constexpr std::size_t seconds_digits = 10;
constexpr std::size_t milliseconds_digits = 13;
constexpr std::size_t per_series = 512; // bytes beside the names, with the tables that find it

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

std::int64_t milliseconds_of(std::int64_t stamp, std::size_t digits) noexcept {
    return digits == seconds_digits ? stamp * 1000 : stamp;
}

// The tags in order of their keys.
std::string sorted_tags(std::string_view tags) {
    std::vector<std::string_view> parts;
    while (!tags.empty()) {
        const std::size_t end = std::min(tags.find(' '), tags.size());
        if (end > 0) {
            parts.push_back(tags.substr(0, end));
        }
        tags.remove_prefix(std::min(end + 1, tags.size()));
    }
    std::sort(parts.begin(), parts.end(), [](std::string_view a, std::string_view b) {
        return a.substr(0, a.find('=')) < b.substr(0, b.find('='));
    });
    std::string text;
    for (const std::string_view part : parts) {
        text.append(text.empty() ? "" : " ").append(part);
    }
    return text;
}

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
        std::stable_sort(readings.begin(), readings.end(),
                         [](const Reading& a, const Reading& b) { return a.stamp() < b.stamp(); });
        is_sorted = true;
    }
    // From behind, so that of equal stamps the last is met first.
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
    if (last_shape_ != none) {
        const std::size_t expected = shapes_[last_shape_].next;
        if (expected != none && add_known(line, shapes_[expected], expected)) {
            return;
        }
    }
    detail::PutLine fields;
    const detail::LineError error = read_put_line(line, fields);
    if (error.fault != detail::LineFault::none) {
        ++faults_[static_cast<std::size_t>(error.fault)];
        return;
    }
    const std::size_t shape = shape_of(fields, line);
    if (last_shape_ != none && shape != none) {
        shapes_[last_shape_].next = shape;
    }
    last_shape_ = shape;
    const std::size_t series = shape != none ? shapes_[shape].series : none;
    if (series == none) {
        ++(shape == none ? without_room_ : not_asked_for_);
        return;
    }
    const auto stamp = std::chrono::floor<std::chrono::milliseconds>(fields.time()).time_since_epoch().count();
    append(series, stamp, fields.number());
}

// A line of the shape `shape`, if it is one: what is around stamp and value has been judged already.
bool LineStore::add_known(std::string_view line, const Shape& shape, std::size_t index) {
    const std::string_view head = shape.head;
    const std::string_view tail = shape.tail;
    if (line.size() < head.size() + tail.size() || line.size() > max_line || !line.starts_with(head) ||
        !line.ends_with(tail)) {
        return false;
    }
    const char* at = line.data() + head.size();
    const char* const end = line.data() + line.size() - tail.size();
    std::int64_t stamp = 0;
    const char* const first = at;
    for (; at != end && is_digit(*at) && at - first < static_cast<std::ptrdiff_t>(milliseconds_digits); ++at) {
        stamp = stamp * 10 + (*at - '0');
    }
    const auto digits = static_cast<std::size_t>(at - first);
    // The strict parser decides on whatever is unusual.
    if ((digits != seconds_digits && digits != milliseconds_digits) || *first == '0' || at == end || *at != ' ' ||
        (digits == seconds_digits && stamp > std::int64_t{UINT32_MAX})) {
        return false;
    }
    ++at;
    if (at == end || !(is_digit(*at) || *at == '-')) {
        return false;
    }
    std::int64_t integer = 0;
    Value value;
    if (const auto result = std::from_chars(at, end, integer); result.ec == std::errc{} && result.ptr == end) {
        value = Value{integer};
    } else {
        double number = 0;
        const auto real = std::from_chars(at, end, number);
        const auto checked = real.ec == std::errc{} && real.ptr == end ? Value::checked(number) : std::nullopt;
        if (!checked) {
            return false;
        }
        value = *checked;
    }
    last_shape_ = index;
    if (shape.series == none) {
        ++not_asked_for_;
    } else {
        append(shape.series, milliseconds_of(stamp, digits), value);
    }
    return true;
}

std::size_t LineStore::shape_of(const detail::PutLine& line, std::string_view text) {
    const auto head_size = static_cast<std::size_t>(line.stamp.data() - text.data());
    const auto tail_begin = static_cast<std::size_t>(line.value.data() + line.value.size() - text.data());
    std::string key{text.substr(0, head_size)};
    key.append(text.substr(tail_begin));
    if (const auto known = shape_by_text_.find(key); known != shape_by_text_.end()) {
        return known->second;
    }
    // The names of a series that is new, too.
    const std::size_t cost = 4 * key.size() + per_series;
    if (names_ + cost > options_.memory / 2) {
        return none;
    }
    if (bytes_ + cost > options_.memory) {
        make_room();
    }
    std::size_t series = none;
    if (options_.metric.empty() || matches(options_.metric, line.metric)) {
        series = series_of(line);
    }
    bytes_ += cost;
    names_ += cost;
    shapes_.push_back({.head = std::string{text.substr(0, head_size)},
                       .tail = std::string{text.substr(tail_begin)},
                       .series = series,
                       .next = none});
    shape_by_text_.emplace(std::move(key), shapes_.size() - 1);
    return shapes_.size() - 1;
}

std::size_t LineStore::series_of(const detail::PutLine& line) {
    std::string tags = sorted_tags(line.tags);
    std::string name{line.metric};
    name.append(" ").append(tags);
    const auto [at, is_new] = series_by_name_.try_emplace(std::move(name), series_.size());
    if (is_new) {
        series_.push_back({.metric = std::string{line.metric}, .tags = std::move(tags)});
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
        if (last > 0 && !readings.empty() && readings[readings.size() / 2].stamp() < newest_ - last) {
            // Half of them are too old: no need for more room.
            std::erase_if(readings, [&](const Reading& reading) { return reading.stamp() < newest_ - last; });
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

// Half of what readings may take is then free, unless all are of one time.
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

void LineStore::finish() {
    if (options_.last.count() > 0) {
        for (StoredSeries& series : series_) {
            std::erase_if(series.readings,
                          [&](const Reading& r) { return r.stamp() <= newest_ - options_.last.count(); });
        }
    }
    std::erase_if(series_, [](const StoredSeries& series) { return series.readings.empty(); });
    series_by_name_.clear();
    shapes_.clear();
    shape_by_text_.clear();
    last_shape_ = none;
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

} // namespace tickertape::burst
