// SPDX-License-Identifier: MIT
/// \file
/// Cgroups: a cgroup v2 for each child, which limits its memory.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace tickertape::cli::agent {

/// The cgroups below that of the agent, if the service manager delegates it (`Delegate=yes`). setrlimit is no substitute: it limits
/// addresses instead of memory, and each process of a program separately.
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

    /// Writes a text to a file of a cgroup. Throws std::system_error with the path.
    using Write = std::function<void(const std::filesystem::path& file, std::string_view text)>;
    static void write_to(const std::filesystem::path& file, std::string_view text);

    /// Moves this process into a cgroup of its own, because a cgroup with processes cannot have others with limits below it. Also
    /// moves the processes of `sessions`: the programs that run already. Throws std::system_error if the kernel does not allow this.
    /// All processes are then where they were.
    explicit Cgroups(const Place& place, const std::set<pid_t>& sessions = {}, Write write = write_to);

    /// Moves the process of a program, and the processes that it has started, into a cgroup with a limit in bytes. Throws
    /// std::system_error. The program is then where it was, unless only the move of a process that it has started failed.
    void add(const std::string& program, pid_t id, std::uint64_t limit);
    /// Changes the limit of a program; 0: none. Returns false if it was not added. Throws std::system_error.
    [[nodiscard]] bool set_limit(const std::string& program, std::uint64_t limit) const;
    /// Removes the cgroup of a program that has ended; it stays while another process is in it. Returns whether the kernel killed a
    /// process of the program because of the limit.
    bool remove(const std::string& program);
    /// Removes the cgroups that had to stay and are empty now.
    void sweep();

private:
    using Which = std::function<bool(pid_t)>;

    [[nodiscard]] std::filesystem::path group_of(const std::string& program) const;
    void move(const std::filesystem::path& from, const std::filesystem::path& to, const Which& which) const;
    [[nodiscard]] bool move_once(const std::filesystem::path& from, const std::filesystem::path& to,
                                 const Which& which) const;
    void clear(const std::filesystem::path& group);

    Write write_;
    std::filesystem::path top_;
    std::filesystem::path own_;
    std::map<std::string, std::uint64_t> kills_; // in the cgroup of each program, before it was added
    std::set<std::filesystem::path> leftovers_;  // cgroups of ended programs, with other processes in them
};

} // namespace tickertape::cli::agent
