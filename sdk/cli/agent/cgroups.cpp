// SPDX-License-Identifier: MIT
#include "cli/agent/cgroups.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

#include "base/concat.hpp"
#include "base/unique_fd.hpp"
#include "base/whole_number.hpp"

namespace tickertape::cli::agent {

namespace {

namespace fs = std::filesystem;

constexpr int most_rounds = 16; // of moving processes, because they start others meanwhile

[[noreturn]] void fail(int error, const fs::path& path) {
    throw std::system_error{error, std::generic_category(), path.native()};
}

std::string contents_of(const fs::path& path) {
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

/// Returns VALUE of the line `key VALUE` of a file; 0 without such a line.
std::uint64_t number_in(const fs::path& path, std::string_view key) {
    std::ifstream file{path};
    std::string name;
    std::uint64_t value = 0;
    while (file >> name >> value) {
        if (name == key) {
            return value;
        }
    }
    return 0;
}

std::string limit_text(std::uint64_t limit) { return limit > 0 ? std::to_string(limit) : "max"; }

/// Returns the path in the line of cgroup v2: `0::/system.slice/tickertape-agent.service`.
std::optional<std::string> path_in(std::string_view membership) {
    constexpr std::string_view start = "0::/";
    const std::size_t at = membership.starts_with(start) ? 0 : membership.find(base::concat("\n", start));
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view rest = membership.substr(membership.find(start, at) + start.size());
    return std::string{rest.substr(0, rest.find('\n'))};
}

} // namespace

Cgroups::Place Cgroups::here() {
    const fs::path usual = "/sys/fs/cgroup";
    const fs::path beside_v1 = usual / "unified";
    std::error_code ignored;
    return {.mount = fs::exists(beside_v1 / "cgroup.controllers", ignored) ? beside_v1 : usual,
            .membership = contents_of("/proc/self/cgroup"),
            .process = getpid()};
}

void Cgroups::write_to(const fs::path& file, std::string_view text) {
    constexpr mode_t mode = 0644;
    const base::UniqueFd opened{open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, mode)};
    if (!opened.valid() || ::write(opened.get(), text.data(), text.size()) < 0) {
        fail(errno, file);
    }
}

Cgroups::Cgroups(const Place& place, const std::set<pid_t>& sessions, Write write) : write_{std::move(write)} {
    const auto path = path_in(place.membership);
    if (!path) {
        fail(ENOENT, place.mount);
    }
    top_ = place.mount / *path;
    const std::string controllers = contents_of(top_ / "cgroup.controllers");
    if (base::concat(" ", controllers.substr(0, controllers.find('\n')), " ").find(" memory ") == std::string::npos) {
        fail(ENOTSUP, top_ / "cgroup.controllers");
    }
    own_ = top_ / "agent";
    std::error_code error;
    fs::create_directory(own_, error);
    if (error) {
        fail(error.value(), own_);
    }
    try {
        write_(own_ / "cgroup.procs", std::to_string(place.process)); // first, so that new programs start there
        move(top_, own_, [&](pid_t id) { return sessions.contains(getsid(id)); });
        write_(top_ / "cgroup.subtree_control", "+memory"); // fails while another process is in `top_`
    } catch (...) {
        try {
            move(own_, top_, [](pid_t) { return true; });
        } catch (const std::system_error&) { // NOLINT(bugprone-empty-catch): they cannot go back either
        }
        fs::remove(own_, error);
        throw;
    }
}

fs::path Cgroups::group_of(const std::string& program) const { return top_ / base::concat("program-", program); }

void Cgroups::add(const std::string& program, pid_t id, std::uint64_t limit) {
    const fs::path group = group_of(program);
    std::error_code error;
    fs::create_directory(group, error);
    if (error) {
        fail(error.value(), group);
    }
    leftovers_.erase(group);
    try {
        write_(group / "memory.max", limit_text(limit));
        write_(group / "memory.oom.group", "1"); // without one of its processes a program would only seem to work
        const std::uint64_t kills = number_in(group / "memory.events", "oom_kill");
        write_(group / "cgroup.procs", std::to_string(id));
        kills_[program] = kills;
    } catch (...) {
        clear(group);
        throw;
    }
    move(own_, group, [id](pid_t other) { return other != id && getsid(other) == id; });
}

/// Moves processes from one cgroup to another, also those that they start meanwhile.
void Cgroups::move(const fs::path& from, const fs::path& to, const Which& which) const {
    for (int round = 0; round < most_rounds && move_once(from, to, which); ++round) {
    }
}

/// Returns whether it moved any.
bool Cgroups::move_once(const fs::path& from, const fs::path& to, const Which& which) const {
    std::ifstream processes{from / "cgroup.procs"};
    bool found = false;
    for (pid_t id = -1; processes >> id;) {
        if (!which(id)) {
            continue;
        }
        try {
            write_(to / "cgroup.procs", std::to_string(id));
            found = true;
        } catch (const std::system_error& error) {
            if (error.code() != std::errc::no_such_process) { // a process that has ended keeps no other from moving
                throw;
            }
        }
    }
    return found;
}

bool Cgroups::set_limit(const std::string& program, std::uint64_t limit) const {
    if (!kills_.contains(program)) {
        return false;
    }
    write_(group_of(program) / "memory.max", limit_text(limit));
    return true;
}

bool Cgroups::remove(const std::string& program) {
    const auto known = kills_.find(program);
    if (known == kills_.end()) {
        return false;
    }
    const fs::path group = group_of(program);
    const bool was_killed = number_in(group / "memory.events", "oom_kill") > known->second;
    kills_.erase(known);
    clear(group);
    return was_killed;
}

/// Removes a cgroup. `sweep` removes it if processes are in it now.
void Cgroups::clear(const fs::path& group) {
    if (rmdir(group.c_str()) != 0 && errno != ENOENT) {
        leftovers_.insert(group);
    }
}

void Cgroups::sweep() {
    std::erase_if(leftovers_, [](const fs::path& group) { return rmdir(group.c_str()) == 0 || errno == ENOENT; });
}

} // namespace tickertape::cli::agent
