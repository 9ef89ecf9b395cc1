// SPDX-License-Identifier: MIT
#include "cli/terminal/screen_signals.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace tickertape::cli::terminal {

ScreenSignals::ScreenSignals() {
    sigemptyset(&taken_);
    for (const int signal : {SIGWINCH, SIGTSTP, SIGCONT}) {
        struct sigaction now{};
        if (sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_DFL) {
            sigaddset(&taken_, signal); // an ignored signal would come if it were blocked
        }
    }
    fd_ = base::UniqueFd{signalfd(-1, &taken_, SFD_NONBLOCK | SFD_CLOEXEC)};
    if (!fd_.valid()) {
        throw std::system_error{errno, std::generic_category(), "cannot wait for signals"};
    }
    pthread_sigmask(SIG_BLOCK, &taken_, &before_);
}

ScreenSignals::~ScreenSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

ScreenSignals::Came ScreenSignals::take() {
    Came came;
    signalfd_siginfo info{};
    while (read(fd_.get(), &info, sizeof info) == sizeof info) {
        came.resized = came.resized || info.ssi_signo == SIGWINCH;
        came.stop = came.stop || info.ssi_signo == SIGTSTP;
        came.continued = came.continued || info.ssi_signo == SIGCONT;
    }
    return came;
}

void ScreenSignals::stop_process() const {
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    kill(getpid(), SIGTSTP);
    pthread_sigmask(SIG_UNBLOCK, &stop, nullptr); // the process stops here
    pthread_sigmask(SIG_BLOCK, &stop, nullptr);
}

} // namespace tickertape::cli::terminal
