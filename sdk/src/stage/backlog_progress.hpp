// SPDX-License-Identifier: MIT
/// \file
/// BacklogProgress: sentences about the rest of a backlog, from time to time.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

#include <tickertape/time.hpp>

#include "base/concat.hpp"

namespace tickertape::stage {

/// A sentence every ten seconds at first, then at growing intervals, because a backlog may take days. There is none for a backlog
/// that is sent within ten seconds.
///
/// Thread safety: none.
class BacklogProgress {
public:
    /// Call it when sending the backlog begins.
    void begin_again() noexcept { begun_ = SteadyTime::min(); }
    /// Call it when points of the backlog were sent and `left` still wait. Returns a sentence, or nothing.
    [[nodiscard]] std::string sent(std::uint64_t left, SteadyTime now) {
        if (begun_ == SteadyTime::min()) {
            distance_ = first_distance;
            has_spoken_ = false;
            start(left, now);
        }
        if (left == 0) {
            const bool is_news = has_spoken_;
            begin_again();
            return is_news ? "the backlog of the spool has been sent" : "";
        }
        if (now - begun_ < distance_) {
            return {};
        }
        std::string sentence = base::concat(left, " points of the backlog wait in the spool", time_left(left, now));
        distance_ = std::min(2 * distance_, longest_distance);
        has_spoken_ = true;
        start(left, now);
        return sentence;
    }

private:
    static constexpr std::chrono::seconds first_distance{10};
    static constexpr std::chrono::seconds longest_distance{600};

    void start(std::uint64_t left, SteadyTime now) noexcept {
        begun_ = now;
        left_then_ = left;
    }
    [[nodiscard]] std::string time_left(std::uint64_t left, SteadyTime now) const {
        if (left >= left_then_) {
            return {};
        }
        constexpr double longest = 1e9;
        constexpr double minute = 60;
        const double passed = std::chrono::duration<double>(now - begun_).count();
        const double seconds =
            std::min(longest, passed * static_cast<double>(left) / static_cast<double>(left_then_ - left));
        return seconds < 2 * minute
                   ? base::concat(", for about ", static_cast<std::uint64_t>(seconds) + 1, " s")
                   : base::concat(", for about ", static_cast<std::uint64_t>(seconds / minute), " min");
    }

    SteadyTime begun_ = SteadyTime::min(); // the start of sending, or the last sentence
    std::uint64_t left_then_ = 0;
    std::chrono::seconds distance_ = first_distance;
    bool has_spoken_ = false;
};

} // namespace tickertape::stage
