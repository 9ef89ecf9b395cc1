// SPDX-License-Identifier: MIT
#include "cli/lines/line_shapes.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <system_error>
#include <utility>

#include <tickertape/line.hpp>

#include "base/concat.hpp"
#include "cli/lines/canonical.hpp"

namespace tickertape::cli::lines {

namespace {

std::size_t head_size(std::string_view line, const PutLine& fields) noexcept {
    return static_cast<std::size_t>(fields.stamp.data() - line.data());
}

std::size_t tail_begin(std::string_view line, const PutLine& fields) noexcept {
    return static_cast<std::size_t>(fields.value.data() + fields.value.size() - line.data());
}

std::string text_around(std::string_view line, const PutLine& fields) {
    return base::concat(line.substr(0, head_size(line, fields)), line.substr(tail_begin(line, fields)));
}

} // namespace

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

std::int64_t stamp_in_ms(const PutLine& line) noexcept {
    return std::chrono::floor<std::chrono::milliseconds>(line.time()).time_since_epoch().count();
}

std::optional<LineShapes::Line> LineShapes::expected(std::string_view line) {
    const std::size_t index = last_ == none ? none : shapes_[last_].next;
    if (index == none) {
        return std::nullopt;
    }
    const Shape& shape = shapes_[index];
    const std::string_view head = shape.head;
    const std::string_view tail = shape.tail;
    if (line.size() < head.size() + tail.size() || line.size() > max_line || !line.starts_with(head) ||
        !line.ends_with(tail)) {
        return std::nullopt;
    }
    const char* at = line.data() + head.size();
    const char* const end = line.data() + line.size() - tail.size();
    std::int64_t stamp = 0;
    const char* const first = at;
    for (; at != end && is_digit(*at) && at - first < static_cast<std::ptrdiff_t>(milliseconds_digits); ++at) {
        stamp = stamp * 10 + (*at - '0');
    }
    const auto digits = static_cast<std::size_t>(at - first);
    // Everything unusual is left to the strict parser.
    if (!is_timestamp({first, digits}) || at == end || *at != ' ') {
        return std::nullopt;
    }
    ++at;
    if (at == end || !(is_digit(*at) || *at == '-')) {
        return std::nullopt;
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
            return std::nullopt;
        }
        value = *checked;
    }
    last_ = index;
    return Line{.series = shape.series, .stamp = digits == seconds_digits ? stamp * 1000 : stamp, .value = value};
}

std::optional<std::size_t> LineShapes::fetch_ahead() const noexcept {
    constexpr int lines_ahead = 4; // about as long as a read from memory takes
    std::size_t at = last_;
    for (int i = 0; i < lines_ahead && at != none; ++i) {
        at = shapes_[at].next;
    }
    if (at == none) {
        return std::nullopt;
    }
    __builtin_prefetch(shapes_[at].head.data());
    __builtin_prefetch(shapes_[at].tail.data());
    return shapes_[at].series;
}

std::optional<std::size_t> LineShapes::find(std::string_view line, const PutLine& fields) {
    const auto known = shape_by_text_.find(text_around(line, fields));
    if (known == shape_by_text_.end()) {
        return std::nullopt;
    }
    follow(known->second);
    return shapes_[known->second].series;
}

void LineShapes::learn(std::string_view line, const PutLine& fields, std::size_t series) {
    shapes_.push_back({.head = std::string{line.substr(0, head_size(line, fields))},
                       .tail = std::string{line.substr(tail_begin(line, fields))},
                       .series = series,
                       .next = none});
    shape_by_text_.emplace(text_around(line, fields), shapes_.size() - 1);
    follow(shapes_.size() - 1);
}

void LineShapes::follow(std::size_t shape) noexcept {
    if (last_ != none) {
        shapes_[last_].next = shape;
    }
    last_ = shape;
}

void LineShapes::clear() noexcept {
    shapes_.clear();
    shape_by_text_.clear();
    last_ = none;
}

std::size_t LineShapes::size_of(std::string_view line, const PutLine& fields) noexcept {
    return head_size(line, fields) + line.size() - tail_begin(line, fields);
}

} // namespace tickertape::cli::lines
