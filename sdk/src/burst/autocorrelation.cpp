// SPDX-License-Identifier: MIT
#include <tickertape/burst_autocorrelation.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <cstdint>

#include <tickertape/burst_measures.hpp>

#include "burst/fft.hpp"
#include "burst/wide.hpp"

namespace tickertape::burst {

namespace {

constexpr std::size_t least_samples = 40; // a quarter of them is 10 lags

// Computes the sums of y_i y_(i+l) over pairs of each stretch. It correlates each chunk of a stretch with itself and the
// `max_lag` values after it. The spectra of the chunks are added up and transformed back once.
class Correlator {
public:
    explicit Correlator(std::size_t max_lag)
        : max_lag_{max_lag}, size_{std::bit_ceil(2 * (max_lag + 1))}, fft_{size_}, chunk_(size_), with_(size_),
          spectrum_(size_) {}

    void add(std::span<const double> y) {
        const std::size_t step = size_ - max_lag_;
        for (std::size_t first = 0; first < y.size(); first += step) {
            load(chunk_, y.subspan(first, std::min(step, y.size() - first)));
            load(with_, y.subspan(first, std::min(size_, y.size() - first)));
            for (std::size_t k = 0; k < size_; ++k) {
                const auto a = chunk_[k];
                const auto b = with_[k];
                spectrum_[k] += std::complex{a.real() * b.real() + a.imag() * b.imag(),
                                             a.real() * b.imag() - a.imag() * b.real()}; // conj(a) b
            }
        }
    }

    [[nodiscard]] std::vector<double> sums() {
        for (auto& value : spectrum_) {
            value = std::conj(value);
        }
        fft_.transform(spectrum_);
        std::vector<double> result(max_lag_ + 1);
        for (std::size_t lag = 0; lag <= max_lag_; ++lag) {
            result[lag] = spectrum_[lag].real() / static_cast<double>(size_);
        }
        return result;
    }

private:
    void load(std::vector<std::complex<double>>& into, std::span<const double> values) {
        std::copy(values.begin(), values.end(), into.begin());
        std::fill(into.begin() + static_cast<std::ptrdiff_t>(values.size()), into.end(), 0.0);
        fft_.transform(into);
    }

    std::size_t max_lag_;
    std::size_t size_;
    Fft fft_;
    std::vector<std::complex<double>> chunk_;
    std::vector<std::complex<double>> with_;
    std::vector<std::complex<double>> spectrum_;
};

// Returns, for each value, the lowest value between it and the nearest higher value to its left; the value itself if these two
// are neighbours.
template <class Iterator>
std::vector<double> valleys(Iterator begin, Iterator end) {
    struct Height {
        double value;
        double lowest; // between the higher value to its left and the value
    };
    std::vector<double> result;
    std::vector<Height> falling;
    for (Iterator at = begin; at != end; ++at) {
        double lowest = *at;
        while (!falling.empty() && falling.back().value <= *at) {
            lowest = std::min(lowest, falling.back().lowest);
            falling.pop_back();
        }
        falling.push_back({.value = *at, .lowest = lowest});
        result.push_back(lowest);
    }
    return result;
}

// A period as a fraction of buckets.
struct Period {
    double buckets;
    double doubt; // the error of `buckets`, in both directions

    // Returns the period that fits into `lag` exactly `times` times.
    static Period of(std::size_t lag, double times) {
        return {.buckets = static_cast<double>(lag) / times, .doubt = 0.5 / times};
    }
    [[nodiscard]] double times_in(std::size_t lag) const {
        return std::max(std::round(static_cast<double>(lag) / buckets), 1.0);
    }
    [[nodiscard]] bool divides(std::size_t lag) const {
        const double times = times_in(lag);
        const double off = std::abs(static_cast<double>(lag) - times * buckets);
        return off <= std::min(std::max(times * doubt, 1.0), buckets / 4);
    }
};

// Returns the shortest peak that `peak` is a multiple of and that is at least half as high.
Lag shortest_of(const Lag& peak, const std::vector<Lag>& peaks) {
    return *std::find_if(peaks.begin(), peaks.end(), [&](const Lag& shorter) {
        return Period::of(shorter.buckets, 1).divides(peak.buckets) && 2 * shorter.correlation >= peak.correlation;
    });
}

} // namespace

template <Number T>
std::vector<double> autocorrelation(const Samples<T>& samples, std::size_t max_lag) {
    const auto values = samples.values();
    if (values.empty() || std::all_of(values.begin(), values.end(), [&](T value) { return value == values.front(); })) {
        return {};
    }
    const long double mean = real(sum(values)) / static_cast<long double>(values.size());
    long double squares = 0;
    std::vector<double> y(values.size());
    for (std::size_t i = 0; i < y.size(); ++i) {
        const long double off = static_cast<long double>(values[i]) - mean;
        squares += off * off;
        y[i] = static_cast<double>(off);
    }
    Correlator correlator{std::min(max_lag, greatest_lag)};
    for (const auto& stretch : samples.stretches()) {
        correlator.add(std::span{y}.subspan(stretch.first, stretch.count));
    }
    std::vector<double> result = correlator.sums();
    for (double& value : result) {
        value = static_cast<double>(value / squares);
    }
    return result;
}

template <Number T>
std::vector<Lag> top_lags(const Samples<T>& samples, std::size_t count) {
    std::size_t longest = 0;
    for (const auto& stretch : samples.stretches()) {
        longest = std::max(longest, stretch.count);
    }
    if (longest < least_samples) {
        return {};
    }
    const std::size_t longest_lag = longest / 4;
    // Computes some more lags, to find the valley after the last peak.
    const std::vector<double> r = autocorrelation(samples, longest_lag + longest_lag / 4 + 1);
    const std::vector<double> before = valleys(r.begin(), r.end());
    const std::vector<double> behind = valleys(r.rbegin(), r.rend());
    const double noise = 5 / std::sqrt(static_cast<double>(samples.size()));
    std::vector<Lag> peaks;
    for (std::size_t lag = 2; lag + 1 < r.size() && lag <= longest_lag; ++lag) {
        const double valley = std::max(before[lag], behind[r.size() - 1 - lag]);
        if (r[lag] > noise && r[lag] - valley > noise && r[lag] > r[lag - 1] && r[lag] >= r[lag + 1]) {
            peaks.push_back({.buckets = lag, .correlation = r[lag]});
        }
    }
    std::vector<Lag> highest = peaks;
    std::sort(highest.begin(), highest.end(), [](const Lag& a, const Lag& b) {
        return a.correlation != b.correlation ? a.correlation > b.correlation : a.buckets < b.buckets;
    });
    std::vector<Lag> result;
    std::vector<Period> periods;
    for (const Lag& peak : highest) {
        if (result.size() >= count) {
            break;
        }
        if (std::none_of(periods.begin(), periods.end(), [&](Period period) { return period.divides(peak.buckets); })) {
            const Lag shortest = shortest_of(peak, peaks);
            result.push_back(shortest);
            periods.push_back(Period::of(peak.buckets, Period::of(shortest.buckets, 1).times_in(peak.buckets)));
        }
    }
    return result;
}

template std::vector<double> autocorrelation(const Samples<std::int64_t>&, std::size_t);
template std::vector<double> autocorrelation(const Samples<double>&, std::size_t);
template std::vector<Lag> top_lags(const Samples<std::int64_t>&, std::size_t);
template std::vector<Lag> top_lags(const Samples<double>&, std::size_t);

} // namespace tickertape::burst
