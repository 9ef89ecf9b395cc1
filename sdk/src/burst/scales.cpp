// SPDX-License-Identifier: MIT
#include <tickertape/burst_measures.hpp>

#include <algorithm>
#include <cmath>

#include <tickertape/name.hpp>

#include "burst/wide.hpp"

namespace tickertape::burst {

namespace {

// Calls f(X, follows) for the sum of each block. `follows`: the block before it is of the same stretch.
template <Number T, class F>
void each_block(const Samples<T>& samples, std::size_t size, F&& f) {
    for (const auto& stretch : samples.stretches()) {
        const auto values = samples.values_of(stretch);
        for (std::size_t end = size; end <= values.size(); end += size) {
            f(sum(values.subspan(end - size, size)), end > size);
        }
    }
}

// Returns nothing for a number too large for a double, such as the squares of values beyond 1e154.
std::optional<double> representable(long double number) {
    const auto rounded = static_cast<double>(number);
    return std::isfinite(rounded) ? std::optional{rounded} : std::nullopt;
}

// Moments of X_1 … X_K. `squares` is K^2 times the variance, `steps` the sum of (X_(j+1) - X_j)^2.
struct Moments {
    std::size_t blocks = 0;
    std::size_t neighbours = 0;
    long double sum = 0;
    long double peak = 0;
    long double squares = 0;
    long double steps = 0;
};

// Computes the squares exactly. Returns false if they do not fit.
bool exact_squares(const Samples<std::int64_t>& samples, std::size_t size, Int128 sum, Moments& moments) {
    const auto blocks = static_cast<Int128>(moments.blocks);
    const Int128 middle = sum / blocks; // differences from it are small, so their squares fit
    Int128 first = 0;
    std::optional<Int128> second = 0;
    std::optional<Int128> steps = 0;
    Int128 last = 0;
    each_block(samples, size, [&](Int128 block, bool follows) {
        const Int128 y = block - middle;
        first += y;
        second = second ? multiply_add(*second, y, y) : second;
        if (follows) {
            steps = steps ? multiply_add(*steps, block - last, block - last) : steps;
        }
        last = block;
    });
    const auto left = second ? multiply_add(0, blocks, *second) : std::nullopt;
    const auto squares = left ? multiply_add(*left, -first, first) : std::nullopt;
    if (!squares || !steps) {
        return false;
    }
    moments.squares = real(*squares);
    moments.steps = real(*steps);
    return true;
}

template <Number T>
void rounded_squares(const Samples<T>& samples, std::size_t size, Moments& moments) {
    const auto blocks = static_cast<long double>(moments.blocks);
    const long double middle = moments.sum / blocks;
    long double first = 0;
    long double second = 0;
    long double last = 0;
    each_block(samples, size, [&](Sum<T> block, bool follows) {
        const long double y = real(block) - middle;
        first += y;
        second += y * y;
        if (follows) {
            moments.steps += (y - last) * (y - last);
        }
        last = y;
    });
    moments.squares = std::max(blocks * second - first * first, 0.0L);
}

template <Number T>
Moments moments_of(const Samples<T>& samples, std::size_t size) {
    Moments moments;
    Sum<T> sum = 0;
    Sum<T> peak = 0;
    each_block(samples, size, [&](Sum<T> block, bool follows) {
        peak = moments.blocks == 0 ? block : std::max(peak, block);
        ++moments.blocks;
        moments.neighbours += follows ? 1 : 0;
        sum += block;
    });
    moments.sum = real(sum);
    moments.peak = real(peak);
    if (moments.blocks == 0) {
        return moments;
    }
    if constexpr (std::is_same_v<T, std::int64_t>) {
        if (exact_squares(samples, size, sum, moments)) {
            return moments;
        }
    }
    rounded_squares(samples, size, moments);
    return moments;
}

} // namespace

template <Number T>
Scale scale(const Samples<T>& samples, std::size_t buckets) {
    if (buckets == 0) {
        throw UsageError{"a block has at least 1 bucket"};
    }
    const Moments moments = moments_of(samples, buckets);
    Scale scale{.buckets = buckets, .blocks = moments.blocks};
    const long double all = real(sum(samples.values()));
    if (moments.blocks < least_blocks || all <= 0 || moments.sum <= 0) {
        return scale;
    }
    const auto blocks = static_cast<long double>(moments.blocks);
    const long double mean = moments.sum / blocks;
    const long double of_one_bucket = all / static_cast<long double>(samples.size());
    scale.peak_to_mean = representable(moments.peak / (static_cast<long double>(buckets) * of_one_bucket));
    scale.dispersion = representable(moments.squares / (blocks * moments.sum));
    scale.squared_variation = representable(moments.squares / (moments.sum * moments.sum));
    if (moments.neighbours > 0) {
        scale.allan = representable(moments.steps / (2 * static_cast<long double>(moments.neighbours) * mean));
    }
    return scale;
}

template <Number T>
std::vector<Scale> scales(const Samples<T>& samples) {
    std::size_t longest = 0;
    for (const auto& stretch : samples.stretches()) {
        longest = std::max(longest, stretch.count);
    }
    std::vector<Scale> result;
    for (std::size_t buckets = 1; buckets <= longest; buckets *= 2) {
        result.push_back(scale(samples, buckets));
    }
    return result;
}

std::optional<double> poisson_band(std::size_t blocks) noexcept {
    if (blocks < least_blocks) {
        return std::nullopt;
    }
    return 2 * std::sqrt(2.0 / (static_cast<double>(blocks) - 1));
}

template <Number T>
std::optional<double> burstiness(const Samples<T>& samples) {
    const Scale finest = scale(samples, 1);
    if (!finest.squared_variation || !finest.dispersion || !std::is_same_v<T, std::int64_t>) {
        return finest.squared_variation;
    }
    // (Var - m) / m^2 = (I - 1) / m
    const long double of_one = real(sum(samples.values())) / static_cast<long double>(samples.size());
    return representable((static_cast<long double>(*finest.dispersion) - 1) / of_one);
}

template Scale scale(const Samples<std::int64_t>&, std::size_t);
template Scale scale(const Samples<double>&, std::size_t);
template std::vector<Scale> scales(const Samples<std::int64_t>&);
template std::vector<Scale> scales(const Samples<double>&);
template std::optional<double> burstiness(const Samples<std::int64_t>&);
template std::optional<double> burstiness(const Samples<double>&);

} // namespace tickertape::burst
