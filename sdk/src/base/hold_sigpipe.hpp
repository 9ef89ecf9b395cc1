// SPDX-License-Identifier: MIT
/// \file
/// A scope in which a write to a pipe without a reader does not raise SIGPIPE.
#pragma once

#include <csignal>

namespace tickertape::base {

/// Blocks SIGPIPE in the calling thread. At its end it removes a SIGPIPE that was raised in the scope. So neither the action nor
/// the mask of the process changes. A signal that was pending before stays.
///
/// Thread safety: belongs to the thread that made it.
class HoldSigpipe {
public:
    HoldSigpipe() noexcept;
    ~HoldSigpipe();
    HoldSigpipe(const HoldSigpipe&) = delete;
    HoldSigpipe& operator=(const HoldSigpipe&) = delete;

    /// Call it after a write failed with EPIPE: only then is there a signal to remove.
    void broken() noexcept { broken_ = true; }

private:
    sigset_t old_mask_{};
    bool was_pending_ = false;
    bool broken_ = false;
};

} // namespace tickertape::base
