// SPDX-License-Identifier: MIT
/// \file
/// Forks: whether this process is a child of the one that made an object.
#pragma once

#include <atomic>

namespace tickertape::base {

extern constinit std::atomic<unsigned> fork_generation; ///< one more in each child

/// This process is a fork of one that had counters: from here on nothing is sent. Async-signal-safe.
void make_this_fork_inert() noexcept;
/// Whether it is. Says so once.
[[nodiscard]] bool is_inert_fork() noexcept;

/// Remembers the process that made it. Two loads to ask; no system call.
///
/// Thread safety: immutable.
class Forks {
public:
    Forks();

    [[nodiscard]] bool is_child() const noexcept { return made_in_ != fork_generation.load(std::memory_order_relaxed); }

private:
    unsigned made_in_;
};

} // namespace tickertape::base
