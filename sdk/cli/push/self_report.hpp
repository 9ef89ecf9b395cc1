// SPDX-License-Identifier: MIT
/// \file
/// SelfReport: the self-metrics of `tickertape push`, sent among its lines.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "cli/push/sink.hpp"

namespace tickertape::cli::push {

/// Thread safety: none.
class SelfReport {
public:
    /// Reports every `period`; 0: never. `host` is the value of the host tag, `copy` that of the tag `copy`; empty: none.
    SelfReport(std::chrono::milliseconds period, std::string_view host, std::string_view copy = {});

    /// Sends the account of `sink` through `sink` when the period is over. Returns false if the sink does not accept it.
    bool add_to(PushSink& sink);
    /// The number of lines that it has added: the account of the sink includes them.
    [[nodiscard]] std::uint64_t lines() const noexcept { return lines_; }

private:
    using Clock = std::chrono::steady_clock;

    const std::chrono::milliseconds period_;
    std::string tags_;
    std::uint64_t lines_ = 0;
    Clock::time_point next_ = Clock::now() + period_;
};

} // namespace tickertape::cli::push
