// SPDX-License-Identifier: MIT
#include "push/put_rules.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
#include <system_error>

#include "base/whole_number.hpp"

namespace tickertape::push {

namespace {

constexpr std::size_t max_tags = 8;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr std::array<bool, 256> legal_characters = [] {
    std::array<bool, 256> legal{};
    for (std::size_t c = 0; c < legal.size(); ++c) {
        legal[c] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                   c == '.' || c == '/' || c == 0xAA || c == 0xB5 || c == 0xBA || (c >= 0xC0 && c != 0xD7 && c != 0xF7);
    }
    return legal; // including the letters of Latin-1
}();

std::string_view next_word(std::string_view& rest) {
    const std::size_t end = rest.find(' ');
    const std::string_view word = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    return word;
}

/// A whole number as OpenTSDB reads it, or its error message.
struct Whole {
    std::int64_t value = 0;
    std::string wrong = {};
};
Whole parse_whole(std::string_view text) {
    if (text.empty()) {
        return {.wrong = "invalid value: Empty string"};
    }
    const bool has_sign = text[0] == '-' || text[0] == '+';
    const std::string_view digits = text.substr(has_sign ? 1 : 0);
    const auto other = std::find_if_not(digits.begin(), digits.end(), is_digit);
    std::string wrong = "invalid value: ";
    if (digits.empty()) {
        return {.wrong = wrong.append("Just a sign, no value: ").append(text)};
    }
    if (other != digits.end()) {
        return {.wrong = wrong.append("Invalid character '").append(1, *other).append("' in ").append(text)};
    }
    Whole whole;
    const std::string_view number = text[0] == '+' ? digits : text;
    if (digits.size() > 19) {
        return {.wrong = wrong.append("Value too long: ").append(text)};
    }
    if (std::from_chars(number.data(), number.data() + number.size(), whole.value).ec != std::errc{}) {
        return {.wrong = wrong.append("Overflow in ").append(text)};
    }
    return whole;
}

/// Returns `text` without blanks and control characters at both ends, as Java's `String.trim` does.
std::string_view trim(std::string_view text) {
    const auto is_kept = [](char c) { return static_cast<unsigned char>(c) > ' '; };
    const auto first = std::find_if(text.begin(), text.end(), is_kept);
    const auto last = std::find_if(text.rbegin(), std::make_reverse_iterator(first), is_kept);
    return {first, last.base()};
}

bool is_whole(std::string_view value) { return value.find_first_of(".eE") == std::string_view::npos; }

/// Returns bytes and flags in Java's form: `[1, 44]/1`.
std::string bytes_text(std::uint64_t bits, int size, int flags) {
    std::string text = "[";
    for (int i = size - 1; i >= 0; --i) {
        text.append(std::to_string(static_cast<std::int8_t>(bits >> (8 * i)))).append(i == 0 ? "]/" : ", ");
    }
    return text.append(std::to_string(flags));
}

/// Returns the bytes that OpenTSDB stores for a whole number: as few as possible.
std::string stored_bytes(std::int64_t value) {
    int size = 1;
    while (size < 8 && (value < -(std::int64_t{1} << (8 * size - 1)) || value >= (std::int64_t{1} << (8 * size - 1)))) {
        size *= 2;
    }
    return bytes_text(static_cast<std::uint64_t>(value), size, size - 1);
}

/// Uses a float if that is exact, but only for telnet.
std::string stored_bytes(double value, bool by_telnet) {
    const auto narrow = static_cast<float>(value);
    return by_telnet && static_cast<double>(narrow) == value ? bytes_text(std::bit_cast<std::uint32_t>(narrow), 4, 11)
                                                             : bytes_text(std::bit_cast<std::uint64_t>(value), 8, 15);
}

} // namespace

std::optional<double> java_number(std::string_view text) {
    text = trim(text);
    const bool plus = !text.empty() && text[0] == '+';
    std::string_view number = text.substr(plus ? 1 : 0);
    if (!number.empty() && std::string_view{"fFdD"}.find(number.back()) != std::string_view::npos) {
        number.remove_suffix(1);
    }
    if (number.empty() || (plus && number[0] == '-') ||
        number.find_first_not_of("0123456789.eE+-") != std::string_view::npos) {
        return std::nullopt; // from_chars would accept "inf"
    }
    double value = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (end != number.data() + number.size()) {
        return std::nullopt;
    }
    if (error == std::errc::result_out_of_range) { // in Java, too small is 0, and too large is infinite
        const std::size_t exponent = number.find_first_of("eE");
        const bool small = exponent != std::string_view::npos && number[exponent + 1] == '-';
        return small ? 0 : std::numeric_limits<double>::infinity();
    }
    return error == std::errc{} ? std::optional{value} : std::nullopt;
}

std::string PutRules::tags_text() const {
    std::string text = "{";
    for (const auto& [key, value] : tags_) {
        text.append(text.size() == 1 ? "" : ", ").append(key).append("=").append(value);
    }
    return text += '}';
}

std::string PutRules::add_tag(std::string_view word) {
    const std::size_t equals = word.find('=');
    std::string wrong = "illegal argument: ";
    if (equals == std::string_view::npos || equals == 0 || equals + 1 == word.size() ||
        word.find('=', equals + 1) != std::string_view::npos) {
        return wrong.append("invalid tag: ").append(word);
    }
    const Tag tag{word.substr(0, equals), word.substr(equals + 1)};
    const auto same =
        std::find_if(tags_.begin(), tags_.end(), [&](const Tag& other) { return other.first == tag.first; });
    if (same == tags_.end()) {
        tags_.push_back(tag);
    } else if (same->second != tag.second) {
        return wrong.append("duplicate tag: ").append(word).append(", tags=").append(tags_text());
    }
    return {};
}

std::string PutRules::check_head(std::string_view metric, std::string_view timestamp, std::string_view value) {
    std::string wrong = "illegal argument: ";
    if (metric.empty()) {
        return wrong.append("empty metric name");
    }
    std::string without_point;
    if (timestamp.find('.') != std::string_view::npos) {
        std::copy_if(timestamp.begin(), timestamp.end(), std::back_inserter(without_point),
                     [](char c) { return c != '.'; });
        timestamp = without_point;
    }
    Whole time = parse_whole(timestamp);
    if (!time.wrong.empty()) {
        return std::move(time.wrong);
    }
    time_ = time.value;
    if (time_ <= 0) {
        return wrong.append("invalid timestamp: ").append(std::to_string(time_));
    }
    return value.empty() ? wrong.append("empty value") : std::string{};
}

std::string PutRules::check_rest(std::string_view metric, std::string_view value) const {
    std::string wrong = "illegal argument: ";
    constexpr std::int64_t last_time = 9'999'999'999'999;
    std::string bytes;
    if (is_whole(value)) {
        Whole number = parse_whole(value);
        if (!number.wrong.empty()) {
            return std::move(number.wrong);
        }
        bytes = time_ > last_time ? stored_bytes(number.value) : std::string{};
    } else {
        const std::optional<double> number = java_number(value);
        if (!number) {
            if (value.find_first_of("eE") == std::string_view::npos &&
                std::count(value.begin(), value.end(), '.') > 1) {
                return "invalid value: multiple points";
            }
            std::string not_a_number = "invalid value: For input string: \"";
            return not_a_number.append(trim(value)).append("\"");
        }
        if (!std::isfinite(*number)) {
            wrong.append("value is NaN or Infinite: ")
                .append(*number < 0 ? "-Infinity" : "Infinity")
                .append(" for metric=");
            return wrong.append(metric).append(" timestamp=").append(std::to_string(time_));
        }
        bytes = time_ > last_time ? stored_bytes(*number, ascii_) : std::string{};
    }
    if (time_ > last_time) {
        wrong.append("bad timestamp=").append(std::to_string(time_)).append(" when trying to add value=").append(bytes);
        return wrong.append(" to metric=").append(metric).append(", tags=").append(tags_text());
    }
    if (tags_.empty()) {
        return wrong.append("Need at least one tag (metric=").append(metric).append(", tags={})");
    }
    if (tags_.size() > max_tags) {
        wrong.append("Too many tags: ").append(std::to_string(tags_.size())).append(" maximum allowed: 8, tags: ");
        return wrong.append(tags_text());
    }
    const auto illegal = [&](std::string_view text) {
        const auto found = std::find_if(text.begin(), text.end(), [&](char c) {
            const auto byte = static_cast<unsigned char>(c);
            return !legal_characters[byte] && (ascii_ || byte < 0x80);
        });
        return found == text.end() ? std::string_view{} : std::string_view{&*found, 1};
    };
    const auto lacks = [&](std::string_view what, std::string_view key) {
        return wrong.append("Invalid ").append(what).append(key).append("]: empty string");
    };
    const auto complain = [&](std::string_view what, std::string_view text, std::string_view character) {
        wrong.append("Invalid ").append(what).append(" (\"").append(text).append("\"): illegal character: ");
        return wrong.append(character);
    };
    if (const std::string_view bad = illegal(metric); !bad.empty()) {
        return complain("metric name", metric, bad);
    }
    for (const auto& [key, text] : tags_) {
        std::string what;
        if (const std::string_view bad = illegal(key); !bad.empty()) {
            return complain(what.append("tag name with value [").append(text).append("]"), key, bad);
        }
        if (text.empty()) {
            return lacks("tag value with key [", key);
        }
        if (const std::string_view bad = illegal(text); !bad.empty()) {
            return complain(what.append("tag value with key [").append(key).append("]"), text, bad);
        }
    }
    return {};
}

std::string PutRules::check(std::string_view line) {
    const auto words = std::count(line.begin(), line.end(), ' ');
    if (words < 4) {
        std::string wrong = "illegal argument: not enough arguments (need least 4, got ";
        return wrong.append(std::to_string(words)).append(")");
    }
    ascii_ = true;
    tags_.clear();
    next_word(line);
    const std::string_view metric = next_word(line);
    const std::string_view timestamp = next_word(line);
    const std::string_view value = next_word(line);
    if (std::string wrong = check_head(metric, timestamp, value); !wrong.empty()) {
        return wrong;
    }
    while (!line.empty()) {
        if (const std::string_view word = next_word(line); !word.empty()) {
            if (std::string wrong = add_tag(word); !wrong.empty()) {
                return wrong;
            }
        }
    }
    return check_rest(metric, value);
}

std::string PutRules::check(std::string_view metric, std::string_view timestamp, std::string_view value,
                            const std::vector<std::pair<std::string, std::string>>& tags) {
    ascii_ = false;
    tags_.assign(tags.begin(), tags.end());
    std::string wrong = check_head(metric, timestamp, value);
    return wrong.empty() ? check_rest(metric, value) : wrong;
}

std::string_view PutRules::as_stored(std::string_view line, std::string& buffer) const {
    constexpr std::int64_t wraps_at = (std::int64_t{1} << 32U) * 1000;
    if (time_ < wraps_at) {
        return line;
    }
    std::string_view rest = line;
    next_word(rest);
    next_word(rest);
    buffer.assign(line.substr(0, line.size() - rest.size())).append(std::to_string(time_ % wraps_at));
    next_word(rest);
    return buffer.append(" ").append(rest);
}

} // namespace tickertape::push
