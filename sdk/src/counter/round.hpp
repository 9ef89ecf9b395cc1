// SPDX-License-Identifier: MIT
/// \file
/// Round: several runs, after which dumpers are woken.
#pragma once

#include <memory>
#include <utility>
#include <vector>

namespace tickertape::counter {

class Dumper;

/// While one lives, dumpers that get points on this thread are woken only at its end: one wake-up for all dumpers of one writer,
/// however many runs handed points over.
///
/// Thread safety: none; one at a time on a thread, and made and destroyed there.
class Round {
public:
    Round();
    Round(const Round&) = delete;
    Round& operator=(const Round&) = delete;
    ~Round();

    /// Returns the round of this thread, or null.
    [[nodiscard]] static Round* current() noexcept;
    void add(std::shared_ptr<Dumper> dumper) { dumpers_.push_back(std::move(dumper)); }

private:
    std::vector<std::shared_ptr<Dumper>> dumpers_;
};

} // namespace tickertape::counter
