// SPDX-License-Identifier: MIT
#include "point/influx_formatter.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>

#include <tickertape/name.hpp>

#include "point/append.hpp"
#include "point/line_formatter.hpp"

namespace tickertape::point {

namespace {

constexpr std::string_view special = ",= \\\"\n";
static_assert(std::none_of(special.begin(), special.end(), is_name_character));

constexpr std::string_view field = " value=";
constexpr std::size_t longest_timestamp = 20;

// InfluxDB uses the first two nanoseconds and the last one of 64 bits for other purposes.
constexpr std::int64_t first_time = INT64_MIN + 2;
constexpr std::int64_t last_time = INT64_MAX - 1;

/// Appends `,key=value` for each tag of `key=value key=value`.
char* append_tags(char* out, std::string_view tags) noexcept {
    if (tags.empty()) {
        return out;
    }
    *out++ = ',';
    for (const char c : tags) {
        *out++ = c == ' ' ? ',' : c;
    }
    return out;
}

bool has_time_tag(std::string_view tags) noexcept {
    constexpr std::string_view time = "time=";
    return tags.starts_with(time) || tags.find(" time=") != std::string_view::npos;
}

} // namespace

InfluxFormatter::InfluxFormatter(std::string host_tag) {
    if (!host_tag.empty()) {
        host_text_.append("host=").append(Name{host_tag}.checked());
    }
}

std::size_t InfluxFormatter::longest() const noexcept { return max_series_text + rest_of_line(); }

std::size_t InfluxFormatter::longest(const Series& series) const noexcept {
    return series.text().size() + rest_of_line();
}

std::size_t InfluxFormatter::rest_of_line() const noexcept {
    return 1 + host_text_.size() + field.size() + max_value_text + 1 + longest_timestamp;
}

LineResult InfluxFormatter::write(const Point& point, char* out) const noexcept {
    const Series& series = point.series();
    const std::string_view tags = series.tags_text();
    const std::int64_t time = point.time().time_since_epoch().count();
    if (time < first_time || time > last_time) {
        return {.refused = Reason::bad_time};
    }
    if (has_time_tag(tags)) {
        return {.refused = Reason::refused};
    }
    char* end = append(out, series.metric());
    if (host_text_.empty() || series.has_host_tag()) {
        end = append_tags(end, tags);
    } else {
        std::string_view before = tags.substr(0, series.host_tag_offset());
        std::string_view after = tags.substr(before.size());
        before.remove_suffix(before.ends_with(' ') ? 1 : 0);
        after.remove_prefix(after.starts_with(' ') ? 1 : 0);
        end = append_tags(append_tags(append_tags(end, before), host_text_), after);
    }
    end = tickertape::write(point.value(), append(end, field));
    *end++ = ' ';
    end = std::to_chars(end, end + longest_timestamp, time).ptr;
    return {.size = static_cast<std::size_t>(end - out)};
}

} // namespace tickertape::point
