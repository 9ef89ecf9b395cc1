// SPDX-License-Identifier: MIT
/// \file
/// PackedSketch: a bucket of a distribution in the ring.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include <tickertape/sketch.hpp>

#include "counter/distribution_totals.hpp"

namespace tickertape::counter {

/// The recordings of a bucket, in bytes: sums, extremes, and runs of neighbouring bins. A count below 128 takes one byte.
///
/// Thread safety: a value.
class PackedSketch {
public:
    PackedSketch() noexcept = default;
    explicit PackedSketch(const BinCounts& counts);

    [[nodiscard]] bool empty() const noexcept { return bytes_ == nullptr; }
    /// The bytes of memory that it holds in addition to itself.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// Replaces the content of `into`, of the same resolution.
    void unpack(Sketch& into) const;

    /// The same for counts that were not packed.
    static void assign(Sketch& into, const BinCounts& counts);

private:
    std::unique_ptr<std::uint8_t[]> bytes_; // NOLINT(*-c-arrays)
    std::size_t size_ = 0;
};

} // namespace tickertape::counter
