// SPDX-License-Identifier: MIT
#include "support/strict_line_parser.hpp"

#include <bit>
#include <charconv>
#include <chrono>
#include <cmath>
#include <stdexcept>

namespace test {

namespace {

[[noreturn]] void wrong(const std::string& what) { throw std::runtime_error{what}; }

bool is_digit(char c) { return '0' <= c && c <= '9'; }

void check_name(std::string_view name) {
    if (name.empty()) {
        wrong("an empty name");
    }
    static constexpr std::string_view marks = "-_./";
    for (const char c : name) {
        const bool letter = ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z');
        if (!letter && !is_digit(c) && marks.find(c) == std::string_view::npos) {
            wrong("an illegal character in a name");
        }
    }
}

// Takes one word and the blank after it, if there is one.
std::string_view take_word(std::string_view& rest) {
    const std::size_t blank = rest.find(' ');
    const std::string_view word = rest.substr(0, blank);
    if (word.empty()) {
        wrong("an empty word");
    }
    rest.remove_prefix(blank == std::string_view::npos ? rest.size() : blank + 1);
    if (blank != std::string_view::npos && rest.empty()) {
        wrong("a blank at the end");
    }
    return word;
}

std::size_t count_digits(std::string_view text) {
    std::size_t count = 0;
    while (count < text.size() && is_digit(text[count])) {
        ++count;
    }
    return count;
}

std::variant<std::int64_t, double> parse_value(std::string_view text) {
    std::string_view rest = text;
    const bool negative = rest.starts_with('-');
    rest.remove_prefix(negative ? 1 : 0);
    const std::size_t whole = count_digits(rest);
    if (whole == 0) {
        wrong("no digit before the point");
    }
    if (whole > 1 && rest[0] == '0') {
        wrong("a leading zero");
    }
    if (whole == rest.size()) {
        std::uint64_t magnitude = 0;
        for (const char c : rest) {
            const auto digit = static_cast<std::uint64_t>(c - '0');
            if (magnitude > (UINT64_MAX - digit) / 10) {
                wrong("an integer beyond 64 bits");
            }
            magnitude = magnitude * 10 + digit;
        }
        if (negative && magnitude == 0) {
            wrong("a negative zero");
        }
        if (magnitude > static_cast<std::uint64_t>(INT64_MAX) + (negative ? 1U : 0U)) {
            wrong("an integer beyond 64 bits");
        }
        return static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
    }
    rest.remove_prefix(whole);
    if (rest.starts_with('.')) {
        rest.remove_prefix(1);
        const std::size_t fraction = count_digits(rest);
        if (fraction == 0) {
            wrong("no digit behind the point");
        }
        rest.remove_prefix(fraction);
    }
    if (rest.starts_with('e')) {
        rest.remove_prefix(1);
        rest.remove_prefix(rest.starts_with('-') || rest.starts_with('+') ? 1 : 0);
        if (rest.empty() || count_digits(rest) != rest.size()) {
            wrong("no number behind the e");
        }
        rest = {};
    }
    if (!rest.empty()) {
        wrong("something behind the number");
    }
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) {
        wrong("no finite double");
    }
    return number;
}

} // namespace

ParsedLine parse_strictly(std::string_view text, bool put) {
    if (!text.ends_with('\n') || text.find('\n') != text.size() - 1) {
        wrong("not one line");
    }
    std::string_view rest = text.substr(0, text.size() - 1);
    if (rest.size() > 1023) {
        wrong("longer than 1023 characters");
    }
    if (put && take_word(rest) != "put") {
        wrong("no put");
    }
    ParsedLine line{};
    line.metric = take_word(rest);
    check_name(line.metric);
    const std::string_view stamp = take_word(rest);
    if (count_digits(stamp) != stamp.size() || (stamp.size() != 10 && stamp.size() != 13) || stamp[0] == '0') {
        wrong("no stamp of 10 or 13 digits");
    }
    for (const char c : stamp) {
        line.stamp = line.stamp * 10 + static_cast<std::uint64_t>(c - '0');
    }
    line.stamp_is_milliseconds = stamp.size() == 13;
    if (!line.stamp_is_milliseconds && line.stamp >= (std::uint64_t{1} << 32U)) {
        wrong("a stamp that reads as milliseconds");
    }
    line.value = parse_value(take_word(rest));
    while (!rest.empty()) {
        const std::string_view tag = take_word(rest);
        const std::size_t equals = tag.find('=');
        if (equals == std::string_view::npos) {
            wrong("a tag without =");
        }
        check_name(tag.substr(0, equals));
        check_name(tag.substr(equals + 1));
        if (!line.tags.empty() && !(line.tags.back().first < std::string{tag.substr(0, equals)})) {
            wrong("tags that are not sorted, or one that stands twice");
        }
        line.tags.emplace_back(tag.substr(0, equals), tag.substr(equals + 1));
    }
    const bool has_host = std::string_view{text}.find(" host=") != std::string_view::npos;
    if (line.tags.size() + (put || has_host ? 0U : 1U) > 8 || (put && line.tags.empty())) {
        wrong("too many tags, or none");
    }
    return line;
}

bool tells(const ParsedLine& line, const tickertape::Point& point, std::string_view host) {
    tickertape::Tags tags = point.series().tags();
    if (!host.empty() && tags.find("host") == nullptr) {
        tags.set("host", host);
    }
    const std::int64_t nanoseconds = point.time().time_since_epoch().count();
    const bool milliseconds = point.series().precision() == tickertape::Series::Precision::milliseconds;
    const std::int64_t unit = milliseconds ? 1'000'000 : 1'000'000'000;
    const tickertape::Value value = point.value();
    const bool same_value = value.is_integer() ? line.value == std::variant<std::int64_t, double>{value.integer()}
                                               : std::holds_alternative<double>(line.value) &&
                                                     std::bit_cast<std::uint64_t>(std::get<double>(line.value)) ==
                                                         std::bit_cast<std::uint64_t>(value.as_double());
    return line.metric == point.series().metric() && line.stamp_is_milliseconds == milliseconds &&
           line.stamp == static_cast<std::uint64_t>(nanoseconds / unit) && same_value &&
           line.tags == std::vector(tags.begin(), tags.end());
}

} // namespace test
