// SPDX-License-Identifier: MIT
#include "child.hpp"

#include <fcntl.h>
#include <signal.h> // NOLINT(modernize-deprecated-headers): POSIX's
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

#include "measure.hpp"

extern char** environ; // NOLINT(readability-redundant-declaration): POSIX wants it declared

namespace bench {

Child::Child(const std::vector<std::string>& command, const ChildOptions& options) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    const auto connect = [&actions](int from, int to, int flags) {
        if (from < 0) {
            posix_spawn_file_actions_addopen(&actions, to, "/dev/null", flags, 0);
        } else {
            posix_spawn_file_actions_adddup2(&actions, from, to);
        }
    };
    connect(options.in, STDIN_FILENO, O_RDONLY);
    connect(options.out, STDOUT_FILENO, O_WRONLY);
    connect(options.err, STDERR_FILENO, O_WRONLY);
    std::vector<char*> arguments;
    for (const std::string& word : command) {
        arguments.push_back(const_cast<char*>(word.c_str())); // posix_spawn does not write to them
    }
    arguments.push_back(nullptr);
    started_ = now_ns();
    const int error = posix_spawnp(&pid_, arguments.front(), &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        pid_ = -1;
        throw std::runtime_error{"cannot start " + command.front() + ": " + std::strerror(error)};
    }
}

Child::~Child() {
    if (pid_ > 0) {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
}

Child::End Child::wait() {
    int status = 0;
    rusage usage{};
    while (wait4(pid_, &status, 0, &usage) < 0) {
    }
    pid_ = -1;
    const auto ns = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_usec) * 1e3;
    };
    return {.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
            .cpu_ns = ns(usage.ru_utime) + ns(usage.ru_stime),
            .wall_ns = now_ns() - started_,
            .switches = static_cast<double>(usage.ru_nvcsw)};
}

void Child::signal(int number) const { kill(pid_, number); }

} // namespace bench
