// SPDX-License-Identifier: MIT
#include "cli/lines/put_line.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include <tickertape/line.hpp>

#include "base/quote.hpp"
#include "base/whole_number.hpp"
#include "cli/lines/canonical.hpp"

namespace tickertape::cli::lines {

namespace {

constexpr std::size_t decimals = milliseconds_digits - seconds_digits; // of seconds with a point

// 1: a name may hold the character.
constexpr std::array<std::uint8_t, 256> name_table = [] {
    std::array<std::uint8_t, 256> table{};
    for (std::size_t c = 0; c < table.size(); ++c) {
        table[c] = is_name_character(static_cast<char>(c)) && c < 128 ? 1 : 0;
    }
    return table;
}();

bool is_name(char c) noexcept { return name_table[static_cast<unsigned char>(c)] != 0; }

/// Takes fields off the front of a line.
class Cursor {
public:
    Cursor(std::string_view line, PutLine& out) : at_{line.data()}, end_{line.data() + line.size()}, out_{out} {}

    [[nodiscard]] bool at_end() const noexcept { return at_ == end_; }

    // Goes to the next field. A line with two blanks there is not canonical.
    void skip_blank() noexcept {
        if (at_ != end_ && *at_ == ' ') {
            ++at_;
        }
        while (at_ != end_ && *at_ == ' ') {
            ++at_;
            out_.is_canonical = false;
        }
    }

    template <class Allowed>
    std::string_view take(Allowed allowed) noexcept {
        const char* const begin = at_;
        while (at_ != end_ && allowed(*at_)) {
            ++at_;
        }
        return {begin, static_cast<std::size_t>(at_ - begin)};
    }

    [[nodiscard]] bool at_blank() const noexcept { return at_ != end_ && *at_ == ' '; }
    [[nodiscard]] const char* place() const noexcept { return at_; }
    bool take_char(char c) noexcept {
        if (at_ != end_ && *at_ == c) {
            ++at_;
            return true;
        }
        return false;
    }

