// SPDX-License-Identifier: MIT
/// \file
/// Pool: memory for many small blocks.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <utility>

#if defined(__SANITIZE_ADDRESS__)
#define TICKERTAPE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TICKERTAPE_ASAN 1
#endif
#endif
#ifdef TICKERTAPE_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace tickertape::base {

/// Makes blocks of multiples of `Grain` bytes, aligned to `Grain`, which has to be a power of two. Blocks that are made one after the
/// other are adjacent. A block has no header, so that `take` does not touch its memory. Memory that is given back goes to the
/// next block of the same size, never to the system. Blocks of more than `largest` bytes come from the heap.
///
/// It has no destructor, so that a static pool lives until the process ends. AddressSanitizer knows which memory is free.
///
/// Thread safety: none.
template <std::size_t Grain>
class Pool {
public:
    static constexpr std::size_t largest = 16 * Grain;

    constexpr Pool() noexcept = default;
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// Returns a block of at least `bytes`, which are not 0. Throws std::bad_alloc.
    [[nodiscard]] void* take(std::size_t bytes) {
        if (bytes > largest) {
            return ::operator new(bytes, std::align_val_t{Grain});
        }
        const std::size_t size = rounded(bytes);
        void* block = nullptr;
        if (Free*& free = free_of(size); free != nullptr) {
            block = std::exchange(free, free->next);
        } else {
            if (fresh_.size() < size) {
                refill();
            }
            block = fresh_.data();
            fresh_ = fresh_.subspan(size);
        }
        mark_used(block, size);
        return block;
    }

    /// `bytes` as they were passed to `take`.
    void give_back(void* block, std::size_t bytes) noexcept {
        if (bytes > largest) {
            ::operator delete(block, std::align_val_t{Grain});
            return;
        }
        Free*& free = free_of(rounded(bytes));
        free = new (block) Free{free};
        mark_unused(free + 1, rounded(bytes) - sizeof(Free)); // without the pointer, which a leak checker follows
    }

private:
    static constexpr std::size_t region = std::size_t{64} * 1024;

    struct Free {
        Free* next;
    };
    static_assert(sizeof(Free) <= Grain && (Grain & (Grain - 1)) == 0 && largest <= region);

    [[nodiscard]] static std::size_t rounded(std::size_t bytes) noexcept { return (bytes + Grain - 1) & ~(Grain - 1); }
    [[nodiscard]] Free*& free_of(std::size_t size) noexcept { return free_[size / Grain - 1]; }

    static void mark_used([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t size) noexcept {
#ifdef TICKERTAPE_ASAN
        __asan_unpoison_memory_region(memory, size);
#endif
    }
    static void mark_unused([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t size) noexcept {
#ifdef TICKERTAPE_ASAN
        __asan_poison_memory_region(memory, size);
#endif
    }

    void refill() {
        std::size_t bytes = region + Grain; // to align it
        void* begin = ::operator new(bytes);
        std::align(Grain, region, begin, bytes);
        if (!fresh_.empty()) { // too small for the block that is wanted
            mark_used(fresh_.data(), sizeof(Free));
            give_back(fresh_.data(), fresh_.size());
        }
        mark_unused(begin, region);
        fresh_ = {static_cast<std::byte*>(begin), region};
    }

    std::array<Free*, 16> free_{}; // by size
    std::span<std::byte> fresh_;   // never used; its size is a multiple of Grain
};

} // namespace tickertape::base

#undef TICKERTAPE_ASAN
