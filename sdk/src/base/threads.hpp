// SPDX-License-Identifier: MIT
/// \file
/// Threads of the library.
#pragma once

#include <pthread.h>

#include <csignal>
#include <thread>
#include <utility>

namespace tickertape::base {

/// Starts a thread that blocks all signals, so that the application's handlers run on the application's threads.
/// `name` appears in `ps -T`; at most 15 characters.
template <class F>
[[nodiscard]] std::thread make_quiet_thread(const char* name, F f) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    struct Restore {
        const sigset_t& mask;
        ~Restore() { pthread_sigmask(SIG_SETMASK, &mask, nullptr); }
    } const restore{before};
    std::thread thread{std::move(f)};
    pthread_setname_np(thread.native_handle(), name);
    return thread;
}

} // namespace tickertape::base
