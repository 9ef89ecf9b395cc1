// SPDX-License-Identifier: MIT
/// \file
/// places_of: an account as self-metrics.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include <tickertape/accounts.hpp>

namespace tickertape::stage {

/// The terms of the account's sum and its additional counts, each with the name of its metric after `tickertape.`.
[[nodiscard]] inline std::array<std::pair<std::string_view, std::uint64_t>, 11> places_of(const Account& account) {
    return {{{"push.accepted", account.accepted},
             {"push.recovered", account.recovered},
             {"push.acked", account.acked},
             {"push.unconfirmed", account.unconfirmed},
             {"push.rejected", account.all_rejected()},
             {"push.dropped", account.all_dropped()},
             {"push.queued", account.queued},
             {"push.spooled", account.spooled},
             {"push.set_aside", account.set_aside},
             {"push.in_flight", account.in_flight},
             {"push.resent", account.resent}}};
}

} // namespace tickertape::stage
