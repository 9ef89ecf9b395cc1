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

/// Writes `tickertape: SENTENCE` and a newline to stderr, in one write, or gives the sentence to the application's function
/// (`set_message_function`); the same sentence at most once a minute, and at most ten in all a minute. Never throws; does not
/// touch stdout.
void report(std::string_view sentence) noexcept;

/// The same for a sentence with a part that varies: sentences of the same `kind` are written at most once a minute.
void report(std::string_view sentence, std::string_view kind) noexcept;

/// The same without counting, and so without a mutex that another thread may have held when this process was forked.
void report_always(std::string_view sentence) noexcept;

/// For tests, which share a process: forgets the messages so far, so that they limit no later ones.
void forget_reports() noexcept;

/// How often sentences may be said: it remembers the last ones, and whoever would replace one that is less than a minute
/// old keeps silent.
///
/// Thread safety: none; one thread at a time.
class SentenceLimit {
public:
    /// Whether `sentence` may be said at `now`; then it counts as said.
    [[nodiscard]] bool may_say(std::string_view sentence, SteadyTime now) noexcept;

    static constexpr std::chrono::minutes quiet_time{1};
    static constexpr std::size_t most = 10; ///< in a quiet time

private:
    struct Said {
        std::size_t hash = 0;
        SteadyTime when{};
        bool any = false;
    };
    std::array<Said, most> said_{};
};

} // namespace tickertape::base
