// SPDX-License-Identifier: MIT
#include "cli/lines/expand.hpp"

#include <algorithm>
#include <utility>

namespace tickertape::cli::lines {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds finest_deduped{1000};

WallTime wall(std::int64_t ms) { return WallTime{milliseconds{ms}}; }

template <tickertape::burst::Number T>
T number(const Reading& reading) noexcept {
    if constexpr (std::is_same_v<T, double>) {
        return reading.number();
    } else {
        return reading.integer();
    }
}

// Assigns buckets to readings. Bucket timestamps are multiples of the step, counted from the
// first stamp. Each is within a step of its stamp, because stamps may jitter, and drift.
class Timestamps {
public:
    Timestamps(const Reading& first, const ExpandOptions& options) noexcept
        : options_{options}, newest_{&first}, timestamp_{first.stamp()} {}

    // Takes the next reading. Returns the number of buckets of the one before: 0 if it is replaced, several if it was held back.
    std::int64_t take(const Reading& reading) noexcept {
        const std::int64_t step = options_.step.count();
        const Reading& before = *std::exchange(newest_, &reading);
        const milliseconds distance{reading.stamp() - before.stamp()};
        const std::int64_t ahead = reading.stamp() - timestamp_;
        if (2 * ahead < step) {
            return 0;
        }
        // A reading that follows the last one has the next timestamp, unless timestamps are too far behind the stamps.
        const bool is_next = follows(distance, options_.step) && ahead <= 2 * step;
        const std::int64_t steps = is_next ? 1 : std::max<std::int64_t>((ahead + step / 2) / step, 1);
        timestamp_ += steps * step;
        return is_run(distance, before.equals(reading), options_) ? steps : 1;
    }
    [[nodiscard]] std::int64_t timestamp() const noexcept { return timestamp_; }

private:
    ExpandOptions options_;
    const Reading* newest_;
    std::int64_t timestamp_;
};

std::size_t buckets_of(std::span<const Reading> readings, const ExpandOptions& options) noexcept {
    std::size_t buckets = 1;
    Timestamps timestamps{readings.front(), options};
    for (const Reading& reading : readings.subspan(1)) {
        buckets += static_cast<std::size_t>(timestamps.take(reading));
    }
    return buckets;
}

template <tickertape::burst::Number T>
Expanded expand_as(std::span<const Reading> readings, const ExpandOptions& options) {
    Expanded result{.samples = tickertape::burst::Samples<T>{options.step}};
    tickertape::burst::Samples<T>& samples = std::get<tickertape::burst::Samples<T>>(result.samples);
    std::size_t left = buckets_of(readings, options); // from the bucket of `held` on
    Timestamps timestamps{readings.front(), options};
    const Reading* held = &readings.front();
    for (const Reading& reading : readings.subspan(1)) {
        const std::int64_t timestamp = timestamps.timestamp();
        const std::int64_t count = timestamps.take(reading);
        if (left > options.most_buckets) {
            ++result.left_out;
        } else if (count == 0) {
            ++result.too_close;
        } else {
            for (std::int64_t i = 0; i < count; ++i) {
                samples.push(wall(timestamp + i * options.step.count()), number<T>(*held));
            }
            result.filled += static_cast<std::size_t>(count - 1);
        }
        left -= static_cast<std::size_t>(count);
        held = &reading;
    }
    samples.push(wall(timestamps.timestamp()), number<T>(*held));
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
        return {.samples = tickertape::burst::Samples<std::int64_t>{options.step}};
    }
    const bool counts =
        std::all_of(readings.begin(), readings.end(), [](const Reading& reading) { return reading.is_integer(); });
    return counts ? expand_as<std::int64_t>(readings, options) : expand_as<double>(readings, options);
}

void SumOfSeries::add(const AnySamples& any) {
    std::visit(
        [&]<class T>(const tickertape::burst::Samples<T>& samples) {
            if (samples.empty()) {
                return;
            }
            const std::int64_t last = std::min(index_of(samples.start_of(samples.size() - 1)), latest_);
            const std::int64_t begin = std::max(index_of(samples.start_of(0)), earliest_);
            if (last < begin) {
                left_out_ += samples.size();
                return;
            }
            ++series_;
            ++cell(begin).begun;
            --cell(last + 1).begun;
            for (std::size_t i = 0; i < samples.size(); ++i) {
                const std::int64_t index = index_of(samples.start_of(i));
                if (index < begin || index > last) {
                    ++left_out_;
                    continue;
                }
                Cell& one = cell(index);
                ++one.present;
                one.sum += static_cast<double>(samples.values()[i]);
                if constexpr (std::is_same_v<T, std::int64_t>) {
                    is_exact_ = is_exact_ && !__builtin_add_overflow(one.exact, samples.values()[i], &one.exact);
                } else {
                    is_exact_ = false;
                }
            }
        },
        any);
}

AnySamples SumOfSeries::sum() const {
    const auto build = [&]<class T>(tickertape::burst::Samples<T> samples) {
        std::int64_t living = 0;
        for (std::size_t i = 0; i < cells_.size(); ++i) {
            const Cell& cell = cells_[i];
            living += cell.begun;
            if (living > 0 && cell.present == living) {
                const WallTime start{step_ * (earliest_ + static_cast<std::int64_t>(i))};
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
        return build(tickertape::burst::Samples<std::int64_t>{step_});
    }
    return build(tickertape::burst::Samples<double>{step_});
}

} // namespace tickertape::cli::lines
