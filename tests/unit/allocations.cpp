// SPDX-License-Identifier: MIT
#include "support/allocations.hpp"

#include <cstdlib>
#include <new>

namespace test {

namespace {

thread_local std::size_t calls = 0;
thread_local std::size_t failing_call = 0; // 0: none

void* allocate(std::size_t size, std::size_t alignment) noexcept {
    if (++calls == failing_call) {
        return nullptr;
    }
    // NOLINTNEXTLINE(*-no-malloc): this is what new is made of
    return alignment == 0 ? std::malloc(size)
                          : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

void* allocate_or_throw(std::size_t size, std::size_t alignment) {
    if (void* const memory = allocate(size, alignment)) {
        return memory;
    }
    throw std::bad_alloc{};
}

} // namespace

std::size_t allocations() noexcept { return calls; }

FailedAllocation::FailedAllocation(std::size_t count) noexcept { failing_call = calls + count; }
FailedAllocation::~FailedAllocation() { failing_call = 0; }

} // namespace test

// Counts all allocations of the program; a test subtracts.
void* operator new(std::size_t size) { return test::allocate_or_throw(size, 0); }
void* operator new(std::size_t size, std::align_val_t alignment) {
    return test::allocate_or_throw(size, static_cast<std::size_t>(alignment));
}
// A sanitizer's allocator might return memory that our delete does not free.
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept { return test::allocate(size, 0); }
void operator delete(void* memory) noexcept { std::free(memory); }                       // NOLINT(*-no-malloc)
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); } // NOLINT(*-no-malloc)
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept {
    std::free(memory); // NOLINT(*-no-malloc)
}
void operator delete(void* memory, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
    std::free(memory); // NOLINT(*-no-malloc)
}
