// SPDX-License-Identifier: MIT
/// \file
/// PointMaker: put lines as points.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <tickertape/point.hpp>
#include <tickertape/tags.hpp>

#include "cli/lines/put_line.hpp"

namespace tickertape::cli::push {

/// Remembers the series of the last lines.
///
/// Thread safety: none.
class PointMaker {
public:
    /// `host`: the tag of lines in tcollector form without one; empty: none.
    explicit PointMaker(std::string host) : host_{std::move(host)} {}

    /// Throws UsageError if the series' text is too long, the one thing in which a series is stricter than a line.
    [[nodiscard]] Point make(const lines::PutLine& line) { return {series_of(line), line.time(), line.number()}; }

private:
    static constexpr std::size_t most_series = 10'000;

    Series series_of(const lines::PutLine& line) {
        const bool adds_host = !line.has_host && !line.has_put && !host_.empty();
        key_.assign(line.metric).append(" ").append(line.tags);
        key_.append(adds_host ? "+" : " ").append(line.precision() == Series::Precision::seconds ? "s" : "m");
        if (const auto found = known_.find(key_); found != known_.end()) {
            return found->second;
        }
        Tags tags;
        for (std::size_t at = 0; at < line.tags.size();) {
            const std::size_t end = std::min(line.tags.find(' ', at), line.tags.size());
            const std::string_view tag = line.tags.substr(at, end - at);
            tags.set(tag.substr(0, tag.find('=')), tag.substr(tag.find('=') + 1));
            at = std::min(line.tags.find_first_not_of(' ', end), line.tags.size());
        }
        if (adds_host) {
            tags.set("host", host_);
        }
        if (known_.size() >= most_series) {
            known_.clear();
        }
        const bool is_seconds = line.precision() == Series::Precision::seconds;
        const Series series{line.metric,
                            tags,
                            {.step = is_seconds ? std::chrono::milliseconds{0} : std::chrono::milliseconds{1},
                             .reserve_host_tag = false}};
        return known_.emplace(key_, series).first->second;
    }

    std::string host_;
    std::unordered_map<std::string, Series> known_;
    std::string key_;
};

} // namespace tickertape::cli::push
