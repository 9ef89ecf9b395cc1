// SPDX-License-Identifier: MIT
/// \file
/// Cgroups: a cgroup v2 for each child, which limits its memory.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace tickertape::cli::agent {

/// The cgroups below that of the agent, if the service manager delegates it (`Delegate=yes`). A resource limit of a process (setrlimit)
/// would not do: it limits addresses, not memory, and each process of a program by itself.
///
/// Thread safety: none.
class Cgroups {
public:
    /// The place of a process in the tree of cgroups.
    struct Place {
        std::filesystem::path mount{}; ///< where cgroup v2 is mounted
        std::string membership{};      ///< the text of /proc/PID/cgroup
        pid_t process = -1;
    };
    /// Returns the place of this process.
    [[nodiscard]] static Place here();

    /// Moves the process into a cgroup of its own, because a cgroup with processes cannot have others with limits below it. Throws
    /// std::system_error if this is not allowed; the process is then where it was.
    explicit Cgroups(const Place& place);

    /// Moves the process of a program, and those that it has started, into the cgroup of the program, with a limit in bytes. Throws
    /// std::system_error.
    void add(const std::string& program, pid_t id, std::uint64_t limit);
    /// Changes the limit of a program that was added; 0: none. Throws std::system_error.
    void set_limit(const std::string& program, std::uint64_t limit) const;
    /// Removes the cgroup of a program that has ended; it stays while another process is in it. Returns whether the kernel killed a process
    /// of the program, because it needed more memory.
    bool remove(const std::string& program);

private:
    [[nodiscard]] std::filesystem::path group_of(const std::string& program) const;
    [[nodiscard]] bool move_stragglers(pid_t session, const std::filesystem::path& group) const;

    std::filesystem::path top_;
    std::filesystem::path own_;
    std::map<std::string, std::uint64_t> kills_; // of each program, before its process was added
};

} // namespace tickertape::cli::agent