    // Returns the whole field that has a fault.
    [[nodiscard]] std::string_view field_from(const char* begin) const noexcept {
        return {begin, static_cast<std::size_t>(std::find(at_, end_, ' ') - begin)};
    }

private:
    const char* at_;
    const char* end_;
    PutLine& out_;
};

bool needs_no_look(std::string_view text) noexcept {
    // A number of this length without an exponent is certainly finite.
    constexpr std::size_t surely_finite = 100;
    return text.size() <= surely_finite && text.find_first_of("eE") == std::string_view::npos;
}

std::optional<Value> read_number(std::string_view text) noexcept {
    if (text.starts_with('+')) {
        text.remove_prefix(1);
        if (text.empty() || !(is_digit(text.front()) || text.front() == '.')) {
            return std::nullopt;
        }
    }
    if (const std::optional<std::int64_t> integer = base::whole_number<std::int64_t>(text)) {
        return Value{*integer};
    }
    const char* const end = text.data() + text.size();
    double number = 0;
    if (const auto result = std::from_chars(text.data(), end, number);
        result.ptr == end && (result.ec == std::errc{} || result.ec == std::errc::result_out_of_range)) {
        // A number that is too small counts as 0; no TSD accepts one that is too large.
        if (result.ec == std::errc::result_out_of_range) {
            const std::size_t exponent = text.find_first_of("eE");
            if (exponent != std::string_view::npos && exponent + 1 < text.size() && text[exponent + 1] == '-') {
                return Value{0};
            }
            return std::nullopt;
        }
        return Value::checked(number);
    }
    return std::nullopt;
}

/// Refuses other forms: TSDs read them as different times, or refuse them.
bool read_stamp(Cursor& cursor, PutLine& out) noexcept {
    const char* const begin = cursor.place();
    out.stamp = cursor.take(is_digit);
    const std::size_t digits = out.stamp.size();
    if (!is_timestamp(out.stamp)) {
        return false;
    }
    if (cursor.take_char('.')) {
        out.is_canonical = false;
        const std::size_t fraction = cursor.take(is_digit).size();
        if (fraction > 0) { // otherwise the point has no effect
            out.stamp = {begin, digits + 1 + fraction};
        }
        return fraction == 0 || (digits == seconds_digits && fraction == decimals);
    }
    return true;
}

// Returns whether one of the tags begins with `key=`.
bool has_key(std::string_view tags, std::string_view key_and_sign) noexcept {
    for (std::size_t at = 0; at < tags.size();) {
        if (tags.substr(at).starts_with(key_and_sign)) {
            return true;
        }
        const std::size_t blank = tags.find(' ', at);
        at = blank == std::string_view::npos ? tags.size() : tags.find_first_not_of(' ', blank);
    }
    return false;
}

LineError read_tags(Cursor& cursor, PutLine& out) noexcept {
    const char* const first = cursor.place();
    const char* last = first;
    while (!cursor.at_end()) {
        const char* const begin = cursor.place();
        const std::string_view key = cursor.take(is_name);
        if (key.empty() || !cursor.take_char('=')) {
            return {LineFault::tag, cursor.field_from(begin)};
        }
        const std::string_view value = cursor.take(is_name);
        if (value.empty() || !(cursor.at_end() || cursor.at_blank())) {
            return {LineFault::tag, cursor.field_from(begin)};
        }
        if (has_key({first, static_cast<std::size_t>(last - first)}, {begin, key.size() + 1})) {
            return {LineFault::repeated_tag, {begin, static_cast<std::size_t>(cursor.place() - begin)}};
        }
        out.has_host = out.has_host || key == "host";
        if (++out.tag_count > max_tags) {
            return {LineFault::too_many_tags, {}};
        }
        last = cursor.place();
        cursor.skip_blank();
    }
    out.tags = {first, static_cast<std::size_t>(last - first)};
    return {};
}

} // namespace

std::string_view describe(LineFault fault) noexcept {
    switch (fault) {
    case LineFault::none: return "no fault";
    case LineFault::empty: return "empty line";
    case LineFault::too_long: return "line of more than 1023 characters";
    case LineFault::too_few: return "too few fields";
    case LineFault::metric: return "bad metric";
    case LineFault::stamp: return "bad timestamp";
    case LineFault::value: return "bad value";
    case LineFault::tag: return "bad tag";
    case LineFault::no_tags: return "no tags";
    case LineFault::too_many_tags: return "more than 8 tags";
    case LineFault::repeated_tag: return "repeated tag";
    case LineFault::cut_off: return "line without an end";
    }
    return "unknown fault";
}

std::string to_string(const LineError& error) {
    std::string text{describe(error.fault)};
    if (!error.token.empty()) {
        text.append(" ").append(base::quote(error.token));
    }
    return text;
}

WallTime PutLine::time() const noexcept {
    const std::size_t point = std::min(stamp.find('.'), stamp.size());
    const std::int64_t number = base::whole_number<std::int64_t>(stamp.substr(0, point)).value_or(0);
    if (point < stamp.size()) {
        const auto milliseconds = base::whole_number<std::int64_t>(stamp.substr(point + 1)).value_or(0);
        return WallTime{std::chrono::seconds{number} + std::chrono::milliseconds{milliseconds}};
    }
    return stamp.size() > seconds_digits ? WallTime{std::chrono::milliseconds{number}}
                                         : WallTime{std::chrono::seconds{number}};
}

Value PutLine::number() const noexcept { return read_number(value).value_or(Value{}); }

void PutLine::append_value(std::string& out) const {
    if (is_plain_number(value)) {
        out.append(value);
        return;
    }
    if (value.find_first_of(".eE") == std::string_view::npos) {
        out.append(to_string(number())); // OpenTSDB refuses an integer beyond 64 bits, so it gets an exponent
        return;
    }
    std::string_view rest = value;
    out.append(rest.starts_with('-') ? "-" : "");
    rest.remove_prefix(rest.starts_with('-') || rest.starts_with('+') ? 1 : 0);
    const std::string_view whole = rest.substr(0, rest.find_first_of(".eE"));
    rest.remove_prefix(whole.size());
    const std::string_view digits = whole.substr(std::min(whole.find_first_not_of('0'), whole.size()));
    out.append(digits.empty() ? "0" : digits);
    if (rest.starts_with('.')) {
        const std::string_view fraction = rest.substr(1, rest.find_first_of("eE") - 1); // npos - 1 is to the end, too
        rest.remove_prefix(1 + fraction.size());
        out.append(".").append(fraction.empty() ? "0" : fraction);
    }
    if (!rest.empty()) {
        out.append("e").append(rest.substr(1));
    }
}

void PutLine::append_digits_of_stamp(std::string& out) const {
    const std::size_t point = std::min(stamp.find('.'), stamp.size());
    out.append(stamp.substr(0, point));
    if (point < stamp.size()) {
        out.append(stamp.substr(point + 1));
    }
}

LineError read_put_line(std::string_view line, PutLine& out) noexcept {
    out = {};
    if (line.ends_with('\r')) {
        line.remove_suffix(1);
        out.is_canonical = false;
    }
    if (line.size() > max_line) {
        return {LineFault::too_long, {}};
    }
    if (line.ends_with(' ')) {
        out.is_canonical = false;
    }
    Cursor cursor{line, out};
    if (cursor.at_blank()) {
        cursor.skip_blank();
        out.is_canonical = false;
    }
    if (cursor.at_end()) {
        return {LineFault::empty, {}};
    }
    const char* begin = cursor.place();
    out.metric = cursor.take(is_name);
    if (out.metric == "put" && cursor.at_blank()) {
        out.has_put = true;
        cursor.skip_blank();
        begin = cursor.place();
        out.metric = cursor.take(is_name);
    }
    if (cursor.at_end()) {
        return {LineFault::too_few, {}};
    }
    if (out.metric.empty() || !cursor.at_blank()) {
        return {LineFault::metric, cursor.field_from(begin)};
    }
    cursor.skip_blank();
    begin = cursor.place();
    const bool is_stamp = read_stamp(cursor, out);
    if (cursor.at_end()) {
        return {LineFault::too_few, {}};
    }
    if (!is_stamp || !cursor.at_blank()) {
        return {LineFault::stamp, cursor.field_from(begin)};
    }
    cursor.skip_blank();
    out.value = cursor.take([](char c) { return c != ' '; });
    if (out.value.empty()) {
        return {LineFault::too_few, {}};
    }
    if (!is_plain_number(out.value)) {
        out.is_canonical = false;
    }
    if ((!out.is_canonical || !needs_no_look(out.value)) && !read_number(out.value)) {
        return {LineFault::value, out.value};
    }
    cursor.skip_blank();
    if (const LineError error = read_tags(cursor, out); error.fault != LineFault::none) {
        return error;
    }
    if (out.has_put && out.tag_count == 0) {
        return {LineFault::no_tags, {}};
    }
    return {};
}

} // namespace tickertape::cli::lines
