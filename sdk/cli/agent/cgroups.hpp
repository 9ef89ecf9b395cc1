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

    /// Writes a text to a file of a cgroup. Throws std::system_error with the path.
    using Write = std::function<void(const std::filesystem::path& file, std::string_view text)>;
    static void write_to(const std::filesystem::path& file, std::string_view text);

    /// Moves the process into a cgroup of its own, because a cgroup with processes cannot have others with limits below it; and with it
    /// the processes of `sessions`, the programs that it runs already. Throws std::system_error if this is not allowed; all are then
    /// where they were.
    explicit Cgroups(const Place& place, const std::set<pid_t>& sessions = {}, Write write = write_to);

    /// Moves the process of a program, and those that it has started, into the cgroup of the program, with a limit in bytes. Throws
    /// std::system_error; the program is then where it was, unless only some of those that it has started could not be moved.
    void add(const std::string& program, pid_t id, std::uint64_t limit);
    /// Changes the limit of a program; 0: none. Returns false if it was not added. Throws std::system_error.
    [[nodiscard]] bool set_limit(const std::string& program, std::uint64_t limit) const;
    /// Removes the cgroup of a program that has ended; it stays while another process is in it. Returns whether the kernel killed a process
    /// of the program, because it needed more memory.
    bool remove(const std::string& program);
    /// Removes those that had to stay, where no process is left.
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
    std::map<std::string, std::uint64_t> kills_; // of each program, before its process was added
    std::set<std::filesystem::path> leftovers_;  // cgroups of ended programs, with other processes in them
};

} // namespace tickertape::cli::agent
