// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <system_error>

#include "cli/lines/canonical.hpp"
#include "cli/lint/numbers.hpp"

namespace tickertape::cli::lint {

namespace {

using lines::is_digit;

bool is_hex_digit(char c) noexcept { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool equals_any(std::string_view text, std::initializer_list<std::string_view> words) noexcept {
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
        return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                          [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
    });
}

/// Returns whether `text` is the suffix of a Java number: `f`, `d`.
bool is_suffix(std::string_view text) noexcept {
    return text.size() == 1 && std::string_view{"fFdD"}.find(text[0]) != std::string_view::npos;
}

/// A run of digits, in which a `_` may separate two digits.
struct Digits {
    std::size_t count = 0;
    bool has_underscore = false;
    bool is_good = true;
};

template <class IsDigit>
Digits take_digits(std::string_view& text, IsDigit is) noexcept {
    Digits digits;
    bool after_digit = false;
    while (!text.empty() && (is(text.front()) || text.front() == '_')) {
        const bool digit = text.front() != '_';
        digits.count += digit ? 1U : 0U;
        digits.has_underscore = digits.has_underscore || !digit;
        digits.is_good = digits.is_good && (digit || after_digit);
        after_digit = digit;
        text.remove_prefix(1);
    }
    digits.is_good = digits.is_good && (after_digit || digits.count == 0);
    return digits;
}

/// For a hexadecimal number without its sign, such as `0x1p4` or `0x1.8p1`, with or without Java's suffix: returns how many
/// characters `1.8p1` has. Returns 0 for other texts.
std::size_t hex_number(std::string_view text) noexcept {
    if (!text.starts_with("0x") && !text.starts_with("0X")) {
        return 0;
    }
    text.remove_prefix(2);
    const std::size_t size = text.size();
    const auto digits = [&](auto is) {
        const auto* const end = std::find_if_not(text.begin(), text.end(), is);
        const auto count = static_cast<std::size_t>(end - text.begin());
        text.remove_prefix(count);
        return count;
    };
    std::size_t mantissa = digits(is_hex_digit);
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        mantissa += digits(is_hex_digit);
    }
    if (mantissa == 0 || !(text.starts_with('p') || text.starts_with('P'))) {
        return 0;
    }
    text.remove_prefix(1);
    text.remove_prefix(text.starts_with('-') || text.starts_with('+') ? 1 : 0);
    const bool has_exponent = digits(is_digit) > 0;
    return has_exponent && (text.empty() || is_suffix(text)) ? size - text.size() : 0;
}

/// Returns the number that Java reads.
Number read_hex(std::string_view text) noexcept {
    Number out;
    const bool minus = text.starts_with('-');
    text.remove_prefix(minus || text.starts_with('+') ? 1 : 0);
    std::string digits{text.substr(2, hex_number(text))};
    digits.erase(std::remove(digits.begin(), digits.end(), '+'),
                 digits.end()); // from_chars accepts no plus in the exponent of a hexadecimal number
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), out.number, std::chars_format::hex);
    const bool is_out_of_range = error == std::errc::result_out_of_range;
    const bool is_tiny = is_out_of_range && digits.find('-') != std::string::npos;
    out.number = is_tiny ? 0 : minus ? -out.number : out.number;
    out.faults.add_if(is_out_of_range && !is_tiny, Fault::value_overflow);
    return out;
}

/// The parts of a decimal number.
struct Decimal {
    FaultSet faults{};
    bool is_number = false;
    bool is_integer = false; // has neither point nor exponent
    std::size_t significant = 0;
    std::string plain{}; // without plus, `_` and suffix
};

std::size_t significant_digits(std::string_view text) {
    std::string digits;
    for (const char c : text.substr(0, text.find_first_of("eE"))) {
        if (is_digit(c)) {
            digits += c;
        }
    }
    const std::size_t first = digits.find_first_not_of('0');
    return first == std::string::npos ? 0 : digits.find_last_not_of('0') - first + 1;
}

Decimal read_decimal(std::string_view text) {
    Decimal decimal;
    std::string_view rest = text;
    decimal.faults.add_if(rest.starts_with('+'), Fault::value_plus);
    rest.remove_prefix(rest.starts_with('+') || rest.starts_with('-') ? 1 : 0);
    const Digits whole = take_digits(rest, is_digit);
    Digits fraction;
    const bool has_point = rest.starts_with('.');
    if (has_point) {
        rest.remove_prefix(1);
        fraction = take_digits(rest, is_digit);
    }
    Digits exponent{.count = 1};
    const bool has_exponent = rest.starts_with('e') || rest.starts_with('E');
    if (has_exponent) {
        rest.remove_prefix(1);
        rest.remove_prefix(rest.starts_with('+') || rest.starts_with('-') ? 1 : 0);
        exponent = take_digits(rest, is_digit);
    }
    // VictoriaMetrics accepts `5.e3`.
    decimal.faults.add_if(has_point && (whole.count == 0 || (fraction.count == 0 && !has_exponent)),
                          Fault::value_bare_point);
    decimal.is_integer = !has_point && !has_exponent;
    if (is_suffix(rest) && !decimal.is_integer) {
        decimal.faults.add(Fault::value_suffix);
        rest.remove_prefix(1);
    }
    decimal.is_number = rest.empty() && whole.count + fraction.count > 0 && exponent.count > 0 && whole.is_good &&
                        fraction.is_good && exponent.is_good;
    decimal.faults.add_if(whole.has_underscore || fraction.has_underscore || exponent.has_underscore,
                          Fault::value_underscore);
    decimal.plain.assign(text.starts_with('+') ? text.substr(1) : text);
    decimal.plain.resize(decimal.plain.size() - (decimal.faults.has(Fault::value_suffix) ? 1 : 0));
    decimal.plain.erase(std::remove(decimal.plain.begin(), decimal.plain.end(), '_'), decimal.plain.end());
    decimal.significant = significant_digits(decimal.plain);
    return decimal;
}

