// SPDX-License-Identifier: MIT
#include "cli/burst/columns.hpp"

#include <algorithm>
#include <limits>
#include <variant>

#include "cli/terminal/bars.hpp"

namespace tickertape::cli::burst {

namespace {

template <tickertape::burst::Number T>
void set_axis(Columns& columns, const tickertape::burst::Percentiles<T>& values) {
    columns.high = static_cast<double>(values.max);
    columns.low = terminal::bars_begin(static_cast<double>(values.min), columns.high);
    if (columns.low == columns.high) {
        columns.low = std::min(columns.low, 0.0);
        columns.high = columns.low < 0 ? 0.0 : columns.high > 0 ? columns.high : 1.0;
    }
}

template <tickertape::burst::Number T>
void fill(Column& column, std::vector<T>& values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() + 1) / 2 - 1);
    std::nth_element(values.begin(), middle, values.end());
    column.buckets = values.size();
    column.p50 = static_cast<double>(*middle);
    column.max = static_cast<double>(*std::max_element(middle, values.end()));
    values.clear();
}

/// Calls f(start of a bucket, its value) for all buckets.
template <class F>
void for_each_bucket(const lines::AnySamples& all, F f) {
    std::visit(
        [&](const auto& samples) {
            for (const auto& stretch : samples.stretches()) {
                WallTime start = stretch.start;
                for (const auto value : samples.values_of(stretch)) {
                    f(start, static_cast<double>(value));
                    start += samples.granularity();
                }
            }
        },
        all);
}

} // namespace

template <tickertape::burst::Number T>
Columns columns_of(const tickertape::burst::Samples<T>& samples, const tickertape::burst::Report<T>& report,
                   std::size_t most) {
    Columns columns;
    if (samples.empty() || !report.percentiles) {
        return columns;
    }
    columns.begin = samples.start_of(0);
    columns.span = samples.start_of(samples.size() - 1) - columns.begin + samples.granularity();
    set_axis(columns, *report.percentiles);
    const auto index_of = [&](WallTime start) {
        return static_cast<std::size_t>((start - columns.begin) / samples.granularity());
    };
    const auto all = static_cast<std::size_t>(columns.span / samples.granularity());
    columns.list.resize(std::min(most, all));
    const auto column_of = [&](std::size_t index) {
        return std::min(index * columns.list.size() / all, columns.list.size() - 1);
    };
    std::vector<T> values; // the values of one column
    std::size_t column = 0;
    for (const auto& stretch : samples.stretches()) {
        std::size_t index = index_of(stretch.start);
        for (const T value : samples.values_of(stretch)) {
            const std::size_t next = column_of(index++);
            if (next != column && !values.empty()) {
                fill(columns.list[column], values);
            }
            column = next;
            values.push_back(value);
        }
    }
    fill(columns.list[column], values);
    if (report.episodes) {
        for (const auto& episode : report.episodes->list) {
            const std::size_t first = index_of(episode.start);
            for (std::size_t i = column_of(first); i <= column_of(first + episode.buckets - 1); ++i) {
                columns.list[i].in_burst = true;
            }
        }
    }
    return columns;
}

Columns band_of(const lines::AnySamples& below, const lines::AnySamples& above, std::size_t most) {
    Columns columns;
    std::chrono::nanoseconds granularity{};
    std::visit(
        [&](const auto& samples) {
            granularity = samples.granularity();
            if (!samples.empty()) {
                columns.begin = samples.start_of(0);
                columns.span = samples.start_of(samples.size() - 1) - columns.begin + granularity;
            }
        },
        below);
    const auto all = static_cast<std::size_t>(columns.span / granularity);
    columns.list.resize(std::min(most, all));
    const auto column_of = [&](WallTime start) -> Column* {
        if (start < columns.begin || start >= columns.begin + columns.span) {
            return nullptr;
        }
        return &columns
                    .list[static_cast<std::size_t>((start - columns.begin) / granularity) * columns.list.size() / all];
    };
    double smallest = std::numeric_limits<double>::infinity();
    columns.high = -smallest;
    for_each_bucket(below, [&](WallTime start, double value) {
        Column& column = *column_of(start);
        column.p50 = column.buckets++ == 0 ? value : std::max(column.p50, value);
        column.max = column.p50;
        smallest = std::min(smallest, value);
        columns.high = std::max(columns.high, value);
    });
    for_each_bucket(above, [&](WallTime start, double value) {
        if (Column* const column = column_of(start); column != nullptr && column->buckets > 0) {
            column->max = std::max(column->max, value);
            columns.high = std::max(columns.high, value);
        }
    });
    if (!columns.list.empty()) {
        columns.low = terminal::bars_begin(smallest, columns.high);
        columns.high = columns.low < columns.high ? columns.high : columns.low + 1;
    }
    return columns;
}

template Columns columns_of(const tickertape::burst::Samples<std::int64_t>&,
                            const tickertape::burst::Report<std::int64_t>&, std::size_t);
template Columns columns_of(const tickertape::burst::Samples<double>&, const tickertape::burst::Report<double>&,
                            std::size_t);

} // namespace tickertape::cli::burst
