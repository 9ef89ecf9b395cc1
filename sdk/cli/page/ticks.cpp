// SPDX-License-Identifier: MIT
#include "cli/page/ticks.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "cli/page/text.hpp"

namespace tickertape::cli::page {

namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr nanoseconds day = 24h;
constexpr std::array<nanoseconds, 37> time_steps{
    1ms, 2ms,     5ms,     10ms,    20ms,     50ms,     100ms,    200ms,     500ms,     1s,         2s,         5s, 10s,
    15s, 30s,     1min,    2min,    5min,     10min,    15min,    30min,     1h,        2h,         3h,         6h, 12h,
    day, 2 * day, 4 * day, 7 * day, 14 * day, 28 * day, 91 * day, 182 * day, 365 * day, 3650 * day, 36500 * day};

std::string time_label(WallTime time, nanoseconds step, bool several_days) {
    constexpr std::size_t to_minutes = 5; // room for `10:04`
    constexpr std::size_t year = 5;
    if (step >= 365 * day) {
        return date_text(time).substr(0, year - 1);
    }
    if (step >= day || (several_days && time.time_since_epoch() % day == 0ns)) {
        return date_text(time).substr(year);
    }
    std::string text = clock_text(time, step < 1s);
    return step % 1min == 0ns ? text.substr(0, to_minutes) : text;
}

// Returns 1, 2 or 5 times a power of ten, at least `least`.
double round_step(double least) {
    const double power = std::pow(10.0, std::floor(std::log10(least)));
    for (const double times : {1.0, 2.0, 5.0}) {
        if (times * power >= least * (1 - 1e-9)) {
            return times * power;
        }
    }
    return 10 * power;
}

// Returns the multiples of a round step from `low` to `high`, at most `most` of them.
std::vector<double> round_values(double low, double high, std::size_t most) {
    const double step = round_step((high - low) / static_cast<double>(most - 1));
    std::vector<double> values;
    const double first = std::ceil(low / step - 1e-9) + 0.0; // adding 0 turns -0 into 0
    for (double times = first; times * step <= high + step * 1e-9 && values.size() <= most; ++times) {
        values.push_back(times * step);
    }
    return values;
}

// Returns 1, 2 and 5 times powers of ten from `low` to `high`; without room for all of them, some powers of ten.
std::vector<double> powers_of_ten(double low, double high, std::size_t most) {
    const double decades = std::log10(high) - std::log10(low);
    const bool is_fine = decades * 3 < static_cast<double>(most);
    const double every = std::max(1.0, std::ceil(decades / static_cast<double>(most - 1)));
    std::vector<double> values;
    // NOLINTNEXTLINE(clang-analyzer-*): a number of decades, which is whole
    for (double power = std::floor(std::log10(low) / every) * every; power <= std::log10(high); power += every) {
        for (const double times : {1.0, 2.0, 5.0}) {
            const double value = times * std::pow(10.0, power);
            if (value >= low && value <= high && (times == 1.0 || is_fine)) {
                values.push_back(value);
            }
        }
    }
    return values;
}

} // namespace

std::vector<Tick> time_ticks(WallTime begin, nanoseconds span) {
    // Returns whether the labels of this step fit on a telephone: `10:04`, `10:04:55`, `10:04:55.123`.
    const auto fits = [&](nanoseconds step) { return span / step <= (step >= 1min ? 6 : step >= 1s ? 4 : 3); };
    const auto found = std::find_if(time_steps.begin(), time_steps.end(), fits);
    const nanoseconds step = found != time_steps.end() ? *found : time_steps.back();
    const bool several_days = begin.time_since_epoch() / day != (begin + span).time_since_epoch() / day;
    std::vector<Tick> ticks;
    const nanoseconds past = begin.time_since_epoch() % step;
    for (nanoseconds at = past == 0ns ? 0ns : step - past; at <= span; at += step) {
        ticks.push_back({.place = static_cast<double>(at.count()) / static_cast<double>(span.count()),
                         .label = time_label(begin + at, step, several_days)});
    }
    return ticks;
}

std::vector<Tick> value_ticks(double low, double high, std::size_t most) {
    const double length = high - low;
    if (!std::isfinite(length) || !std::isnormal(length)) {
        return {{.place = 0, .label = narrow_text(low)}, {.place = 1, .label = narrow_text(high)}};
    }
    std::vector<Tick> ticks;
    for (const double value : round_values(low, high, most)) {
        ticks.push_back({.place = std::clamp((value - low) / length, 0.0, 1.0), .label = narrow_text(value)});
    }
    return ticks;
}

std::vector<Tick> logarithmic_ticks(double low, double high, std::size_t most) {
    if (!(low > 0) || !(high > low) || !std::isfinite(high)) {
        return {};
    }
    const double length = std::log(high) - std::log(low);
    std::vector<Tick> ticks;
    for (const double value : high / 10 < low ? round_values(low, high, most) : powers_of_ten(low, high, most)) {
        ticks.push_back({.place = (std::log(value) - std::log(low)) / length, .label = narrow_text(value)});
    }
    return ticks;
}

} // namespace tickertape::cli::page
