// SPDX-License-Identifier: MIT
#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>

#include "cli/lines/canonical.hpp"
#include "cli/lint/numbers.hpp"

namespace tickertape::cli::lint {

namespace {

using lines::is_digit;
using lines::milliseconds_digits;
using lines::seconds_digits;

constexpr double last_millisecond = 9'999'999'999'999;
constexpr double first_millisecond = 4'294'967'296; // 2^32: from here on OpenTSDB reads milliseconds
constexpr double usual_millisecond = 1e12;          // in 2001
constexpr double first_that_wraps =
    first_millisecond * 1000; // OpenTSDB keeps 32 bits of the seconds of a timestamp in milliseconds
constexpr std::int64_t day = 86'400;

/// The form of a number such as `12`, `1.5` or `.5`: the digits on either side, and the number of points.
struct Shape {
    std::size_t whole = 0;
    std::size_t fraction = 0;
    std::size_t points = 0;
    bool is_number = true;
};

Shape shape_of(std::string_view text) noexcept {
    Shape shape;
    for (const char c : text) {
        if (c == '.') {
            ++shape.points;
        } else if (is_digit(c)) {
            ++(shape.points == 0 ? shape.whole : shape.fraction);
        } else {
            shape.is_number = false;
        }
    }
    shape.is_number = shape.is_number && shape.whole + shape.fraction > 0;
    return shape;
}

/// Returns all digits as one number, and ignores points.
double digits_of(std::string_view text) noexcept {
    double number = 0;
    for (const char c : text) {
        number = is_digit(c) ? number * 10 + (c - '0') : number;
    }
    return number;
}

double number_of(std::string_view text) noexcept {
    double number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// Compares with the clock the number that VictoriaMetrics reads.
void compare_with(std::int64_t now, Stamp& stamp) noexcept {
    constexpr std::int64_t ahead = 2 * day;
    constexpr std::int64_t retention = 31 * day;
    constexpr double beyond_int64 =
        9'223'372'036'854'775'808.0; // VictoriaMetrics makes 0 of such a number, after its check for 0
    if (std::abs(stamp.number) >= beyond_int64) {
        stamp.faults.add(Fault::stamp_old);
        return;
    }
    stamp.faults.add_if(stamp.number > -1 && stamp.number < 1, Fault::stamp_zero);
    stamp.faults.add_if(stamp.number > static_cast<double>(now + ahead), Fault::stamp_future);
    stamp.faults.add_if(stamp.number < static_cast<double>(now - retention), Fault::stamp_old);
}

/// Returns whether `text` is digits with an exponent. Only VictoriaMetrics reads that as a number.
bool has_exponent(std::string_view text) noexcept {
    const std::size_t mark = text.find_first_of("eE");
    if (mark == std::string_view::npos) {
        return false;
    }
    std::string_view exponent = text.substr(mark + 1);
    exponent.remove_prefix(exponent.starts_with('-') || exponent.starts_with('+') ? 1 : 0);
    const Shape front = shape_of(text.substr(0, mark));
    return front.is_number && front.points <= 1 && front.whole > 0 && !exponent.empty() &&
           std::all_of(exponent.begin(), exponent.end(), is_digit);
}

/// Returns whether `text` is a timestamp in seconds that all targets accept.
bool is_usual_second(std::string_view text) noexcept {
    return text.size() == seconds_digits && lines::is_usual_timestamp(text) &&
           std::all_of(text.begin(), text.end(), is_digit);
}

} // namespace

Stamp read_stamp(std::string_view text, Target target, std::int64_t now) noexcept {
    if (is_usual_second(text)) {
        std::int64_t seconds = 0;
        for (const char c : text) {
            seconds = seconds * 10 + (c - '0');
        }
        Stamp usual;
        usual.number = static_cast<double>(seconds);
        if (target == Target::victoriametrics) {
            compare_with(now, usual);
        } else {
            usual.seconds = usual.number;
        }
        return usual;
    }
    Stamp stamp;
    stamp.faults.add_if(text.size() != seconds_digits && text.size() != milliseconds_digits, Fault::stamp_length);
    std::string_view rest = text;
    const bool passes_over_points = target == Target::opentsdb;
    const std::size_t sign = std::min(rest.find_first_not_of('.'), rest.size());
    if (passes_over_points && sign > 0 && sign < rest.size() && (rest[sign] == '+' || rest[sign] == '-')) {
        rest.remove_prefix(sign); // points before the sign
        stamp.faults.add(Fault::stamp_fraction);
        stamp.faults.add(Fault::stamp_bare_point);
        stamp.faults.add(Fault::stamp_point);
    }
    const bool minus = rest.starts_with('-');
    stamp.faults.add_if(minus, Fault::stamp_negative);
    stamp.faults.add_if(rest.starts_with('+'), Fault::stamp_plus);
    rest.remove_prefix(minus || rest.starts_with('+') ? 1 : 0);
    const Shape shape = shape_of(rest);
    if (!shape.is_number || (shape.points > 1 && !passes_over_points)) {
        const bool exponent = has_exponent(rest);
        stamp.faults.add(exponent ? Fault::stamp_exponent : Fault::stamp_text);
        if (exponent) {
            stamp.number = number_of(rest) * (minus ? -1 : 1);
            compare_with(now, stamp);
        }
        return stamp;
    }
    if (shape.points > 0) {
        stamp.faults.add(Fault::stamp_fraction);
        stamp.faults.add_if(shape.whole == 0 || shape.fraction == 0, Fault::stamp_bare_point);
        // Without the point the digits are milliseconds, or seconds as before.
        const bool is_as_meant =
            shape.points == 1 && (shape.fraction == 0 || (shape.whole == seconds_digits &&
                                                          shape.fraction == milliseconds_digits - seconds_digits));
        stamp.faults.add_if(!is_as_meant, Fault::stamp_point);
    }
    const std::size_t digits = shape.whole + shape.fraction;
    const double all_digits = digits_of(rest);
    constexpr std::size_t longest_long = 19;
    stamp.faults.add_if(digits == 1, Fault::stamp_one_digit);
    stamp.faults.add_if(all_digits > last_millisecond || digits > longest_long, Fault::stamp_digits);
    const bool wraps = all_digits >= first_that_wraps && all_digits <= last_millisecond && target == Target::opentsdb;
    stamp.faults.add_if((all_digits >= first_millisecond && all_digits < usual_millisecond) || wraps,
                        Fault::stamp_range);
    if (shape.points == 0 && digits == milliseconds_digits) {
        stamp.faults.add(Fault::stamp_milliseconds);
        stamp.faults.add_if(!rest.ends_with("000"), Fault::stamp_odd_thousand);
    }
    if (target == Target::victoriametrics) {
        stamp.number = (shape.points == 0 ? all_digits : number_of(rest)) * (minus ? -1 : 1);
        compare_with(now, stamp);
        return stamp;
    }
    constexpr std::size_t longest_seconds = 11; // tcollector takes longer texts for milliseconds
    stamp.is_milliseconds = target == Target::tcollector ? text.size() > longest_seconds
                            : target == Target::influxdb ? text.size() == milliseconds_digits
                                                         : all_digits >= first_millisecond;
    stamp.number = target == Target::tcollector && shape.points > 0 ? number_of(rest) : all_digits;
    stamp.number *= minus ? -1 : 1;
    constexpr double thousand = 1000;
    stamp.seconds = stamp.is_milliseconds && shape.points == 0 ? stamp.number / thousand : stamp.number;
    stamp.faults.add_if(all_digits == 0, Fault::stamp_zero);
    return stamp;
}

} // namespace tickertape::cli::lint
