// SPDX-License-Identifier: MIT
/// \file
/// Values for distributions.
#pragma once

#include <chrono>
#include <cstddef>
#include <random>
#include <thread>
#include <vector>

#include <tickertape/distribution.hpp>

#include "measure.hpp"

namespace bench {

inline constexpr std::size_t values_of_a_round = 4096;

/// Latencies in seconds; half of them lie between 0.6 and 1.4 ms.
inline std::vector<double> latencies() {
    std::mt19937_64 random{18};
    std::lognormal_distribution<double> latency{-7, 0.7};
    std::vector<double> values(values_of_a_round);
    for (double& value : values) {
        value = latency(random);
    }
    return values;
}

template <class F>
auto each_of(const std::vector<double>& values, F f) {
    return [&values, f] {
        for (const double value : values) {
            f(value);
            clobber();
        }
    };
}

/// Gives later threads their own bins, which are added at ticks.
inline void warm(tickertape::MetricCounter<tickertape::distribution>& counter, const std::vector<double>& values) {
    for (int tick = 0; tick < 3; ++tick) {
        for (const double value : values) {
            counter.record(value);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{25});
    }
}

} // namespace bench
