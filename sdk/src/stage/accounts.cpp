// SPDX-License-Identifier: MIT
#include <tickertape/accounts.hpp>

#include <algorithm>
#include <exception>
#include <numeric>
#include <string>

#include "base/diagnostics.hpp"

namespace tickertape {

std::string_view describe(Account::Loss loss) noexcept {
    switch (loss) {
    case Account::Loss::queue_full: return "the queue was full";
    case Account::Loss::shutdown: return "it was still unsent at the end";
    case Account::Loss::spool_full: return "the spool was full";
    case Account::Loss::spool_age: return "it was in the spool for too long";
    case Account::Loss::spool_damaged: return "it could not be read back from the spool";
    case Account::Loss::spool_gone: return "the spool was removed";
    }
    return "unknown loss";
}

std::uint64_t Account::all_rejected() const noexcept {
    return std::accumulate(rejected.begin(), rejected.end(), std::uint64_t{0});
}

std::uint64_t Account::all_dropped() const noexcept {
    return std::accumulate(dropped.begin(), dropped.end(), std::uint64_t{0});
}

bool Account::balanced() const noexcept {
    return accepted + recovered ==
           acked + unconfirmed + all_rejected() + all_dropped() + queued + spooled + set_aside + in_flight;
}

} // namespace tickertape
