// SPDX-License-Identifier: MIT
#include "counter/history.hpp"

#include <cstddef>
#include <new>

#include "base/pool.hpp"

namespace tickertape::counter {

namespace {

constinit base::Pool<64> rings; // under the registry's mutex

constexpr std::size_t bytes_of(std::uint32_t capacity) noexcept {
    return std::size_t{capacity} * sizeof(std::uint64_t);
}

} // namespace

std::uint64_t* History::make_ring(std::uint32_t capacity) {
    return static_cast<std::uint64_t*>(rings.take(bytes_of(capacity)));
}

void History::give_back_ring(std::uint64_t* ring, std::uint32_t capacity) noexcept {
    rings.give_back(ring, bytes_of(capacity));
}

void History::reserve(std::uint64_t buckets) noexcept {
    const std::uint64_t wanted = std::min<std::uint64_t>(buckets, most_);
    if (wanted <= capacity_) {
        return;
    }
    // At least doubles the ring, so that a late dump costs few copies.
    const auto capacity = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(2ULL * capacity_, wanted, most_));
    std::uint64_t* larger = nullptr;
    try {
        larger = make_ring(capacity);
    } catch (const std::bad_alloc&) {
        return;
    }
    first_ = begin();
    for (std::uint64_t sequence = first_; sequence != end_; ++sequence) {
        larger[static_cast<std::size_t>(sequence - first_)] = (*this)[sequence];
    }
    head_ = static_cast<std::uint32_t>(end_ - first_); // below the new capacity
    give_back_ring(ring_, capacity_);
    ring_ = larger;
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
