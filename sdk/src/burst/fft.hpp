// SPDX-License-Identifier: MIT
/// \file
/// The fast Fourier transform of a power of two of numbers.
#pragma once

#include <complex>
#include <cstddef>
#include <span>
#include <vector>

namespace tickertape::burst {

/// Transforms of one size. Radix 2, in place, forward only: an inverse is a forward one of conjugates, divided by `size`.
///
/// Thread safety: immutable after construction.
class Fft {
public:
    /// `size` is a power of two.
    explicit Fft(std::size_t size);

    /// X_k = sum of x_j exp(-2 pi i j k / size).
    void transform(std::span<std::complex<double>> x) const noexcept;

private:
    std::vector<std::complex<double>> roots_; // exp(-2 pi i k / size) for the first half of the circle
};

} // namespace tickertape::burst
