// SPDX-License-Identifier: MIT
/// \file
/// A scope in which a write to a pipe without a reader raises no SIGPIPE.
#pragma once

#include <csignal>

namespace tickertape::base {

/// Holds SIGPIPE back in the calling thread, and takes one that arose in the scope away at its end, so that neither the
/// disposition nor the mask of the process changes. One that was pending before stays.
///
/// Thread safety: belongs to the thread that made it.
class HoldSigpipe {
public:
    HoldSigpipe() noexcept;
    ~HoldSigpipe();
    HoldSigpipe(const HoldSigpipe&) = delete;
    HoldSigpipe& operator=(const HoldSigpipe&) = delete;

    /// To be told when a write failed with EPIPE: only then is there a signal to take away.
    void broken() noexcept { broken_ = true; }

private:
    sigset_t old_mask_{};
    bool was_pending_ = false;
    bool broken_ = false;
};

} // namespace tickertape::base
