// SPDX-License-Identifier: MIT
#include "point/line_formatter.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "point/append.hpp"
#include "point/value_text.hpp"

namespace tickertape::point {

namespace {

constexpr std::string_view put_command = "put ";
constexpr std::int64_t first_ten_digit_second = 1'000'000'000;
// OpenTSDB takes a timestamp from 2^32 on for milliseconds, and stores the seconds of milliseconds in 32 bits.
constexpr std::int64_t last_second = 4'294'967'295;
constexpr std::size_t stamp_digits = 10;
constexpr std::uint64_t nanoseconds = 1'000'000'000; // in a second

// Appends the tags, each after a blank, with the host tag in its place.
char* append_tags(char* out, const Series& series, std::string_view host) noexcept {
    const std::string_view tags = series.tags_text();
    const std::size_t place = host.empty() ? tags.size() : series.host_tag_offset();
    const std::string_view before = tags.substr(0, place);
    if (!before.empty()) {
        *out++ = ' ';
        out = append(out, before);
    }
    if (host.empty()) {
        return out;
    }
    if (before.empty() || place == tags.size()) {
        *out++ = ' ';
    }
    out = append(out, host);
    if (place < tags.size()) {
        *out++ = ' ';
        out = append(out, tags.substr(place));
    }
    return out;
}

} // namespace

LineFormatter::LineFormatter(LineForm form) : form_{std::move(form)} {
    if (!form_.host_tag.empty()) {
        host_text_ = "host=";
        host_text_ += Name{form_.host_tag}.checked();
    }
}

inline char* LineFormatter::copy(const Part& text, std::size_t size, bool in_steps, char* out) noexcept {
    if (!in_steps) {
        std::memcpy(out, text.data(), size);
        return out + size;
    }
    std::memcpy(out, text.data(), step); // the size is constant, so this is no call
    for (std::size_t done = step; done < size; done += step) {
        std::memcpy(out + done, text.data() + done, step);
    }
    return out + size;
}

inline LineResult LineFormatter::write_line(const Point& point, char* out) noexcept {
    if (!framed_ || *framed_ != point.series()) {
        if (const std::optional<Reason> refused = frame(point.series())) {
            return {.refused = refused};
        }
    }
    const auto since_1970 = static_cast<std::uint64_t>(point.time().time_since_epoch().count());
    if (since_1970 - stamped_from_ >= stamped_for_ && !restamp(point.time())) [[unlikely]] {
        return {.refused = Reason::bad_time};
    }
    const std::uint64_t since = since_1970 - stamped_from_;
    copy(head_, head_size_, in_steps_, out);
    const auto seconds = static_cast<std::uint32_t>(since / nanoseconds);
    char* const last_digits = out + stamp_ + stamp_digits - 2;
    point::write_two_digits(seconds, last_digits);
    if (!in_seconds_) {
        const auto milliseconds = static_cast<std::uint32_t>(since / 1'000'000) - seconds * 1000;
        last_digits[2] = static_cast<char>('0' + milliseconds / 100);
        point::write_two_digits(milliseconds % 100, last_digits + 3);
    }
    char* const end = copy(tail_, tail_size_, in_steps_, point::write_value(point.value(), out + head_size_));
    return {.size = static_cast<std::size_t>(end - out)};
}

LineResult LineFormatter::write(const Point& point, char* out) noexcept { return write_line(point, out); }

LinesResult LineFormatter::write(std::span<const Point> points, std::span<char> room) noexcept {
    return write_lines(points, room, [this](const Point& point, char* out) { return write_line(point, out); });
}

bool LineFormatter::restamp(WallTime time) noexcept {
    using std::chrono::seconds;
    const std::int64_t second = std::chrono::floor<seconds>(time.time_since_epoch()).count();
    if (second < first_ten_digit_second || second > last_second) {
        return false;
    }
    const std::int64_t first = second / 100 * 100;
    const std::int64_t end = std::min(first + 100, last_second + 1);
    const auto hundreds = static_cast<std::uint32_t>(first / 100);
    stamp_text_ = point::eight_digits(hundreds) | point::eight_zeros;
    point::write_eight(stamp_text_, head_.data() + stamp_);
    stamped_from_ = static_cast<std::uint64_t>(first) * nanoseconds;
    stamped_for_ = static_cast<std::uint64_t>(end - first) * nanoseconds;
    return true;
}

std::optional<Reason> LineFormatter::frame(const Series& series) noexcept {
    const bool adds_host = !host_text_.empty() && !series.has_host_tag();
    const std::size_t tags = series.tag_count() + (adds_host ? 1U : 0U);
    if (form_.put_prefix && tags == 0) {
        return Reason::no_tag;
    }
    // tcollector adds its host tag to a line without one.
    const bool host_follows = !form_.put_prefix && !adds_host && !series.has_host_tag();
    if (tags + (host_follows ? 1U : 0U) > max_tags) {
        return Reason::too_many_tags;
    }
    const std::string_view host = adds_host ? std::string_view{host_text_} : std::string_view{};
    const std::size_t fixed = put_command.size() + 1 + stamp_digits + 3 + 1 + max_value_text + 1;
    const std::size_t longest = fixed + series.text().size() + host.size();
    if (longest > max_line) {
        return Reason::line_too_long;
    }
    in_steps_ = longest + step <= max_line;
    const bool in_seconds = series.precision() == Series::Precision::seconds;
    stamped_for_ = in_seconds == std::exchange(in_seconds_, in_seconds) ? stamped_for_ : 0;

    char* end = head_.data();
    if (form_.put_prefix) {
        end = append(end, put_command);
    }
    end = append(end, series.metric());
    *end++ = ' ';
    stamp_ = static_cast<std::size_t>(end - head_.data());
    point::write_eight(stamp_text_, end);
    end += stamp_digits + (in_seconds_ ? 0 : 3);
    *end++ = ' ';
    head_size_ = static_cast<std::size_t>(end - head_.data());

    end = append_tags(tail_.data(), series, host);
    *end++ = '\n';
    tail_size_ = static_cast<std::size_t>(end - tail_.data());
    framed_ = series;
    return std::nullopt;
}

} // namespace tickertape::point
