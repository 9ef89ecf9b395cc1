// SPDX-License-Identifier: MIT
#include "base/hold_sigpipe.hpp"

#include <cerrno>
#include <ctime>

namespace tickertape::base {

namespace {

sigset_t only_sigpipe() noexcept {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    return set;
}

} // namespace

HoldSigpipe::HoldSigpipe() noexcept {
    const sigset_t set = only_sigpipe();
    pthread_sigmask(SIG_BLOCK, &set, &old_mask_);
    // A signal can only be pending here if it was blocked before.
    sigset_t pending;
    was_pending_ =
        sigismember(&old_mask_, SIGPIPE) == 1 && sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

HoldSigpipe::~HoldSigpipe() {
    const int error = errno;
    if (broken_ && !was_pending_) {
        const sigset_t set = only_sigpipe();
        const timespec no_wait{};
        while (sigtimedwait(&set, nullptr, &no_wait) == -1 && errno == EINTR) {
        }
    }
    pthread_sigmask(SIG_SETMASK, &old_mask_, nullptr);
    errno = error;
}

} // namespace tickertape::base
