// SPDX-License-Identifier: MIT
#include "counter/history.hpp"

#include <new>

namespace tickertape::counter {

void History::reserve(std::uint64_t buckets) noexcept {
    const std::uint64_t wanted = std::min<std::uint64_t>(buckets, most_);
    if (wanted <= capacity_) {
        return;
    }
    // At least doubles the ring, so that a late dump costs few copies.
    const auto capacity = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(2ULL * capacity_, wanted, most_));
    std::unique_ptr<std::uint64_t[]> larger{new (std::nothrow) std::uint64_t[capacity]}; // NOLINT(*-c-arrays)
    if (!larger) {
        return;
    }
    first_ = begin();
    for (std::uint64_t sequence = first_; sequence != end_; ++sequence) {
        larger[static_cast<std::size_t>(sequence - first_)] = (*this)[sequence];
    }
    head_ = static_cast<std::uint32_t>(end_ - first_); // below the new capacity
    ring_ = std::move(larger);
    capacity_ = capacity;
}

void History::mark_partial(std::uint64_t sequence) {
    running_is_partial_ = running_is_partial_ || sequence == end_;
    if (sequence == partial_) {
        return;
    }
    std::erase_if(older_partial_, [this](std::uint64_t marked) { return marked < begin(); });
    if (partial_ != none && partial_ >= begin()) {
        older_partial_.push_back(partial_);
    }
    partial_ = sequence;
}

} // namespace tickertape::counter
