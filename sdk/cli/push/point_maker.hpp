// SPDX-License-Identifier: MIT
/// \file
/// PointMaker: put lines as points.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <tickertape/point.hpp>
#include <tickertape/tags.hpp>
#include <tickertape/time.hpp>

#include "cli/lines/line_memory.hpp"
#include "cli/lines/put_line.hpp"

namespace tickertape::cli::push {

/// Remembers the series of the last lines.
///
/// Thread safety: none.
class PointMaker {
public:
    /// `host`: the tag of lines in tcollector form without one; empty: none.
    explicit PointMaker(std::string host) : host_{std::move(host)} {}

    /// Throws UsageError if the series' text is too long. That is the only rule in which a series is stricter than a line.
    [[nodiscard]] Point make(const lines::PutLine& line) { return {series_of(line), time_of(line), line.number()}; }

private:
    static constexpr std::size_t most_series = 10'000;

    Series series_of(const lines::PutLine& line) {
        const bool adds_host = !line.has_host && !line.has_put && !host_.empty();
        const bool is_seconds = line.precision() == Series::Precision::seconds;
        const char kind[] = {adds_host ? '+' : ' ', is_seconds ? 's' : 'm'};
        return known_.of(line, {kind, sizeof kind}, [&] {
            Tags tags = lines::tags_of(line);
            if (adds_host) {
                tags.set("host", host_);
            }
            return Series{line.metric,
                          tags,
                          {.step = is_seconds ? std::chrono::milliseconds{0} : std::chrono::milliseconds{1},
                           .reserve_host_tag = false}};
        });
    }

    /// Many lines in a row have the same stamp.
    WallTime time_of(const lines::PutLine& line) {
        if (line.stamp != stamp_) {
            stamp_.assign(line.stamp);
            time_ = line.time();
        }
        return time_;
    }

    std::string host_;
    lines::LineMemory<Series> known_{most_series};
    std::string stamp_; // of the line before
    WallTime time_{};
};

} // namespace tickertape::cli::push
