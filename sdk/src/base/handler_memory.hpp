// SPDX-License-Identifier: MIT
/// \file
/// HandlerMemory: memory for the handlers of one Asio object, so that they need no allocation.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <new>

namespace tickertape::base {

/// Places for a few waiting handlers. Asio's own memory is per thread, and lost on threads that only post. Handlers that are too
/// large, or too many, get heap memory.
///
/// Thread safety: all members may be called from any thread.
class HandlerMemory {
public:
    HandlerMemory() = default;
    HandlerMemory(const HandlerMemory&) = delete;
    HandlerMemory& operator=(const HandlerMemory&) = delete;

    [[nodiscard]] void* allocate(std::size_t size) {
        for (Place& place : places_) {
            if (size <= place_size && !place.taken.exchange(true, std::memory_order_acquire)) {
                return place.bytes.data();
            }
        }
        return ::operator new(size);
    }

    void deallocate(void* memory) noexcept {
        for (Place& place : places_) {
            if (memory == place.bytes.data()) {
                place.taken.store(false, std::memory_order_release);
                return;
            }
        }
        ::operator delete(memory);
    }

private:
    static constexpr std::size_t place_size = 256;
    struct Place {
        alignas(std::max_align_t) std::array<std::byte, place_size> bytes;
        std::atomic<bool> taken{false};
    };

    std::array<Place, 4> places_;
};

/// An allocator for handlers. It borrows a HandlerMemory.
template <class T>
class HandlerAllocator {
public:
    using value_type = T;

    explicit HandlerAllocator(HandlerMemory& memory) noexcept : memory_{&memory} {}
    template <class Other>
    HandlerAllocator(const HandlerAllocator<Other>& other) noexcept // NOLINT(*-explicit-*): as allocators are
        : memory_{other.memory_} {}

    [[nodiscard]] T* allocate(std::size_t count) { return static_cast<T*>(memory_->allocate(count * sizeof(T))); }
    void deallocate(T* memory, std::size_t /*count*/) noexcept { memory_->deallocate(memory); }

    template <class Other>
    bool operator==(const HandlerAllocator<Other>& other) const noexcept {
        return memory_ == other.memory_;
    }

private:
    template <class Other>
    friend class HandlerAllocator;

    HandlerMemory* memory_;
};

} // namespace tickertape::base
