// SPDX-License-Identifier: MIT
#include "counter/check_options.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <string>

#include <tickertape/sketch.hpp>

namespace tickertape::counter {

namespace {

constexpr std::int64_t most_buckets = 1'000'000; // in a timespan: 16 MB of ring

std::string milliseconds_text(std::chrono::nanoseconds time) {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count()) + " ms";
}

} // namespace

void check_options(const Series& series, const CounterOptions& options, Mode mode) {
    const auto refuse = [&series](const std::string& why) {
        throw UsageError{"counter '" + std::string{series.text()} + "': " + why};
    };
    if (options.granularity < std::chrono::milliseconds{1}) {
        refuse("the granularity " + milliseconds_text(options.granularity) + " is too fine; the finest is 1 ms");
    }
    if (options.timespan < options.granularity || options.timespan % options.granularity != options.timespan.zero()) {
        refuse("the timespan " + milliseconds_text(options.timespan) + " is no multiple of the granularity " +
               milliseconds_text(options.granularity));
    }
    if (options.timespan / options.granularity > most_buckets) {
        refuse("the timespan " + milliseconds_text(options.timespan) + " is more than " + std::to_string(most_buckets) +
               " buckets of " + milliseconds_text(options.granularity));
    }
    if (options.hold_at_most < options.hold_at_most.zero()) {
        refuse("hold_at_most is negative: " + milliseconds_text(options.hold_at_most));
    }
    static const CounterOptions& defaults =
        *new CounterOptions; // not destroyed: threads may make counters until the end
    if (mode != Mode::distribution && (options.fields != defaults.fields || options.quantiles != defaults.quantiles ||
                                       !options.buckets.empty() || options.resolution != defaults.resolution)) {
        refuse("fields, quantiles, buckets and resolution are for distributions");
    }
    if (mode == Mode::distribution) {
        static_cast<void>(Scale{options.resolution});
        const auto is_wrong = [](double bound) { return !std::isfinite(bound); };
        if (std::any_of(options.buckets.begin(), options.buckets.end(), is_wrong) ||
            std::adjacent_find(options.buckets.begin(), options.buckets.end(), std::greater_equal{}) !=
                options.buckets.end()) {
            refuse("the ends of buckets are no finite numbers in rising order");
        }
    }
    if (mode != Mode::stock && (options.fold != Fold::last || options.hold_at_most > options.hold_at_most.zero())) {
        refuse("fold and hold_at_most are for stocks; a rate sums what it counts, a distribution keeps all");
    }
}

RingSize ring_size(const CounterOptions& options) {
    const auto buckets = static_cast<std::uint32_t>(options.timespan / options.granularity); // at most most_buckets
    return {.first = 2 * buckets + 2, .most = std::max<std::uint32_t>(2 * buckets, 120) + 2};
}

} // namespace tickertape::counter
