// SPDX-License-Identifier: MIT
/// \file
/// Fiber: a function on a stack of its own, which can pause.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace tickertape::base {

/// Runs a function until it pauses, and continues it later, on the same or another thread. A paused function needs no thread and
/// no CPU time. The function must not pause while it handles an exception.
///
/// Thread safety: one thread at a time.
class Fiber {
public:
    /// The stack has 512 KiB; only used pages take memory. The page beyond its end is not accessible. Throws std::system_error if there
    /// is no memory for the stack. `f` must not throw.
    explicit Fiber(std::function<void()> f);
    Fiber(const Fiber&) = delete;
    Fiber& operator=(const Fiber&) = delete;
    /// Does not end a function that has begun and not ended: its stack is kept for as long as the process lives.
    ~Fiber();

    /// Runs the function until it pauses or ends. Do not call it from the function itself, or after its end.
    void resume();
    /// Call it from the function: pauses the function, and returns from `resume`.
    void pause();
    [[nodiscard]] bool has_ended() const noexcept;

    /// Call it while the function pauses: gives back the pages of its stack that it does not use now.
    void trim() noexcept;

private:
    struct Part;
    std::unique_ptr<Part> part_;
};

} // namespace tickertape::base
