// SPDX-License-Identifier: MIT
/// \file
/// Fiber: a function on a stack of its own, which can pause.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace tickertape::base {

/// Runs a function until that pauses, and goes on with it later, also on another thread. A pause costs no thread, and no time
/// while it lasts. The function must not pause where an exception is being handled.
///
/// Thread safety: one thread at a time.
class Fiber {
public:
    /// The stack has 512 KiB, of which only what is used takes memory; what lies behind its end is not accessible. Throws
    /// std::system_error if there is no memory for it. `f` must not throw.
    explicit Fiber(std::function<void()> f);
    Fiber(const Fiber&) = delete;
    Fiber& operator=(const Fiber&) = delete;
    /// A function that has begun and has not ended is not ended: its stack is kept for as long as the process lives.
    ~Fiber();

    /// Runs the function until it pauses or ends. Not to be called by the function itself, nor after its end.
    void resume();
    /// To be called by the function: goes on behind the call of `resume`.
    void pause();
    [[nodiscard]] bool has_ended() const noexcept;

    /// While it pauses: gives the pages of its stack back that it does not use now.
    void trim() noexcept;

private:
    struct Part;
    std::unique_ptr<Part> part_;
};

} // namespace tickertape::base