/// Returns whether the integer `text` equals the double `number`.
bool is_exact(std::string_view text, double number) {
    constexpr std::size_t longest = 400;
    std::array<char, longest> digits{};
    const auto [end, error] =
        std::to_chars(digits.data(), digits.data() + digits.size(), number, std::chars_format::fixed);
    const auto plain = [](std::string_view integer) {
        integer.remove_prefix(integer.starts_with('-') ? 1 : 0);
        return integer.substr(std::min(integer.find_first_not_of('0'), integer.size()));
    };
    return error == std::errc{} && plain(text) == plain({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

/// Reads a number of few digits, the usual case.
bool read_short(std::string_view text, Number& out) noexcept {
    constexpr std::size_t surely_exact = 15;
    if (text.empty() || text.size() > surely_exact || !std::all_of(text.begin(), text.end(), is_digit)) {
        return false;
    }
    std::from_chars(text.data(), text.data() + text.size(), out.integer);
    out.number = static_cast<double>(out.integer);
    out.is_integer = true;
    return true;
}

FaultSet faults_of_word(std::string_view unsigned_text) noexcept {
    if (equals_any(unsigned_text, {"nan"})) {
        return {Fault::value_nan};
    }
    if (equals_any(unsigned_text, {"inf", "infinity"})) {
        return {Fault::value_inf};
    }
    if (hex_number(unsigned_text) > 0) {
        return {Fault::value_hex};
    }
    return {Fault::value_text};
}

/// OpenTSDB reads a text with a point or an `e` by Java's parser.
bool is_for_java(std::string_view value) noexcept { return value.find_first_of(".eE") != std::string_view::npos; }

/// Java skips control characters around a number.
std::string_view trimmed_by_java(std::string_view value) noexcept {
    const auto is_blank = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
    while (!value.empty() && is_blank(value.front())) {
        value.remove_prefix(1);
    }
    while (!value.empty() && is_blank(value.back())) {
        value.remove_suffix(1);
    }
    return value;
}

} // namespace

bool has_tab(std::string_view text) noexcept { return text.find_first_of("\t\v\f") != std::string_view::npos; }

bool has_tab_for_opentsdb(std::string_view line) noexcept {
    constexpr int blanks_before_value = 3;
    std::size_t begin = 0;
    for (int i = 0; i < blanks_before_value && begin != std::string_view::npos; ++i) {
        begin = line.find(' ', begin);
        begin += begin == std::string_view::npos ? 0 : 1;
    }
    if (begin == std::string_view::npos) {
        return has_tab(line);
    }
    const std::string_view value = line.substr(begin, line.find(' ', begin) - begin);
    return has_tab(line.substr(0, begin)) || has_tab(is_for_java(value) ? trimmed_by_java(value) : value) ||
           has_tab(line.substr(begin + value.size()));
}

Number read_number(std::string_view text, Target target) {
    Number out;
    if (read_short(text, out)) {
        return out;
    }
    const bool asks_java = target == Target::opentsdb && is_for_java(text);
    text = asks_java ? trimmed_by_java(text) : text;
    if (equals_any(text, {"true", "false"})) {
        return {.faults = {Fault::value_boolean}};
    }
    const Decimal decimal = read_decimal(text);
    if (!decimal.is_number) {
        out.faults = faults_of_word(text.substr(text.starts_with('+') || text.starts_with('-') ? 1 : 0));
        // Java reads hexadecimal numbers.
        return asks_java && out.faults.has(Fault::value_hex) ? read_hex(text) : out;
    }
    out.faults = decimal.faults;
    const char* const begin = decimal.plain.data();
    const char* const end = begin + decimal.plain.size();
    out.is_integer = decimal.is_integer && std::from_chars(begin, end, out.integer).ec == std::errc{};
    const bool in_range = std::from_chars(begin, end, out.number).ec == std::errc{};
    const std::size_t mark = decimal.plain.find_first_of("eE");
    const bool is_small = mark != std::string::npos ? decimal.plain[mark + 1] == '-'
                                                    : decimal.plain.find_first_of("123456789.") ==
                                                          decimal.plain.find('.'); // 0.000…1: too small, not too large
    out.faults.add_if(!in_range && !is_small, Fault::value_overflow);
    constexpr std::size_t longest_long = 19;
    const std::size_t digits = decimal.plain.size() - (decimal.plain.starts_with('-') ? 1 : 0);
    if (decimal.is_integer) {
        out.faults.add_if(!out.is_integer || digits > longest_long, Fault::value_int64);
        out.faults.add_if(in_range && !is_exact(decimal.plain, out.number), Fault::value_integer);
        return out;
    }
    constexpr std::size_t kept = 12;
    out.faults.add_if(decimal.significant > 0 && std::abs(out.number) < std::numeric_limits<double>::min(),
                      Fault::value_tiny);
    out.faults.add_if(in_range && decimal.significant > kept && out.number != std::trunc(out.number),
                      Fault::value_digits);
    return out;
}

} // namespace tickertape::cli::lint
