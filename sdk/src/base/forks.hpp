// SPDX-License-Identifier: MIT
/// \file
/// Forks: tells whether this process is a child of the one that made an object, and how such an object behaves.
#pragma once

#include <atomic>
#include <memory>
#include <string_view>
#include <utility>

namespace tickertape::base {

extern constinit std::atomic<unsigned> fork_generation; ///< one more in each child

/// This process is a fork of one that had counters: they are inert until `wake_fork`. Async-signal-safe.
void make_this_fork_inert() noexcept;
/// Whether it is, and has not been woken.
[[nodiscard]] bool is_inert_fork() noexcept;
/// The same, and reports it once: for calls that would write. A child that only ends reports nothing.
[[nodiscard]] bool reports_inert_fork() noexcept;

/// Sets the function that wakes the inherited counters; the owner of the counters calls this.
void set_waker(void (*waker)()) noexcept;
/// Something that sends is made in this process. If it is inert, its inherited counters begin at zero now; else nothing happens.
void wake_fork();
/// For the waker.
void end_inertness() noexcept;

/// Of this process: another number than any of its parents has. Two loads; no system call.
[[nodiscard]] unsigned generation_of_forks() noexcept;

/// Remembers the process that made it. Two loads to ask; no system call.
///
/// Thread safety: immutable.
class Forks {
public:
    Forks() noexcept;

    [[nodiscard]] bool is_child() const noexcept { return made_in_ != fork_generation.load(std::memory_order_relaxed); }
    /// Returns whether its object works in this process. If not, stderr gets `this process was forked from one with WHAT`, once a
    /// process for each flag.
    [[nodiscard]] bool is_usable(std::atomic_flag& said, std::string_view what) const noexcept;

private:
    unsigned made_in_;
};

/// One object for each process: a child of a fork does not use that of its parent, whose locks may be held for ever, but
/// begins with a new one. For variables that are `constinit` and live as long as the process; an owner that ends before calls `end`.
///
/// Thread safety: `get` may be called from any thread.
template <class T>
class PerProcess {
public:
    constexpr PerProcess() noexcept = default;
    PerProcess(const PerProcess&) = delete;
    PerProcess& operator=(const PerProcess&) = delete;

    /// Allocates at its first call in a process.
    [[nodiscard]] T& get() {
        One* newest = newest_.load(std::memory_order_acquire);
        while (newest == nullptr || newest->made_in.is_child()) {
            auto own = std::make_unique<One>();
            own->inherited = newest; // so that no leak is reported
            if (newest_.compare_exchange_strong(newest, own.get(), std::memory_order_acq_rel)) {
                return own.release()->object;
            }
        }
        return newest->object;
    }

    /// Destroys this process's object. An inherited one is kept, as it may not be touched. Nobody calls `get` any more.
    void end() noexcept {
        One* const newest = newest_.exchange(nullptr, std::memory_order_acq_rel);
        if (newest != nullptr && newest->made_in.is_child()) {
            keep_for_ever(newest);
        } else if (newest != nullptr) {
            if (newest->inherited != nullptr) {
                keep_for_ever(newest->inherited);
            }
            delete newest;
        }
    }

private:
    struct One {
        Forks made_in{};
        T object{};
        One* inherited = nullptr;
    };
    std::atomic<One*> newest_{nullptr};
};

/// Something that a child has inherited and does not touch.
struct Kept {
    Kept() = default;
    Kept(const Kept&) = delete;
    Kept& operator=(const Kept&) = delete;
    virtual ~Kept() = default;

    Kept* next = nullptr;
};
/// Takes no lock. What is kept stays reachable, so that no leak is reported.
void keep_for_ever(Kept* kept) noexcept;

/// For owners that let go of an object in the child of a fork. Its threads are not there, its locks may be held for ever,
/// and its descriptors may belong to others by now, so it is not destroyed.
template <class Pointer>
void keep_for_ever(Pointer pointer) noexcept {
    struct Holder final : Kept {
        explicit Holder(Pointer its) noexcept : object{std::move(its)} {}
        Pointer object;
    };
    keep_for_ever(static_cast<Kept*>(new Holder{std::move(pointer)}));
}

/// Destroys an object that can say whether it `is_forked()`; if it is, keeps it.
template <class Pointer>
void let_go(Pointer pointer) noexcept {
    if (pointer && pointer->is_forked()) {
        keep_for_ever(std::move(pointer));
    }
}

} // namespace tickertape::base
