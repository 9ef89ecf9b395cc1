// SPDX-License-Identifier: MIT
/// \file
/// PushStatus: the state of pushing, in addition to the account.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace tickertape {

struct PushStatus {
    /// The meaning of a target's acknowledgement.
    enum class Confirmation : std::uint8_t {
        unknown,     ///< not found out yet
        stored,      ///< the storage has written the points
        parsed,      ///< the receiver has read and parsed the points; its storage may still fail later
        unconfirmed, ///< the receiver answers nothing; only its close of the connection shows that it has read all lines
    };

    struct Target {
        std::string target; ///< as Target::text()
        Confirmation confirmation = Confirmation::unknown;
        bool connected = false;
        std::uint64_t connects = 0;
        std::uint64_t failures = 0;
        std::string last_failure{}; ///< a sentence, or empty
    };

    /// Replies of one kind.
    struct Reply {
        std::string kind; ///< `unknown_metric`, `throttled`, …
        std::uint64_t count = 0;
        std::string sample{}; ///< the first of them, quoted and cut short
    };

    std::vector<Target> targets{};
    std::vector<Reply> replies{}; ///< only kinds that came; lower bounds: a TSD drops replies without room
    /// The first point that the receiver refused for good, as it was sent, quoted; empty if there is none, or if it may have been one
    /// of several.
    std::string first_refused{};
    /// Over HTTP, points that were sent again after an answer: because the answer did not settle them (a server error, a body that
    /// was too large, a bad point that the answer did not name), or as probes. Account::resent counts points that were sent again without
    /// an answer.
    std::uint64_t tried_again = 0;
};
[[nodiscard]] std::string_view describe(PushStatus::Confirmation confirmation) noexcept;
static_assert(std::is_aggregate_v<PushStatus>);

} // namespace tickertape
