// SPDX-License-Identifier: MIT
/// \file
/// PushStatus: how pushing goes, beside the accounts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace tickertape {

struct PushStatus {
    /// What an acknowledgement of a target means.
    enum class Confirmation : std::uint8_t {
        unknown,     ///< not found out yet
        stored,      ///< the storage has written the points
        parsed,      ///< the receiver has read and parsed them; what its storage does later, it does not tell
        unconfirmed, ///< the receiver answers nothing; only closing a connection tells that it has read what was sent
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
    std::vector<Reply> replies{}; ///< only kinds that came; a lower bound, as a TSD drops errors that find no room
    /// The first point that the receiver refused for good, as it was sent, quoted; empty if there is none, or it is not known
    /// which of several it was.
    std::string first_refused{};
    /// Over HTTP, points that were sent again after an answer: as it did not settle them (an error of the server's, a body that
    /// was too large, a bad one among them that it did not name), or as probes. Account::resent counts those without an answer.
    std::uint64_t tried_again = 0;
};
[[nodiscard]] std::string_view describe(PushStatus::Confirmation confirmation) noexcept;
static_assert(std::is_aggregate_v<PushStatus>);

} // namespace tickertape
