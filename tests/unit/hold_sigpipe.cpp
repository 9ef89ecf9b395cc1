// SPDX-License-Identifier: MIT
#include <base/hold_sigpipe.hpp>

#include <unistd.h>

#include <cerrno>
#include <ctime>

#include "support/catch.hpp"

using tickertape::base::HoldSigpipe;

namespace {

bool is_pending() {
    sigset_t set;
    return sigpending(&set) == 0 && sigismember(&set, SIGPIPE) == 1;
}

bool is_blocked() {
    sigset_t set;
    return pthread_sigmask(SIG_BLOCK, nullptr, &set) == 0 && sigismember(&set, SIGPIPE) == 1;
}

void write_to_broken_pipe() {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    ::close(ends[0]);
    {
        HoldSigpipe hold;
        CHECK(::write(ends[1], "x", 1) == -1);
        CHECK(errno == EPIPE);
        CHECK(is_pending());
        hold.broken();
    }
    ::close(ends[1]);
}

} // namespace

TEST_CASE("A SIGPIPE that a write raises is removed, and the mask is as before") {
    write_to_broken_pipe();
    CHECK_FALSE(is_pending());
    CHECK_FALSE(is_blocked());
}

TEST_CASE("A SIGPIPE that was pending before stays pending") {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    REQUIRE(pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0);
    REQUIRE(raise(SIGPIPE) == 0);
    write_to_broken_pipe();
    CHECK(is_pending());
    CHECK(is_blocked());
    const timespec no_wait{};
    CHECK(sigtimedwait(&set, nullptr, &no_wait) == SIGPIPE);
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}
