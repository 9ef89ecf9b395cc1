// SPDX-License-Identifier: MIT
#include "output/collectd_formatter.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>

#include <tickertape/name.hpp>
#include <tickertape/value.hpp>

#include "base/concat.hpp"
#include "point/append.hpp"
#include "point/time_text.hpp"

namespace tickertape::output {

namespace {

constexpr char slash = '~';
constexpr char comma = ',';
static_assert(!is_name_character(slash) && !is_name_character(comma) && !is_name_character('='));

constexpr std::string_view command = "PUTVAL \"";
constexpr std::string_view plugin = "/tickertape-";
constexpr std::string_view type = "/gauge";
constexpr std::string_view interval = "\" interval=";

// collectd replaces the time 0 by the current time.
constexpr std::chrono::seconds first_time{1};

static_assert(command.size() + plugin.size() + type.size() + interval.size() + 3 * CollectdFormatter::longest_part +
                  2 * point::max_seconds_text + max_value_text + 4 <=
              max_line);

using point::append;

/// Appends a part of an identifier.
char* append_part(char* out, std::string_view text) noexcept {
    return std::transform(text.begin(), text.end(), out, [](char c) {
        return c == '/' ? slash : c == ' ' ? comma : c;
    });
}

/// The tags of a series: the value of its host tag (empty if there is none), and the tags before and after that.
struct Split {
    std::string_view host;
    std::string_view before;
    std::string_view behind;

    explicit Split(const Series& series) noexcept : before{series.tags_text()} {
        if (!series.has_host_tag()) {
            return;
        }
        constexpr std::string_view key = "host=";
        const std::size_t begin = series.host_tag_offset();
        const std::size_t end = std::min(before.find(' ', begin), before.size());
        host = before.substr(begin + key.size(), end - begin - key.size());
        behind = before.substr(std::min(end + 1, before.size()));
        before = before.substr(0, begin > 0 ? begin - 1 : 0);
    }

    [[nodiscard]] bool has_two() const noexcept { return !before.empty() && !behind.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return before.size() + behind.size() + (has_two() ? 1 : 0); }
};

} // namespace

CollectdFormatter::CollectdFormatter(const std::string& host) : host_{Name{host}.checked()} {
    if (host_.size() > longest_part) {
        throw UsageError{base::concat("the host '", host_, "' is longer than ", longest_part, " characters")};
    }
    std::replace(host_.begin(), host_.end(), '/', slash);
}

point::LineResult CollectdFormatter::write_line(const Point& point, char* out) const noexcept {
    const Series& series = point.series();
    const Split tags{series};
    if (std::max({tags.host.size(), series.metric().size(), tags.size()}) > longest_part) {
        return {.refused = Reason::line_too_long};
    }
    const std::chrono::nanoseconds time = point.time().time_since_epoch();
    if (time < first_time) {
        return {.refused = Reason::bad_time};
    }
    char* end = append(out, command);
    end = append_part(end, tags.host.empty() ? std::string_view{host_} : tags.host);
    end = append_part(append(end, plugin), series.metric());
    end = append(end, type);
    if (tags.size() > 0) {
        end = append_part(append(end, "-"), tags.before);
        end = append_part(append(end, tags.has_two() ? "," : ""), tags.behind);
    }
    if (series.step() > std::chrono::nanoseconds::zero()) {
        end = point::write_seconds(series.step(), false, append(end, interval));
    } else {
        end = append(end, "\"");
    }
    end = point::write_seconds(time, false, append(end, " "));
    end = tickertape::write(point.value(), append(end, ":"));
    end = append(end, "\n");
    return {.size = static_cast<std::size_t>(end - out)};
}

point::LinesResult CollectdFormatter::write(std::span<const Point> points, std::span<char> room) const noexcept {
    return point::write_lines(points, room, [this](const Point& point, char* out) { return write_line(point, out); });
}

} // namespace tickertape::output
