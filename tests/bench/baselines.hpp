// SPDX-License-Identifier: MIT
/// \file
/// The baselines for counting. Their instructions are in assembly, so that no compiler removes any.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace bench {

/// A flat array of cells and this thread's pointer to it: a counter without any other feature.
struct alignas(64) Cells {
    std::array<std::uint64_t, 64> cells{};
};
inline constinit thread_local std::uint64_t* bare_cells __attribute__((tls_model("initial-exec"))) = nullptr;

/// Loads the thread's pointer and adds 1 to the cell of a run-time index: two instructions.
inline void bare_add(std::size_t index) noexcept {
#if defined(__x86_64__)
    std::uint64_t* const* const pointer = &bare_cells;
    std::uint64_t* cells = nullptr;
    asm volatile("movq %1, %0\n\taddq $1, (%0,%2,8)" : "=&r"(cells) : "m"(*pointer), "r"(index) : "memory", "cc");
#else
    __atomic_fetch_add(&bare_cells[index], 1, __ATOMIC_RELAXED);
#endif
}

/// Adds 1 to eight neighbouring cells: eight instructions.
inline void bare_add_8(std::uint64_t* cells) noexcept { // NOLINT(readability-non-const-parameter): assembly writes
#if defined(__x86_64__)
    asm volatile("addq $1, (%0)\n\taddq $1, 8(%0)\n\taddq $1, 16(%0)\n\taddq $1, 24(%0)\n\t"
                 "addq $1, 32(%0)\n\taddq $1, 40(%0)\n\taddq $1, 48(%0)\n\taddq $1, 56(%0)"
                 :
                 : "r"(cells)
                 : "memory", "cc");
#else
    for (int i = 0; i < 8; ++i) {
        __atomic_fetch_add(cells + i, 1, __ATOMIC_RELAXED);
    }
#endif
}

/// Adds 1 to a word that other threads may add to as well: one locked instruction.
inline void shared_add(std::uint64_t& word) noexcept {
#if defined(__x86_64__)
    asm volatile("lock addq $1, %0" : "+m"(word) : : "memory", "cc");
#else
    __atomic_fetch_add(&word, 1, __ATOMIC_RELAXED);
#endif
}

} // namespace bench
