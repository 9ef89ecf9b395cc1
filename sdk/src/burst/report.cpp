// SPDX-License-Identifier: MIT
#include <tickertape/burst.hpp>

#include <cmath>
#include <string>
#include <utility>

#include <tickertape/name.hpp>

#include "base/concat.hpp"
#include "burst/thresholds.hpp"

namespace tickertape::burst {

namespace {

template <Number T>
std::optional<Thresholds<T>> thresholds_of(const Samples<T>& samples, const Options& options) {
    for (const auto& [name, value] : {std::pair{"hi", options.hi}, std::pair{"lo", options.lo}}) {
        if (value && !std::isfinite(*value)) {
            throw UsageError{base::concat("`", name, "` is a value of a bucket, so a finite number")};
        }
    }
    std::optional<Thresholds<T>> result;
    if (options.hi) {
        result = Thresholds<T>{.hi = threshold<T>(*options.hi), .lo = threshold<T>(*options.hi / 2)};
    } else if (options.capacity) {
        result = thresholds_of_capacity(samples, *options.capacity);
    } else {
        result = usual_thresholds(samples);
    }
    if (result && options.lo) {
        result->lo = threshold<T>(*options.lo);
    }
    return result;
}

template <Number T>
std::vector<Envelope> envelopes_of(const Samples<T>& samples, const Options& options,
                                   std::optional<double> mean_of_bucket) {
    std::vector<double> rates;
    if (options.service_rate || options.capacity) {
        rates.push_back(options.service_rate ? *options.service_rate : *options.capacity);
    } else if (mean_of_bucket && *mean_of_bucket > 0) {
        const double per_second = *mean_of_bucket / std::chrono::duration<double>(samples.granularity()).count();
        for (const double times : {1.25, 2.0, 4.0, 8.0}) {
            if (std::isfinite(times * per_second)) {
                rates.push_back(times * per_second);
            }
        }
    }
    std::vector<Envelope> result;
    for (const double rate : rates) {
        if (const auto found = envelope(samples, rate)) {
            result.push_back(*found);
        }
    }
    return result;
}

} // namespace

template <Number T>
Report<T> analyse(const Samples<T>& samples, const Options& options) {
    Report<T> report;
    report.granularity = samples.granularity();
    report.buckets = samples.size();
    report.stretches = samples.stretches().size();
    report.missing = samples.missing();
    report.partial = samples.partial();
    for (const auto& run : samples.smeared()) {
        report.smeared += run.count;
    }
    report.burstiness = burstiness(samples);
    report.mean = mean(samples);
    report.percentiles = percentiles(samples);
    report.trend = trend(samples);
    report.scales = scales(samples);
    report.thresholds = thresholds_of(samples, options);
    if (report.thresholds) {
        report.episodes = episodes(samples, *report.thresholds, options.join);
        report.clustering = clustering(samples, report.thresholds->hi);
    }
    report.envelopes = envelopes_of(samples, options, report.mean);
    report.half_in = concentration(samples, 50);
    report.ninety_in = concentration(samples, 90);
    report.lags = top_lags(samples);
    return report;
}

template Report<std::int64_t> analyse(const Samples<std::int64_t>&, const Options&);
template Report<double> analyse(const Samples<double>&, const Options&);

} // namespace tickertape::burst
