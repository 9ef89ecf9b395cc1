// SPDX-License-Identifier: MIT
/// \file
/// The hot path of counting: a running total per thread and counter. Not for users. sdk/DESIGN.md, "The hot path", explains why it is
/// correct.
#pragma once

#include <cstdint>

#if defined(__SANITIZE_THREAD__)
#define TICKERTAPE_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TICKERTAPE_TSAN 1
#endif
#endif

namespace tickertape::counter {

struct RateState;

/// This thread's totals by counter id, or null before its first increment and after its last destructor. Constant
/// initialised and initial-exec, so that reading it is one load, also in a signal handler.
extern constinit thread_local std::uint64_t* this_threads_cells __attribute__((tls_model("initial-exec")));

/// The same for a thread that has no cells yet: leases some, or adds to a total shared by all threads.
void add_without_cells(RateState* counter, std::uint32_t id, std::uint64_t n) noexcept;

/// Adds to a cell that only this thread writes. One instruction, so that a signal handler that adds to the same cell
/// comes before or after it, never between its load and its store.
inline void add_as_owner(std::uint64_t& cell, std::uint64_t n) noexcept {
#if defined(__x86_64__) && !defined(TICKERTAPE_TSAN)
    asm("addq %1, %0" : "+m"(cell) : "er"(n) : "cc");
#else
    __atomic_fetch_add(&cell, n, __ATOMIC_RELAXED);
#endif
}

/// `counter` comes by reference, so that it is loaded only if there are no cells.
inline void add(RateState* const& counter, std::uint32_t id, std::uint64_t n) noexcept {
    std::uint64_t* const cells = this_threads_cells;
    if (cells != nullptr) [[likely]] {
        add_as_owner(cells[id], n);
    } else {
        add_without_cells(counter, id, n);
    }
}

} // namespace tickertape::counter

#undef TICKERTAPE_TSAN
