// SPDX-License-Identifier: MIT
#include "burst/expand.hpp"

#include <algorithm>

namespace tickertape::burst {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds finest_deduped{1000};

WallTime wall(std::int64_t ms) { return WallTime{milliseconds{ms}}; }

template <Number T>
T number(const Reading& reading) noexcept {
    if constexpr (std::is_same_v<T, double>) {
        return reading.number();
    } else {
        return reading.integer();
    }
}

// How many steps after `from` the reading `to` is: 0 when it is too close.
std::int64_t steps_between(const Reading& from, const Reading& to, milliseconds step) noexcept {
    return (to.stamp() - from.stamp() + step.count() / 2) / step.count();
}

bool is_run(const Reading& from, const Reading& to, const ExpandOptions& options) noexcept {
    return burst::is_run(milliseconds{to.stamp() - from.stamp()}, from.equals(to), options);
}

// The first reading from which on there are at most `most_buckets`.
std::size_t first_that_fits(std::span<const Reading> readings, const ExpandOptions& options) noexcept {
    std::size_t buckets = 1;
    std::size_t i = readings.size() - 1;
    for (; i > 0; --i) {
        const auto steps = static_cast<std::size_t>(steps_between(readings[i - 1], readings[i], options.step));
        buckets += steps > 1 && is_run(readings[i - 1], readings[i], options) ? steps : 1;
        if (buckets > options.most_buckets) {
            break;
        }
    }
    return i;
}

template <Number T>
Expanded expand_as(std::span<const Reading> readings, const ExpandOptions& options) {
    Expanded result{.samples = Samples<T>{options.step}};
    Samples<T>& samples = std::get<Samples<T>>(result.samples);
    result.left_out = first_that_fits(readings, options);
    readings = readings.subspan(result.left_out);
    // Labels are those of the first bucket of a stretch and multiples of the step, so that stamps may jitter.
    const Reading* held = &readings.front();
    std::int64_t label = held->stamp();
    const Reading* from = held; // of what `label` is the time
    for (const Reading& reading : readings.subspan(1)) {
        const std::int64_t steps = steps_between(*from, reading, options.step);
        // Of readings that come faster than one a step some are too many: labels do not run ahead of stamps.
        const bool is_ahead = steps == 1 && 2 * (label + options.step.count() - reading.stamp()) > options.step.count();
        if (steps == 0 || is_ahead) {
            ++result.too_close;
            held = &reading;
            from = is_ahead ? &reading : from;
            continue;
        }
        samples.push(wall(label), number<T>(*held));
        if (steps > 1 && is_run(*held, reading, options)) {
            for (std::int64_t i = 1; i < steps; ++i) {
                samples.push(wall(label + i * options.step.count()), number<T>(*held));
            }
            result.filled += static_cast<std::size_t>(steps - 1);
            label += steps * options.step.count();
        } else {
            label =
                steps == 1 ? label + options.step.count() : std::max(reading.stamp(), label + 2 * options.step.count());
        }
        held = from = &reading;
    }
    samples.push(wall(label), number<T>(*held));
    return result;
}

} // namespace

bool follows(milliseconds distance, milliseconds step) noexcept { return 2 * distance < 3 * step; }

bool is_run(milliseconds distance, bool are_equal, const ExpandOptions& options) noexcept {
    return options.step >= finest_deduped && options.dedup.count() > 0 && are_equal &&
           distance < options.dedup + options.step;
}

Spacing spacing(std::span<const Reading> readings) noexcept {
    Spacing result;
    for (std::size_t i = 1; i < readings.size(); ++i) {
        const milliseconds distance{readings[i].stamp() - readings[i - 1].stamp()};
        result.changes = result.changes || !readings[i].equals(readings[i - 1]);
        if (distance.count() > 0 && (!result.smallest || distance < *result.smallest)) {
            result.smallest = distance;
        }
    }
    return result;
}

Expanded expand(std::span<const Reading> readings, const ExpandOptions& options) {
    if (readings.empty()) {
        return {.samples = Samples<std::int64_t>{options.step}};
    }
    const bool counts =
        std::all_of(readings.begin(), readings.end(), [](const Reading& reading) { return reading.is_integer(); });
    return counts ? expand_as<std::int64_t>(readings, options) : expand_as<double>(readings, options);
}

void SumOfSeries::cover(std::int64_t first, std::int64_t last) {
    if (cells_.empty()) {
        origin_ = first;
    }
    if (first < origin_) {
        cells_.insert(cells_.begin(), static_cast<std::size_t>(origin_ - first), Cell{});
        origin_ = first;
    }
    const auto needed = static_cast<std::size_t>(last - origin_) + 2; // one more for the end of the last
    if (needed > cells_.size()) {
        cells_.resize(needed);
    }
}

void SumOfSeries::add(const AnySamples& any) {
    std::visit(
        [&]<class T>(const Samples<T>& samples) {
            if (samples.empty()) {
                return;
            }
            const std::int64_t last = index_of(samples.start_of(samples.size() - 1));
            const std::int64_t begin = std::max(index_of(samples.start_of(0)), earliest_);
            if (last < begin) {
                left_out_ += samples.size();
                return;
            }
            cover(begin, last);
            ++series_;
            ++cells_[static_cast<std::size_t>(begin - origin_)].begun;
            --cells_[static_cast<std::size_t>(last - origin_) + 1].begun;
            for (std::size_t i = 0; i < samples.size(); ++i) {
                const std::int64_t index = index_of(samples.start_of(i));
                if (index < begin) {
                    ++left_out_;
                    continue;
                }
                Cell& cell = cells_[static_cast<std::size_t>(index - origin_)];
                ++cell.present;
                cell.sum += static_cast<double>(samples.values()[i]);
                if constexpr (std::is_same_v<T, std::int64_t>) {
                    is_exact_ = is_exact_ && !__builtin_add_overflow(cell.exact, samples.values()[i], &cell.exact);
                } else {
                    is_exact_ = false;
                }
            }
        },
        any);
}

AnySamples SumOfSeries::sum() const {
    const auto build = [&]<class T>(Samples<T> samples) {
        std::int64_t living = 0;
        for (std::size_t i = 0; i < cells_.size(); ++i) {
            const Cell& cell = cells_[i];
            living += cell.begun;
            if (living > 0 && cell.present == living) {
                const WallTime start{step_ * (origin_ + static_cast<std::int64_t>(i))};
                if constexpr (std::is_same_v<T, std::int64_t>) {
                    samples.push(start, cell.exact);
                } else {
                    samples.push(start, cell.sum);
                }
            }
        }
        return samples;
    };
    if (is_exact_) {
        return build(Samples<std::int64_t>{step_});
    }
    return build(Samples<double>{step_});
}

} // namespace tickertape::burst
