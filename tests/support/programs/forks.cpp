// SPDX-License-Identifier: MIT
// Forks, and ends the child by TERM. Exit code 0 means: TERM ended the child, and did not stop this process.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include <tickertape/autodump.hpp>
#include <tickertape/counter.hpp>
#include <tickertape/stop.hpp>
#include <tickertape/testkit/memory.hpp>

using namespace tickertape;

int main() {
    const Stop::OnSignals on_signals;
    MetricCounter<rate> counter{"counter"};
    int ready[2] = {-1, -1};
    if (pipe(ready) != 0) {
        return 2;
    }
    const pid_t child = fork();
    if (child == 0) {
        {
            const autodump dump{Memory{}}; // it claims no signal here, so a later object is not made by it
        }
        const MetricCounter<rate> later{"later"};
        [[maybe_unused]] const ssize_t written = write(ready[1], "!", 1);
        while (true) {
            pause();
        }
    }
    char byte = 0;
    if (read(ready[0], &byte, 1) != 1) {
        return 3;
    }
    kill(child, SIGTERM);
    int status = 0;
    waitpid(child, &status, 0);
    usleep(100'000); // enough time for a stop to arrive, if there is one
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM && !Stop::process().requested() ? 0 : 1;
}
