// SPDX-License-Identifier: MIT
#include "base/forks.hpp"

#include <pthread.h>

#include <string>

#include "base/concat.hpp"
#include "base/diagnostics.hpp"

namespace tickertape::base {

namespace {

constinit std::atomic<bool> inert{false};
constinit std::atomic<void (*)()> waker_of_counters{nullptr};

} // namespace

constinit std::atomic<unsigned> fork_generation{0};

void make_this_fork_inert() noexcept { inert.store(true, std::memory_order_relaxed); }

bool is_inert_fork() noexcept { return inert.load(std::memory_order_relaxed); }

void set_waker(void (*waker)()) noexcept { waker_of_counters.store(waker); }

void wake_fork() {
    if (is_inert_fork()) {
        waker_of_counters.load()();
    }
}

void end_inertness() noexcept { inert.store(false, std::memory_order_relaxed); }

bool reports_inert_fork() noexcept {
    if (!is_inert_fork()) {
        return false;
    }
    static std::atomic_flag reported = ATOMIC_FLAG_INIT;
    if (!reported.test_and_set()) {
        report_always("this process was forked from one with counters; they count nothing here before it makes an "
                      "autodump, a client or a Telemeter of its own");
    }
    return true;
}

unsigned generation_of_forks() noexcept {
    [[maybe_unused]] static const int registered =
        pthread_atfork(nullptr, nullptr, [] { fork_generation.fetch_add(1, std::memory_order_relaxed); });
    return fork_generation.load(std::memory_order_relaxed);
}

Forks::Forks() noexcept : made_in_{generation_of_forks()} {}

bool Forks::is_usable(std::atomic_flag& said, std::string_view what) const noexcept {
    if (!is_child()) {
        return true;
    }
    if (!said.test_and_set()) {
        try {
            report_always(base::concat("this process was forked from one with ", what));
        } catch (...) { // NOLINT(bugprone-empty-catch): out of memory, so no message either
        }
    }
    return false;
}

void keep_for_ever(Kept* kept) noexcept {
    static std::atomic<Kept*> all{nullptr};
    kept->next = all.load();
    while (!all.compare_exchange_weak(kept->next, kept)) {
    }
}

} // namespace tickertape::base
