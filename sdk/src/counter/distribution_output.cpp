// SPDX-License-Identifier: MIT
// The points of a distribution.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>

#include "base/concat.hpp"
#include "counter/distribution_state.hpp"

namespace tickertape {

std::string Quantiles::name(double share) {
    // The digits after the point; a percentage has at least two.
    std::array<char, 400> text{};
    const auto written = std::to_chars(text.begin(), text.end(), share, std::chars_format::fixed);
    std::string digits{text.begin(), written.ptr};
    if (share == 1) {
        return "p100";
    }
    digits.erase(0, std::min<std::size_t>(2, digits.size())); // `0.`
    while (digits.size() < 2) {
        digits.push_back('0');
    }
    digits.insert(0, 1, 'p');
    return digits;
}

void Quantiles::refuse(double share) {
    std::string sentence = base::concat("the quantile ", std::to_string(share));
    throw UsageError{share >= 0 && share <= 1 ? sentence.append(" exceeds the limit of 8 quantiles of a distribution")
                                              : sentence.append(" is not from 0 to 1")};
}

namespace counter {

namespace {

std::string_view text_of(Field field) {
    switch (field) {
    case Field::count: return ".count";
    case Field::sum: return ".sum";
    case Field::min: return ".min";
    case Field::max: return ".max";
    case Field::mean: return ".mean";
    }
    return {};
}

constexpr double no_bound = std::numeric_limits<double>::infinity();

} // namespace

Value DistributionOutput::value(const Sketch& sketch) const {
    switch (kind) {
    case Kind::quantile: return sketch.quantile(bound);
    case Kind::bucket: return std::isinf(bound) ? sketch.count() : sketch.count_up_to(bound);
    case Kind::field: break;
    }
    switch (field) {
    case Field::count: break;
    case Field::sum: return sketch.sum();
    case Field::min: return sketch.min();
    case Field::max: return sketch.max();
    case Field::mean: return sketch.mean();
    }
    return sketch.count();
}

std::vector<DistributionOutput> outputs_of(Name metric, const CounterOptions& options, const SeriesOptions& series) {
    using Kind = DistributionOutput::Kind;
    std::vector<DistributionOutput> outputs;
    const std::string name{metric.text()};
    const auto add = [&](std::string_view suffix, const Tags& tags, Kind kind, Field field, double bound) {
        const std::string whole = name + std::string{suffix};
        outputs.push_back({Series{std::string_view{whole}, tags, series}, kind, field, bound});
    };
    for (const Field field : {Field::count, Field::sum, Field::min, Field::max, Field::mean}) {
        if (options.fields.has(field)) {
            add(text_of(field), options.tags, Kind::field, field, 0);
        }
    }
    for (const double share : options.quantiles) {
        add(Quantiles::name(share).insert(0, 1, '.'), options.tags, Kind::quantile, {}, share);
    }
    std::vector<double> bounds = options.buckets;
    if (!bounds.empty()) {
        if (options.tags.find("le") != nullptr) {
            throw UsageError{base::concat("counter '", name, "': the tag le is reserved for its buckets")};
        }
        bounds.push_back(no_bound);
    }
    for (const double bound : bounds) {
        Tags tags = options.tags;
        tags.set("le", std::isinf(bound) ? std::string_view{"Inf"} : std::string_view{to_string(Value{bound})});
        add(".bucket", tags, Kind::bucket, {}, bound);
    }
    if (outputs.empty()) {
        throw UsageError{
            base::concat("counter '", name, "': nothing of it is written; give it fields, quantiles or buckets")};
    }
    return outputs;
}

} // namespace counter

} // namespace tickertape
