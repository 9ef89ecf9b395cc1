// SPDX-License-Identifier: MIT
/// \file
/// Forks: whether this process is a child of the one that made an object, and what becomes of such an object.
#pragma once

#include <atomic>
#include <string_view>
#include <utility>

namespace tickertape::base {

extern constinit std::atomic<unsigned> fork_generation; ///< one more in each child

/// This process is a fork of one that had counters: from here on nothing is sent. Async-signal-safe.
void make_this_fork_inert() noexcept;
/// Whether it is. Says so once.
[[nodiscard]] bool is_inert_fork() noexcept;

/// Remembers the process that made it. Two loads to ask; no system call.
///
/// Thread safety: immutable.
class Forks {
public:
    Forks() noexcept;

    [[nodiscard]] bool is_child() const noexcept { return made_in_ != fork_generation.load(std::memory_order_relaxed); }
    /// Whether its object works here. If not, that is said on stderr: `this process was forked from one with WHAT`, once a
    /// process for each flag.
    [[nodiscard]] bool is_usable(std::atomic_flag& said, std::string_view what) const noexcept;

private:
    unsigned made_in_;
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
