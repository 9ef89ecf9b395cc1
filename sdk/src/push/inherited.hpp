// SPDX-License-Identifier: MIT
/// \file
/// Inherited transmitters do nothing in the child of a fork.
#pragma once

#include <atomic>

#include "base/forks.hpp"

namespace tickertape::push {

/// Returns whether a transmitter with a thread and connections works in this process. If not, a message reports that once.
[[nodiscard]] inline bool can_push_here(const base::Forks& forks) noexcept {
    static std::atomic_flag said = ATOMIC_FLAG_INIT;
    return forks.is_usable(said, "a connection to a database; it sends nothing over that");
}

} // namespace tickertape::push
