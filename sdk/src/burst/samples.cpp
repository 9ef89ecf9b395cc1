// SPDX-License-Identifier: MIT
#include <tickertape/burst_samples.hpp>

#include <algorithm>
#include <cmath>
#include <string>

#include <tickertape/name.hpp>

namespace tickertape::burst {

template <Number T>
Samples<T>::Samples(std::chrono::nanoseconds granularity) : granularity_{granularity} {
    if (granularity <= std::chrono::nanoseconds::zero()) {
        throw UsageError{"the granularity of samples is " + std::to_string(granularity.count()) +
                         " ns; it is the length of a bucket, so above 0"};
    }
}

template <Number T>
void Samples<T>::push(WallTime start, T value, BucketState state) {
    if (start < end_) {
        throw UsageError{"a bucket begins before the last one has ended; push samples in order of time"};
    }
    split_ = split_ || start != end_;
    end_ = start + granularity_;
    bool present = state == BucketState::full || state == BucketState::smeared;
    if constexpr (std::is_same_v<T, double>) {
        present = present && std::isfinite(value);
    }
    partial_ += state == BucketState::partial ? 1 : 0;
    if (!present) {
        split_ = true;
        return;
    }
    if (split_) {
        stretches_.push_back({.start = start, .first = values_.size(), .count = 0});
    }
    if (state == BucketState::smeared) {
        const bool goes_on = !split_ && !smeared_.empty() && smeared_.back().first + smeared_.back().count == size();
        if (!goes_on) {
            smeared_.push_back({.start = start, .first = values_.size(), .count = 0});
        }
        ++smeared_.back().count;
    }
    split_ = false;
    ++stretches_.back().count;
    values_.push_back(value);
}

template <Number T>
std::size_t Samples<T>::missing() const noexcept {
    std::size_t missing = 0;
    for (std::size_t i = 1; i < stretches_.size(); ++i) {
        const Stretch& before = stretches_[i - 1];
        const auto end = before.start + granularity_ * static_cast<std::int64_t>(before.count);
        missing += static_cast<std::size_t>((stretches_[i].start - end) / granularity_);
    }
    return missing;
}

template <Number T>
WallTime Samples<T>::start_of(std::size_t index) const noexcept {
    const auto after = std::upper_bound(stretches_.begin(), stretches_.end(), index,
                                        [](std::size_t i, const auto& stretch) { return i < stretch.first; });
    const Stretch& stretch = *std::prev(after);
    return stretch.start + granularity_ * static_cast<std::int64_t>(index - stretch.first);
}

template class Samples<std::int64_t>;
template class Samples<double>;

} // namespace tickertape::burst
