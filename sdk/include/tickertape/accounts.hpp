// SPDX-License-Identifier: MIT
/// \file
/// Account: how many points were sent, dropped, rejected, or wait.
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
    /// The reason for dropping points that no receiver had refused.
    enum class Loss : std::uint8_t {
        queue_full,    ///< more points came than the queue holds, while the receiver accepted none or too few
        shutdown,      ///< the points were still unsent when the sender ended
        spool_full,    ///< the oldest points of a spool that reached its limit
        spool_age,     ///< the points waited in a spool for longer than `max_age`
        spool_damaged, ///< the points cannot be read back from a spool
        spool_gone,    ///< the folder of a spool was removed with them
    };

    static constexpr std::size_t losses = 6;

    std::uint64_t accepted = 0; ///< all points that were handed over
    /// Read back from a spool, where an earlier process left them. Some of them may have been sent already.
    std::uint64_t recovered = 0;
    std::uint64_t acked = 0; ///< acknowledged by the receiver; PushStatus::Confirmation has the meaning
    std::uint64_t unconfirmed =
        0; ///< sent and not answered: the connection died before the receiver could be known to have read them
    std::array<std::uint64_t, reasons> rejected{}; ///< refused for good, by Reason
    std::array<std::uint64_t, losses> dropped{};   ///< dropped for other reasons, by Loss
    std::uint64_t queued = 0;                      ///< waiting in memory; with a spool also on disk
    std::uint64_t spooled = 0;                     ///< waiting on disk only
    std::uint64_t set_aside =
        0; ///< of series that the receiver refuses: kept unsent; now and then one point of each is sent as a probe
    std::uint64_t in_flight = 0; ///< sent or about to be, and not answered yet
    std::uint64_t resent = 0;    ///< sent again because no answer came; counted in addition to the places
    std::uint64_t outages = 0;   ///< how often a connection was lost and the next one was refused

    [[nodiscard]] std::uint64_t rejected_for(Reason reason) const noexcept {
        return rejected[static_cast<std::size_t>(reason)];
    }
    [[nodiscard]] std::uint64_t dropped_for(Loss loss) const noexcept {
        return dropped[static_cast<std::size_t>(loss)];
    }
    [[nodiscard]] std::uint64_t all_rejected() const noexcept;
    [[nodiscard]] std::uint64_t all_dropped() const noexcept;
    /// Returns whether the equation above holds. It always does.
    [[nodiscard]] bool balanced() const noexcept;
};
[[nodiscard]] std::string_view describe(Account::Loss loss) noexcept;
static_assert(std::is_aggregate_v<Account>);

} // namespace tickertape
