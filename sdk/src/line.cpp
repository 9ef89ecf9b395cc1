// SPDX-License-Identifier: MIT
#include <tickertape/line.hpp>

#include <charconv>
#include <cstring>
#include <string_view>
#include <utility>

namespace tickertape {

namespace {

constexpr std::string_view put_command = "put ";
constexpr std::int64_t first_ten_digit_second = 1'000'000'000;
// OpenTSDB takes a stamp from 2^32 on for milliseconds.
constexpr std::int64_t last_second = 4'294'967'295;
constexpr std::size_t stamp_digits = 10;

char* append(char* out, std::string_view text) noexcept {
    std::memcpy(out, text.data(), text.size());
    return out + text.size();
}

// The tags, each with a blank before it, and among them the host tag at its place.
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
        host_text_ += Name{form_.host_tag}.text();
    }
}

LineResult LineFormatter::write(const Point& point, char* out) noexcept {
    const Series& series = point.series();
    if (kept_ && *kept_ == series) {
        return write_kept(point, out);
    }
    const LineResult result = write_anew(point, out);
    // A counter's points come in a row: the second one says that it is worth it. A number that has meanwhile become
    // another series' does no harm.
    const std::size_t hash = series.hash();
    if (hash == last_hash_ && result.size > 0) {
        keep(series, {out, result.size});
    }
    last_hash_ = hash;
    return result;
}

void LineFormatter::keep(const Series& series, std::string_view line) noexcept {
    const bool in_seconds = series.precision() == Precision::seconds;
    const std::size_t before = (form_.put_prefix ? put_command.size() : 0) + series.metric().size() + 1;
    const std::size_t value = before + stamp_digits + (in_seconds ? 0 : 3) + 1;
    const std::size_t behind = line.find_first_of(" \n", value);
    if (before > most_kept || line.size() - behind > most_kept) {
        return;
    }
    kept_ = series;
    kept_precision_ = series.precision();
    before_size_ = before;
    behind_size_ = line.size() - behind;
    std::memcpy(before_.data(), line.data(), before_size_);
    std::memcpy(behind_.data(), line.data() + behind, behind_size_);
}

LineResult LineFormatter::write_kept(const Point& point, char* out) noexcept {
    const auto since_1970 = point.time().time_since_epoch();
    const std::int64_t seconds = std::chrono::floor<std::chrono::seconds>(since_1970).count();
    const bool in_seconds = kept_precision_ == Precision::seconds;
    if (seconds < first_ten_digit_second || (in_seconds && seconds > last_second)) {
        return {.refused = Reason::bad_time};
    }
    char* end = append_kept(out, before_, before_size_);
    end = write_stamp(seconds, in_seconds ? 0 : std::chrono::floor<std::chrono::milliseconds>(since_1970).count(),
                      kept_precision_, end);
    *end++ = ' ';
    end = tickertape::write(point.value(), end);
    end = append_kept(end, behind_, behind_size_);
    return {.size = static_cast<std::size_t>(end - out)};
}

char* LineFormatter::append_kept(char* out, const Kept& text, std::size_t size) noexcept {
    // In whole steps, which need no call. What they write too much has room: see `most_kept`.
    std::size_t done = 0;
    do {
        std::memcpy(out + done, text.data() + done, step);
        done += step;
    } while (done < size);
    return out + size;
}

LineResult LineFormatter::write_anew(const Point& point, char* out) noexcept {
    const Series& series = point.series();
    const bool adds_host = !host_text_.empty() && !series.has_host_tag();
    const std::size_t tags = series.tag_count() + (adds_host ? 1U : 0U);
    if (form_.put_prefix && tags == 0) {
        return {.refused = Reason::no_tag};
    }
    // tcollector adds its own host tag to a line that has none.
    const bool host_follows = !form_.put_prefix && !adds_host && !series.has_host_tag();
    if (tags + (host_follows ? 1U : 0U) > max_tags) {
        return {.refused = Reason::too_many_tags};
    }
    const Precision precision = series.precision();
    const std::int64_t milliseconds =
        std::chrono::floor<std::chrono::milliseconds>(point.time().time_since_epoch()).count();
    const std::int64_t seconds = std::chrono::floor<std::chrono::seconds>(point.time().time_since_epoch()).count();
    if (seconds < first_ten_digit_second || (precision == Precision::seconds && seconds > last_second)) {
        return {.refused = Reason::bad_time};
    }
    const std::string_view host = adds_host ? std::string_view{host_text_} : std::string_view{};
    const std::size_t fixed = put_command.size() + 1 + stamp_digits + 3 + 1 + max_value_text + 1;
    if (fixed + series.text().size() + host.size() > max_line) {
        return {.refused = Reason::line_too_long};
    }

    char* end = out;
    if (form_.put_prefix) {
        end = append(end, put_command);
    }
    end = append(end, series.metric());
    *end++ = ' ';
    end = write_stamp(seconds, milliseconds, precision, end);
    *end++ = ' ';
    end = tickertape::write(point.value(), end);
    end = append_tags(end, series, host);
    *end++ = '\n';
    return {.size = static_cast<std::size_t>(end - out)};
}

char* LineFormatter::write_stamp(std::int64_t seconds, std::int64_t milliseconds, Precision precision,
                                 char* out) noexcept {
    if (seconds != cached_second_) {
        // A second or a few on, as a rule, and then mostly the last digit alone is another.
        char& last_digit = cached_text_[stamp_digits - 1];
        const std::int64_t digit = seconds - cached_second_ + (last_digit - '0');
        if (cached_second_ != 0 && digit >= 0 && digit <= 9) {
            last_digit = static_cast<char>('0' + digit);
        } else {
            std::to_chars(cached_text_, cached_text_ + stamp_digits, seconds);
        }
        cached_second_ = seconds;
    }
    out = append(out, {cached_text_, stamp_digits});
    if (precision == Precision::milliseconds) {
        const auto fraction = static_cast<unsigned>(milliseconds - seconds * 1000);
        *out++ = static_cast<char>('0' + fraction / 100);
        *out++ = static_cast<char>('0' + fraction / 10 % 10);
        *out++ = static_cast<char>('0' + fraction % 10);
    }
    return out;
}

} // namespace tickertape
