// SPDX-License-Identifier: MIT
/// \file
/// warn: reports a problem in one sentence on stderr. Problem: reports one that lasts.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <tickertape/time.hpp>

namespace tickertape {

/// Writes `tickertape: SENTENCE` to stderr, in one write; see also `set_message_function`. The same sentence is written at most once a
/// minute, and at most ten in all a minute. Never throws.
///
/// Thread safety: any thread.
void warn(std::string_view sentence) noexcept;

/// `text` in single quotes, for a message: on one line of printable ASCII, and cut if it is long.
[[nodiscard]] std::string quote(std::string_view text);

/// A problem that may last, and come again. It is reported once, when it has lasted for `patience`. It is reported again only after it was
/// solved, or when it has changed.
///
/// Thread safety: none; one thread at a time.
class Problem {
public:
    explicit Problem(std::chrono::milliseconds patience = {}) noexcept : patience_{patience} {}

    /// Sets the present problem; an empty text means none. Returns whether this call reported it.
    bool set(std::string_view sentence, SteadyTime now);

    [[nodiscard]] bool exists() const noexcept { return !sentence_.empty(); }

private:
    std::chrono::milliseconds patience_;
    std::string sentence_;
    std::string reported_;
    SteadyTime since_{};
};

} // namespace tickertape
