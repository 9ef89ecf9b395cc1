// SPDX-License-Identifier: MIT
#include "burst/fft.hpp"

#include <cmath>
#include <numbers>
#include <utility>

namespace tickertape::burst {

namespace {

// Multiplies without the special cases of operator* for nan and infinity.
std::complex<double> product(std::complex<double> a, std::complex<double> b) noexcept {
    return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

void reverse_bits(std::span<std::complex<double>> x) noexcept {
    std::size_t reversed = 0;
    for (std::size_t i = 1; i < x.size(); ++i) {
        std::size_t bit = x.size() / 2;
        while ((reversed & bit) != 0) {
            reversed ^= bit;
            bit /= 2;
        }
        reversed |= bit;
        if (i < reversed) {
            std::swap(x[i], x[reversed]);
        }
    }
}

} // namespace

Fft::Fft(std::size_t size) : roots_(size / 2) {
    for (std::size_t k = 0; k < roots_.size(); ++k) {
        const double angle = -2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(size);
        roots_[k] = {std::cos(angle), std::sin(angle)};
    }
}

void Fft::transform(std::span<std::complex<double>> x) const noexcept {
    reverse_bits(x);
    for (std::size_t half = 1; half < x.size(); half *= 2) {
        const std::size_t stride = x.size() / (2 * half);
        for (std::size_t block = 0; block < x.size(); block += 2 * half) {
            for (std::size_t k = 0; k < half; ++k) {
                const std::complex<double> odd = product(x[block + half + k], roots_[k * stride]);
                const std::complex<double> even = x[block + k];
                x[block + k] = even + odd;
                x[block + half + k] = even - odd;
            }
        }
    }
}

} // namespace tickertape::burst
