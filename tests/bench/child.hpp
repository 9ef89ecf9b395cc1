// SPDX-License-Identifier: MIT
/// \file
/// Child: a program that is measured from outside.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <string>
#include <vector>

namespace bench {

struct ChildOptions {
    int in = -1;  ///< -1: /dev/null
    int out = -1; ///< -1: /dev/null
    int err = -1; ///< -1: /dev/null
};

/// A running program. Killed when it goes out of scope.
///
/// Thread safety: one thread at a time.
class Child {
public:
    /// Throws std::runtime_error if it cannot be started.
    explicit Child(const std::vector<std::string>& command, const ChildOptions& options = {});
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child();

    struct End {
        int status = 0;      ///< exit code, or 128 and the signal
        double cpu_ns = 0;   ///< of all its threads, user and system
        double wall_ns = 0;  ///< since it was started
        double switches = 0; ///< voluntary ones
    };
    /// Waits until it ends.
    End wait();
    void signal(int number) const;
    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    /// Returns CLOCK_MONOTONIC, in ns.
    [[nodiscard]] double started() const noexcept { return started_; }

private:
    pid_t pid_ = -1;
    double started_ = 0;
};

} // namespace bench
