// SPDX-License-Identifier: MIT
/// \file
/// Runs: the places of a queue's points in its spool.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>

#include <tickertape/time.hpp>

#include "spool/ranges.hpp"

namespace tickertape::spool {
class Store;
}

namespace tickertape::stage {

/// Neighbours in a queue that are neighbours in a spool as well, or are in none.
struct Run {
    std::shared_ptr<spool::Store> store{}; ///< null: in memory only
    spool::Range range{};                  ///< numbers; without a store only its size counts
    SteadyTime since{};                    ///< when the first of them came

    [[nodiscard]] std::uint64_t size() const noexcept { return range.size(); }
};

/// The runs of a row of points, in order.
///
/// Thread safety: none.
class Runs {
public:
    void push_back(Run run) {
        constexpr std::chrono::milliseconds close{100};
        size_ += run.size();
        if (!runs_.empty() && runs_.back().store == run.store && run.since - runs_.back().since < close &&
            (run.store == nullptr || runs_.back().range.to == run.range.from)) {
            runs_.back().range.to += run.size();
        } else if (run.size() > 0) {
            runs_.push_back(std::move(run));
        }
    }
    void append(Runs more) {
        for (Run& run : more.runs_) {
            push_back(std::move(run));
        }
    }
    /// Puts runs back before all others.
    void put_back(Runs front) {
        size_ += front.size_;
        runs_.insert(runs_.begin(), std::make_move_iterator(front.runs_.begin()),
                     std::make_move_iterator(front.runs_.end()));
    }
    /// Takes out the first `points`, at most `size()`.
    [[nodiscard]] Runs take_front(std::uint64_t points) {
        Runs front;
        for (std::uint64_t left = points; left > 0;) {
            Run& run = runs_.front();
            Run part = run;
            part.range.to = part.range.from + std::min(left, run.size());
            left -= part.size();
            run.range.from = part.range.to;
            if (run.size() == 0) {
                runs_.pop_front();
            }
            front.size_ += part.size();
            front.runs_.push_back(std::move(part));
        }
        size_ -= points;
        return front;
    }

    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] const std::deque<Run>& all() const noexcept { return runs_; }

private:
    std::deque<Run> runs_;
    std::uint64_t size_ = 0;
};

} // namespace tickertape::stage
