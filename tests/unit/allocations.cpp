// SPDX-License-Identifier: MIT
#include "support/allocations.hpp"

#include <cstdlib>
#include <new>

namespace test {

namespace {

thread_local std::size_t calls = 0;

} // namespace

std::size_t allocations() noexcept { return calls; }

} // namespace test

// Counts all allocations of the program; a test subtracts.
void* operator new(std::size_t size) {
    ++test::calls;
    if (void* const memory = std::malloc(size)) { // NOLINT(*-no-malloc): this is what new is made of
        return memory;
    }
    throw std::bad_alloc{};
}
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
    ++test::calls;
    return std::malloc(
        size); // NOLINT(*-no-malloc): a sanitizer's allocator might return memory that the next one does not free
}
void operator delete(void* memory) noexcept { std::free(memory); }                       // NOLINT(*-no-malloc)
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); } // NOLINT(*-no-malloc)
