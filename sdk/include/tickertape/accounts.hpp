// SPDX-License-Identifier: MIT
/// \file
/// Account: what became of every point that was handed over to be pushed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <tickertape/transmitter.hpp>

namespace tickertape {

/// The places in which points are, at one moment. Every point is in exactly one of these places:
/// `accepted + recovered == acked + unconfirmed + rejected + dropped + queued + spooled + set_aside + in_flight`.
struct Account {
    /// Why points were given up that nobody had refused.
    enum class Loss : std::uint8_t {
        queue_full,    ///< more came than the queue holds, while the receiver took none or too few
        shutdown,      ///< they were still unsent when the sender was told to end
        spool_full,    ///< the oldest of a spool that reached its limit
        spool_age,     ///< they waited in a spool for longer than they may
        spool_damaged, ///< they cannot be read back from a spool
        spool_gone,    ///< the folder of a spool was removed with them
    };

    static constexpr std::size_t losses = 6;

    std::uint64_t accepted = 0; ///< all that were handed over
    /// Came back from a spool: an earlier process left them there, some of them perhaps already sent.
    std::uint64_t recovered = 0;
    std::uint64_t acked = 0; ///< the receiver has them; how sure that is, the transmitter says
    std::uint64_t unconfirmed =
        0; ///< sent and not answered: the connection died before the receiver could be known to have read them
    std::array<std::uint64_t, reasons> rejected{}; ///< refused for good, by Reason
    std::array<std::uint64_t, losses> dropped{};   ///< given up, by Loss
    std::uint64_t queued = 0;                      ///< wait to be sent, in memory; with a spool on disk, too
    std::uint64_t spooled = 0;                     ///< wait to be sent, on disk alone
    std::uint64_t set_aside =
        0; ///< of series that the receiver refuses: kept unsent, while one point of each asks now and then
    std::uint64_t in_flight = 0; ///< sent or about to be, and not answered yet
    std::uint64_t resent = 0;    ///< sent once more, as an answer was missing; counted beside the places
    std::uint64_t outages = 0;   ///< how often a receiver was away: a connection was lost, and then it refused one

    [[nodiscard]] std::uint64_t rejected_for(Reason reason) const noexcept {
        return rejected[static_cast<std::size_t>(reason)];
    }
    [[nodiscard]] std::uint64_t dropped_for(Loss loss) const noexcept {
        return dropped[static_cast<std::size_t>(loss)];
    }
    [[nodiscard]] std::uint64_t all_rejected() const noexcept;
    [[nodiscard]] std::uint64_t all_dropped() const noexcept;
    /// Whether the sum above holds. It always does.
    [[nodiscard]] bool balanced() const noexcept;
};
[[nodiscard]] std::string_view describe(Account::Loss loss) noexcept;
static_assert(std::is_aggregate_v<Account>);

} // namespace tickertape
