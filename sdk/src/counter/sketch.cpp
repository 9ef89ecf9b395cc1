// SPDX-License-Identifier: MIT
#include <tickertape/sketch.hpp>

#include <algorithm>
#include <string>

#include <tickertape/name.hpp>

namespace tickertape {

namespace counter {

int bin_number(double units) noexcept {
    const bool negative = units < 0;
    const BinPlace place = place_of(negative ? -units : units);
    if (place.octave < octaves) {
        return bin_number(negative, static_cast<unsigned>(place.octave), static_cast<unsigned>(place.bin));
    }
    if (units == 0) {
        return 0;
    }
    const int nearest = std::abs(units) < 1 ? 1 : last_bin;
    return negative ? -nearest : nearest;
}

double value_of_bin(int number) noexcept {
    if (number == 0) {
        return 0;
    }
    const auto place = static_cast<unsigned>(std::abs(number) - 1);
    const unsigned bin = place % bins_of_octave;
    constexpr double steps = OctaveDivision::steps;
    const double low = 1 + octave_division.edge[bin] / steps;
    const double high = 1 + octave_division.edge[bin + 1] / steps;
    const double value = std::ldexp(2 * low * high / (low + high), static_cast<int>(place / bins_of_octave));
    return number < 0 ? -value : value;
}

std::int64_t whole_clamped(double units) noexcept { return whole(std::clamp(units, -most_units, most_units)); }

Scale::Scale(double resolution) : resolution_{resolution}, factor_{1 / resolution} {
    if (!(resolution > 0) || !std::isfinite(resolution) || !std::isfinite(factor_) || factor_ == 0) {
        throw UsageError{"the resolution " + std::to_string(resolution) +
                         " of a distribution is not a positive number"};
    }
    constexpr double rounding = 1e-12;
    if (const double near = std::round(factor_); std::abs(near - factor_) <= rounding * near) {
        factor_ = near; // 1e-9 is no binary fraction, but its inverse is a whole number
    }
}

} // namespace counter

using counter::bin_number;

bool Sketch::record(double value, std::uint64_t times) {
    if (!std::isfinite(value)) {
        return false;
    }
    if (times == 0) {
        return true;
    }
    const double units = scale_.units(value);
    const int number = bin_number(units);
    reach(number, number);
    add(number, times);
    clamped_ += counter::is_clamped(units) ? times : 0;
    sum_ += static_cast<counter::Int128>(counter::whole_clamped(units)) * static_cast<counter::Int128>(times);
    const double kept = value == 0 ? 0.0 : value; // not -0.0
    min_ = count_ == 0 ? kept : std::min(min_, kept);
    max_ = count_ == 0 ? kept : std::max(max_, kept);
    count_ += times;
    return true;
}

void Sketch::merge(const Sketch& other) {
    if (scale_ != other.scale_) {
        throw UsageError{"two sketches of different resolutions cannot be merged: " + std::to_string(resolution()) +
                         " and " + std::to_string(other.resolution())};
    }
    if (other.empty()) {
        return;
    }
    reach(other.first_, other.first_ + static_cast<int>(other.bins_.size()) - 1);
    for (std::size_t i = 0; i < other.bins_.size(); ++i) {
        add(other.first_ + static_cast<int>(i), other.bins_[i]);
    }
    min_ = empty() ? other.min_ : std::min(min_, other.min_);
    max_ = empty() ? other.max_ : std::max(max_, other.max_);
    count_ += other.count_;
    clamped_ += other.clamped_;
    sum_ += other.sum_;
}

double Sketch::mean() const noexcept {
    return empty() ? 0 : scale_.value(static_cast<double>(sum_) / static_cast<double>(count_));
}

double Sketch::quantile(double share) const noexcept {
    if (empty() || !(share > 0)) {
        return min_;
    }
    // As a difference from the end, where it is small: 0.99 * 100 is 99.00000000000001 for a double in some cases.
    const double exact = std::min(share, 1.0) * static_cast<double>(count_);
    const double near = std::round(exact);
    constexpr double rounding = 1e-9;
    const double rank = std::abs(exact - near) <= rounding * near ? near : std::ceil(exact);
    const auto wanted = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(rank), 1, count_);
    if (wanted == count_) {
        return max_;
    }
    std::uint64_t passed = 0;
    std::size_t i = 0;
    while (passed + bins_[i] < wanted) {
        passed += bins_[i];
        ++i;
    }
    const double value = scale_.value(counter::value_of_bin(first_ + static_cast<int>(i)));
    return std::clamp(value, min_, max_);
}

std::uint64_t Sketch::count_up_to(double bound) const noexcept {
    if (empty() || !(bound >= min_)) {
        return 0;
    }
    if (bound >= max_) {
        return count_;
    }
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < bins_.size(); ++i) {
        if (scale_.value(counter::value_of_bin(first_ + static_cast<int>(i))) > bound) {
            break;
        }
        count += bins_[i];
    }
    return count;
}

void Sketch::reach(int from, int to) {
    if (bins_.empty()) {
        first_ = from;
        bins_.resize(static_cast<std::size_t>(to - from) + 1);
        return;
    }
    if (from < first_) {
        bins_.insert(bins_.begin(), static_cast<std::size_t>(first_ - from), 0);
        first_ = from;
    }
    if (const auto size = static_cast<std::size_t>(to - first_) + 1; size > bins_.size()) {
        bins_.resize(size);
    }
}

void Sketch::add(int number, std::uint64_t times) { bins_[static_cast<std::size_t>(number - first_)] += times; }

} // namespace tickertape
