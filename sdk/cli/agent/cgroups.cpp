// SPDX-License-Identifier: MIT
#include "cli/agent/cgroups.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>

#include "base/concat.hpp"
#include "base/unique_fd.hpp"
#include "base/whole_number.hpp"

namespace tickertape::cli::agent {

namespace {

namespace fs = std::filesystem;

constexpr int most_rounds = 16; // of moving processes that a program starts meanwhile

[[noreturn]] void fail(int error, const fs::path& path) {
    throw std::system_error{error, std::generic_category(), path.native()};
}

void write_to(const fs::path& path, std::string_view text) {
    constexpr mode_t mode = 0644;
    const base::UniqueFd file{open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, mode)};
    if (!file.valid() || write(file.get(), text.data(), text.size()) < 0) {
        fail(errno, path);
    }
}

std::string contents_of(const fs::path& path) {
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

/// Returns the value of `key VALUE` in a file of such lines; 0 without it.
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

Cgroups::Cgroups(const Place& place) {
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
        write_to(own_ / "cgroup.procs", std::to_string(place.process));
        write_to(top_ / "cgroup.subtree_control", "+memory"); // fails while another process is in `top_`
    } catch (...) {
        try {
            write_to(top_ / "cgroup.procs", std::to_string(place.process));
        } catch (const std::system_error&) { // NOLINT(bugprone-empty-catch): it was never moved
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
    write_to(group / "memory.max", limit_text(limit));
    write_to(group / "memory.oom.group", "1"); // a program without one of its processes would only seem to work
    kills_[program] = number_in(group / "memory.events", "oom_kill");
    write_to(group / "cgroup.procs", std::to_string(id));
    for (int round = 0; round < most_rounds && move_stragglers(id, group); ++round) {
    }
}

/// Moves processes that a program has started before it was moved itself. Returns whether there were any.
bool Cgroups::move_stragglers(pid_t session, const fs::path& group) const {
    std::ifstream processes{own_ / "cgroup.procs"};
    bool found = false;
    for (pid_t id = -1; processes >> id;) {
        if (id != session && getsid(id) == session) {
            write_to(group / "cgroup.procs", std::to_string(id));
            found = true;
        }
    }
    return found;
}

void Cgroups::set_limit(const std::string& program, std::uint64_t limit) const {
    if (kills_.contains(program)) {
        write_to(group_of(program) / "memory.max", limit_text(limit));
    }
}

bool Cgroups::remove(const std::string& program) {
    const auto known = kills_.find(program);
    if (known == kills_.end()) {
        return false;
    }
    const fs::path group = group_of(program);
    const bool was_killed = number_in(group / "memory.events", "oom_kill") > known->second;
    kills_.erase(known);
    rmdir(group.c_str());
    return was_killed;
}

} // namespace tickertape::cli::agent
