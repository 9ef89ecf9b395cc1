// SPDX-License-Identifier: MIT
/// \file
/// warn: a problem, in one sentence on stderr. Problem: one that lasts.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <tickertape/time.hpp>

namespace tickertape {

/// Writes `tickertape: SENTENCE` to stderr, in one write; see also `set_message_function`. The same sentence is written at most once a minute, and at most ten in all
/// a minute. Never throws.
///
/// Thread safety: any thread.
void warn(std::string_view sentence) noexcept;

/// `text` in single quotes for a sentence: on one line of printable ASCII, and short.
[[nodiscard]] std::string quote(std::string_view text);

/// A problem that may last, and come again. It is reported once, when it has lasted for `patience`, and not again before it was
/// solved or has become another one.
///
/// Thread safety: none; one thread at a time.
class Problem {
public:
    explicit Problem(std::chrono::milliseconds patience = {}) noexcept : patience_{patience} {}

    /// There is this problem now; empty: there is none. Returns whether it was reported by this call.
    bool set(std::string_view sentence, SteadyTime now);

    [[nodiscard]] bool exists() const noexcept { return !sentence_.empty(); }

private:
    std::chrono::milliseconds patience_;
    std::string sentence_;
    std::string reported_;
    SteadyTime since_{};
};

} // namespace tickertape
