// SPDX-License-Identifier: MIT
/// \file
/// Forks: detects whether this process is a child of the one that made an object, and decides how such an object behaves.
#pragma once

#include <atomic>
#include <memory>
#include <string_view>
#include <utility>

namespace tickertape::base {

extern constinit std::atomic<unsigned> fork_generation; ///< each child has one more than its parent

/// Marks this process as a fork of one with counters, which do nothing until `wake_fork`. Async-signal-safe.
void make_this_fork_inert() noexcept;
/// Returns whether this process is such a fork, and has not been woken.
[[nodiscard]] bool is_inert_fork() noexcept;
/// The same, and reports it once: for calls that would send. A child that only ends reports nothing.
[[nodiscard]] bool reports_inert_fork() noexcept;

/// Sets the function that wakes the inherited counters; the owner of the counters calls this.
void set_waker(void (*waker)()) noexcept;
/// Called when an object that sends is made. In such a fork, the inherited counters now begin at zero. Has no effect otherwise.
void wake_fork();
/// Ends the inert state; the waker calls it.
void end_inertness() noexcept;

/// Returns a number of this process that differs from those of all its parents. Two loads; no system call.
[[nodiscard]] unsigned generation_of_forks() noexcept;

/// Remembers the process that made it. A check takes two loads; no system call.
///
/// Thread safety: immutable.
class Forks {
public:
    Forks() noexcept;

    [[nodiscard]] bool is_child() const noexcept { return made_in_ != fork_generation.load(std::memory_order_relaxed); }
    /// Returns whether its object works in this process. If not, reports `this process was forked from one with WHAT`, once in a
    /// process for each flag.
    [[nodiscard]] bool is_usable(std::atomic_flag& said, std::string_view what) const noexcept;

private:
    unsigned made_in_;
};

/// One object for each process. A child of a fork does not use the object of its parent, whose locks may be held for ever, but
/// makes a new one. For `constinit` variables that live as long as the process; an owner that ends earlier calls `end`.
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
            own->inherited = newest; // so that leak checkers find the inherited object
            if (newest_.compare_exchange_strong(newest, own.get(), std::memory_order_acq_rel)) {
                return own.release()->object;
            }
        }
        return newest->object;
    }

    /// Destroys this process's object, after the last call of `get`. Keeps an inherited one, because it must not be touched.
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

/// An object that a child inherited and does not touch.
struct Kept {
    Kept() = default;
    Kept(const Kept&) = delete;
    Kept& operator=(const Kept&) = delete;
    virtual ~Kept() = default;

    Kept* next = nullptr;
};
/// Takes no lock. Kept objects stay reachable, so leak checkers do not report them.
void keep_for_ever(Kept* kept) noexcept;

/// For owners that release an object in the child of a fork. The object is not destroyed: its threads do not exist there, its
/// locks may be held for ever, and its descriptors may belong to others by now.
template <class Pointer>
void keep_for_ever(Pointer pointer) noexcept {
    struct Holder final : Kept {
        explicit Holder(Pointer its) noexcept : object{std::move(its)} {}
        Pointer object;
    };
    // Without memory the child ends here, because destroying the object could block for ever.
    keep_for_ever(static_cast<Kept*>(new Holder{std::move(pointer)})); // NOLINT(bugprone-unhandled-exception-at-new)
}

/// Destroys an object that has a member `is_forked()`; keeps it if that returns true.
template <class Pointer>
void let_go(Pointer pointer) noexcept {
    if (pointer && pointer->is_forked()) {
        keep_for_ever(std::move(pointer));
    }
}

} // namespace tickertape::base
