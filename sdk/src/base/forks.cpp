// SPDX-License-Identifier: MIT
#include "base/forks.hpp"

#include <pthread.h>

#include "base/diagnostics.hpp"

namespace tickertape::base {

namespace {

constinit std::atomic<bool> inert{false};

} // namespace

constinit std::atomic<unsigned> fork_generation{0};

void make_this_fork_inert() noexcept { inert.store(true, std::memory_order_relaxed); }

bool is_inert_fork() noexcept {
    if (!inert.load(std::memory_order_relaxed)) {
        return false;
    }
    static std::atomic_flag reported = ATOMIC_FLAG_INIT;
    if (!reported.test_and_set()) {
        report_always("this process was forked from one with counters; what it records is sent by neither");
    }
    return true;
}

Forks::Forks() {
    [[maybe_unused]] static const int registered =
        pthread_atfork(nullptr, nullptr, [] { fork_generation.fetch_add(1, std::memory_order_relaxed); });
    made_in_ = fork_generation.load(std::memory_order_relaxed);
}

} // namespace tickertape::base
