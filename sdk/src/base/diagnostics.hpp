// SPDX-License-Identifier: MIT
/// \file
/// One-line diagnostics.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <string_view>

#include <tickertape/time.hpp>

namespace tickertape::base {

/// Writes `tickertape: SENTENCE` and a newline to stderr in one write, or passes the sentence to the application's function
/// (`set_message_function`). Reports the same sentence at most once a minute, and at most ten sentences a minute. Never throws;
/// does not touch stdout.
void report(std::string_view sentence) noexcept;

/// The same for a sentence with a part that varies: sentences of the same `kind` are reported at most once a minute.
void report(std::string_view sentence, std::string_view kind) noexcept;

/// The same without a limit, and so without a mutex that another thread may have held when this process was forked.
void report_always(std::string_view sentence) noexcept;

/// For tests, which share a process: forgets earlier messages, so that they do not limit later ones.
void forget_reports() noexcept;

/// Limits how often sentences are reported. It remembers the latest ones. If all of them are less than a minute old, it refuses a
/// new one.
///
/// Thread safety: none; one thread at a time.
class SentenceLimit {
public:
    /// Returns whether `sentence` may be reported at `now`, and if so remembers it.
    [[nodiscard]] bool may_say(std::string_view sentence, SteadyTime now) noexcept;

    static constexpr std::chrono::minutes quiet_time{1};
    static constexpr std::size_t most = 10; ///< sentences within `quiet_time`

private:
    struct Said {
        std::size_t hash = 0;
        SteadyTime when{};
        bool any = false;
    };
    std::array<Said, most> said_{};
};

} // namespace tickertape::base
