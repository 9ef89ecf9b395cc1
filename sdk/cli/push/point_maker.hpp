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
#include <tickertape/time.hpp>

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
    [[nodiscard]] Point make(const lines::PutLine& line) { return {series_of(line), time_of(line), line.number()}; }

private:
    static constexpr std::size_t most_series = 10'000;

    struct Known;
    using Entry = std::pair<const std::string, Known>;
    /// A series, and the entry of the line that came behind it the last time: lines come in the same order again and again.
    struct Known {
        Series series;
        Entry* next = nullptr;
    };

    Series series_of(const lines::PutLine& line) {
        const bool adds_host = !line.has_host && !line.has_put && !host_.empty();
        const bool is_seconds = line.precision() == Series::Precision::seconds;
        const char ends[] = {adds_host ? '+' : ' ', is_seconds ? 's' : 'm'};
        const std::string_view end{ends, sizeof ends};
        if (last_ == nullptr || last_->second.next == nullptr || !is_of(last_->second.next->first, line, end)) {
            key_.assign(line.metric).append(" ").append(line.tags).append(end);
            const auto found = known_.find(key_);
            Entry& entry = found != known_.end() ? *found : learn(line, adds_host, is_seconds);
            if (last_ != nullptr) {
                last_->second.next = &entry;
            }
            last_ = &entry;
        } else {
            last_ = last_->second.next;
        }
        return last_->second.series;
    }

    /// Many lines in a row have the same stamp.
    WallTime time_of(const lines::PutLine& line) {
        if (line.stamp != stamp_) {
            stamp_.assign(line.stamp);
            time_ = line.time();
        }
        return time_;
    }

    static bool is_of(std::string_view key, const lines::PutLine& line, std::string_view end) noexcept {
        return key.size() == line.metric.size() + 1 + line.tags.size() + end.size() && key.starts_with(line.metric) &&
               key[line.metric.size()] == ' ' && key.substr(line.metric.size() + 1).starts_with(line.tags) &&
               key.ends_with(end);
    }

    Entry& learn(const lines::PutLine& line, bool adds_host, bool is_seconds) {
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
            last_ = nullptr;
        }
        const Series series{line.metric,
                            tags,
                            {.step = is_seconds ? std::chrono::milliseconds{0} : std::chrono::milliseconds{1},
                             .reserve_host_tag = false}};
        return *known_.emplace(key_, Known{.series = series}).first;
    }

    std::string host_;
    std::unordered_map<std::string, Known> known_;
    Entry* last_ = nullptr; // of the line before
    std::string key_;
    std::string stamp_; // of the line before
    WallTime time_{};
};

} // namespace tickertape::cli::push
