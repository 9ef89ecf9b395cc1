// SPDX-License-Identifier: MIT
#include "counter/cells.hpp"

#include <pthread.h>
#include <sys/mman.h>

#include <algorithm>
#include <new>

#include "counter/rate_state.hpp"

namespace tickertape::counter {

constinit thread_local std::uint64_t* this_threads_cells = nullptr;

namespace {

enum class Stage : std::uint8_t {
    fresh,    ///< has no block, may lease one
    claiming, ///< is about to; an increment from a signal handler must not claim too
    done,     ///< has one, or is past its exit hook
};
constinit thread_local Stage this_threads_stage __attribute__((tls_model("initial-exec"))) = Stage::fresh;
/// The round in which this thread found no free block; 0: it has not looked.
constinit thread_local std::uint32_t this_threads_round __attribute__((tls_model("initial-exec"))) = 0;

constexpr std::size_t block_bytes = std::size_t{max_ids} * sizeof(std::uint64_t);
constexpr std::uint32_t idle_ticks_until_folded = 64;
// glibc keeps the values of the first 32 keys in the thread itself.
constexpr pthread_key_t first_key_that_allocates = 32;

constinit std::atomic<Block*> blocks{nullptr};
constinit std::atomic<bool> key_is_ready{false};
constinit std::atomic<std::uint32_t> round_of_blocks{1};   // goes up when a block may be free
constinit std::atomic<std::uint32_t> threads_that_wait{0}; // living threads that found no block
constinit Block no_block;                                  // the value of the key in such a thread
pthread_key_t exit_key;

void give_back(void* leased) {
    this_threads_cells = nullptr;
    this_threads_stage = Stage::done;
    if (leased == &no_block) {
        threads_that_wait.fetch_sub(1, std::memory_order_relaxed);
        return;
    }
    static_cast<Block*>(leased)->leased.store(false, std::memory_order_release);
    round_of_blocks.fetch_add(1, std::memory_order_release);
}

/// Notes that this thread waits for a block, so that the next tick makes one for it.
void wait_for_block() noexcept {
    if (pthread_getspecific(exit_key) == nullptr && pthread_setspecific(exit_key, &no_block) == 0) {
        threads_that_wait.fetch_add(1, std::memory_order_relaxed);
    }
}

bool try_lease(Block& block) noexcept {
    return !block.leased.load(std::memory_order_relaxed) && !block.leased.exchange(true, std::memory_order_acquire);
}

} // namespace

bool lease_cells() noexcept {
    if (this_threads_stage != Stage::fresh || !key_is_ready.load(std::memory_order_acquire)) {
        return false;
    }
    const std::uint32_t round = round_of_blocks.load(std::memory_order_acquire);
    if (this_threads_round == round) {
        return false; // a thread looks once a round, so that many threads without a block cost little
    }
    this_threads_stage = Stage::claiming;
    std::atomic_signal_fence(std::memory_order_seq_cst);
    const bool waited = pthread_getspecific(exit_key) != nullptr;
    for (Block* block = blocks.load(std::memory_order_acquire); block != nullptr; block = block->next) {
        if (!try_lease(*block)) {
            continue;
        }
        if (pthread_setspecific(exit_key, block) != 0) {
            block->leased.store(false, std::memory_order_release);
            break;
        }
        if (waited) {
            threads_that_wait.fetch_sub(1, std::memory_order_relaxed);
        }
        block->blank.store(false, std::memory_order_release);
        this_threads_cells = block->cells;
        std::atomic_signal_fence(std::memory_order_seq_cst);
        this_threads_stage = Stage::done;
        return true;
    }
    wait_for_block();
    this_threads_round = round;
    std::atomic_signal_fence(std::memory_order_seq_cst);
    this_threads_stage = Stage::fresh;
    return false;
}

void add_without_cells(RateState* counter, std::uint32_t id, std::uint64_t n) noexcept {
    if (lease_cells()) {
        add_as_owner(this_threads_cells[id], n);
        return;
    }
    add_to_spill(counter, n);
}

void prepare_cells() {
    if (key_is_ready.load(std::memory_order_acquire) || pthread_key_create(&exit_key, &give_back) != 0) {
        return;
    }
    if (exit_key >= first_key_that_allocates) {
        // Setting it could allocate inside a signal handler: threads go without cells, right but slower.
        pthread_key_delete(exit_key);
        return;
    }
    key_is_ready.store(true, std::memory_order_release);
}

void keep_spare_blocks() {
    std::size_t leased = 0;
    std::size_t spare = 0;
    for (const Block* block = blocks.load(std::memory_order_acquire); block != nullptr; block = block->next) {
        ++(block->leased.load(std::memory_order_relaxed) ? leased : spare);
    }
    const std::size_t wanted = std::max<std::size_t>(4, leased / 8) + threads_that_wait.load(std::memory_order_relaxed);
    for (; spare < wanted; ++spare) {
        void* const memory =
            mmap(nullptr, block_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED) {
            break; // under a limit of address space: more threads share totals
        }
        auto* const block = new Block;
        block->cells = static_cast<std::uint64_t*>(memory);
        block->next = blocks.load(std::memory_order_relaxed);
        while (
            !blocks.compare_exchange_weak(block->next, block, std::memory_order_release, std::memory_order_relaxed)) {
        }
    }
    round_of_blocks.fetch_add(1, std::memory_order_release);
}

void forget_waiting_threads() noexcept {
    const bool waits = key_is_ready.load(std::memory_order_relaxed) && pthread_getspecific(exit_key) == &no_block;
    threads_that_wait.store(waits ? 1 : 0, std::memory_order_relaxed);
}

const Block* first_block() noexcept { return blocks.load(std::memory_order_acquire); }

void sum_cells(std::uint32_t first, std::span<std::uint64_t> totals) noexcept {
    for (const Block* block = blocks.load(std::memory_order_acquire); block != nullptr; block = block->next) {
        if (block->blank.load(std::memory_order_acquire)) {
            continue;
        }
        std::uint64_t* const cells = block->cells + first;
        for (std::size_t i = 0; i < totals.size(); ++i) {
            totals[i] += __atomic_load_n(cells + i, __ATOMIC_RELAXED);
        }
    }
}

void fold_idle_blocks(std::uint32_t ids, std::uint32_t distributions,
                      const std::function<void(std::uint32_t, std::uint64_t)>& take) {
    for (Block* block = blocks.load(std::memory_order_acquire); block != nullptr; block = block->next) {
        if (block->leased.load(std::memory_order_relaxed)) {
            block->idle_ticks = 0;
            continue;
        }
        if (block->blank.load(std::memory_order_relaxed) || ++block->idle_ticks < idle_ticks_until_folded ||
            !try_lease(*block)) {
            continue;
        }
        const auto fold = [&](std::uint32_t first, std::uint32_t count) {
            for (std::uint32_t id = first; id < first + count; ++id) {
                if (const std::uint64_t total = block->cells[id]; total != 0) {
                    take(id, total);
                    block->cells[id] = 0;
                }
            }
        };
        fold(0, ids);
        fold(first_distribution_id, distributions);
        madvise(block->cells, block_bytes, MADV_DONTNEED);
        block->idle_ticks = 0;
        block->blank.store(true, std::memory_order_relaxed);
        block->leased.store(false, std::memory_order_release);
    }
}

} // namespace tickertape::counter
