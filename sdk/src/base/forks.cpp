// SPDX-License-Identifier: MIT
#include "base/forks.hpp"

#include <pthread.h>

namespace tickertape::detail {

constinit std::atomic<unsigned> fork_generation{0};

Forks::Forks() {
    [[maybe_unused]] static const int registered =
        pthread_atfork(nullptr, nullptr, [] { fork_generation.fetch_add(1, std::memory_order_relaxed); });
    made_in_ = fork_generation.load(std::memory_order_relaxed);
}

} // namespace tickertape::detail
