// SPDX-License-Identifier: MIT
#include "cli/agent/process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string_view>
#include <system_error>

#include "base/concat.hpp"
#include "cli/agent/folder.hpp"

namespace tickertape::cli::agent {

namespace {

void check(int error, const char* what) {
    if (error != 0) {
        throw std::system_error{error, std::generic_category(), what};
    }
}

/// An argument of posix_spawn, which `init` makes and `destroy` ends.
template <class Value, auto init, auto destroy>
class Prepared {
public:
    Prepared() { check(init(&value_), "cannot prepare a process"); }
    Prepared(const Prepared&) = delete;
    Prepared& operator=(const Prepared&) = delete;
    ~Prepared() { destroy(&value_); }

    Value* get() noexcept { return &value_; }

private:
    Value value_{};
};

/// The changes of descriptors in a new process.
using Files = Prepared<posix_spawn_file_actions_t, posix_spawn_file_actions_init, posix_spawn_file_actions_destroy>;

/// The new process gets its own session, and ignores and blocks no signal.
class Attributes : public Prepared<posix_spawnattr_t, posix_spawnattr_init, posix_spawnattr_destroy> {
public:
    Attributes() {
        sigset_t all;
        sigset_t none;
        sigfillset(&all);
        sigemptyset(&none);
        posix_spawnattr_setsigdefault(get(), &all);
        posix_spawnattr_setsigmask(get(), &none);
        constexpr int flags = POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
        posix_spawnattr_setflags(get(), static_cast<short>(flags));
    }
};

struct TwoEnds {
    base::UniqueFd read{};
    base::UniqueFd write{};
};

/// Makes a pipe. Only the read end is non-blocking: collectors expect their end to block.
TwoEnds make_pipe() {
    std::array<int, 2> ends{};
    check(pipe2(ends.data(), O_CLOEXEC) == 0 ? 0 : errno, "cannot make a pipe");
    TwoEnds pipe{base::UniqueFd{ends[0]}, base::UniqueFd{ends[1]}};
    fcntl(pipe.read.get(), F_SETFL, O_RDONLY | O_NONBLOCK);
    return pipe;
}

constexpr std::string_view python_path = "PYTHONPATH=";
constexpr std::string_view format = "TICKERTAPE_FORMAT=";

/// Returns whether a variable is for the agent only: the service manager's socket, targets, and secrets.
bool is_ours(std::string_view variable) {
    constexpr std::array<std::string_view, 6> ours{"NOTIFY_SOCKET=",      "WATCHDOG_",
                                                   "TICKERTAPE_TSD=",     "TICKERTAPE_TSD_AUTH=",
                                                   "TICKERTAPE_COPY_TO=", "TICKERTAPE_COPY_AUTH="};
    return std::any_of(ours.begin(), ours.end(), [=](std::string_view start) { return variable.starts_with(start); });
}

} // namespace

std::filesystem::path install_root_of(const std::filesystem::path& collectors) {
    for (std::filesystem::path at = collectors; at.has_relative_path(); at = at.parent_path()) {
        if (at.filename() == "collectors") {
            return at.parent_path();
        }
    }
    return std::filesystem::current_path();
}

std::vector<std::string> environment_for(const std::filesystem::path& collectors, const std::filesystem::path& root) {
    std::vector<std::string> environment;
    std::string old;
    bool has_format = false;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string_view text{*variable};
        if (text.starts_with(python_path)) {
            old = text.substr(python_path.size());
        } else if (text.starts_with(format)) {
            const std::string_view form = text.substr(format.size());
            has_format = form == "put" || form == "tcollector"; // the agent reads no other
            if (has_format) {
                environment.emplace_back(text);
            }
        } else if (!is_ours(text)) {
            environment.emplace_back(text);
        }
    }
    // Our programs recognize tcollector by the numbered folder in their path. One that a script starts has no such path.
    if (!has_format) {
        environment.push_back(base::concat(format, "tcollector"));
    }
    const std::filesystem::path lib = collectors.parent_path() / "lib";
    const std::filesystem::path enabled = collectors.parent_path() / "enabled";
    if (is_folder(lib) && is_folder(enabled)) {
        old = base::concat(old, old.empty() ? "" : ":", ":", lib.native(), ":", enabled.native());
    } else if (is_folder(root / "collectors" / "lib")) {
        old = base::concat(old, old.empty() ? "" : ":", root.native());
    }
    if (!old.empty()) {
        environment.push_back(base::concat(python_path, old));
    }
    return environment;
}

Process start(const std::string& path, const SpawnOptions& spawn_options) {
    TwoEnds out = make_pipe();
    TwoEnds err = make_pipe();
    Files files;
    posix_spawn_file_actions_addchdir_np(files.get(), spawn_options.directory.c_str());
    posix_spawn_file_actions_addopen(files.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(files.get(), out.write.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(files.get(), err.write.get(), STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(files.get(), STDERR_FILENO + 1);
    Attributes attributes;

    std::string name{path};
    std::array<char*, 2> arguments{name.data(), nullptr};
    std::vector<char*> environment;
    environment.reserve(spawn_options.environment.size() + 1);
    for (const std::string& variable : spawn_options.environment) {
        environment.push_back(const_cast<char*>(variable.c_str())); // NOLINT(*-const-cast): nothing writes to it
    }
    environment.push_back(nullptr);

    pid_t id = -1;
    check(posix_spawn(&id, path.c_str(), files.get(), attributes.get(), arguments.data(), environment.data()),
          "cannot start it");
    if (spawn_options.open_files) {
        prlimit(id, RLIMIT_NOFILE, &*spawn_options.open_files, nullptr);
    }
    return {.id = id, .out = std::move(out.read), .err = std::move(err.read)};
}

std::optional<rlimit> raise_open_files() noexcept {
    constexpr rlim_t enough = 16'384;
    rlimit before{};
    if (getrlimit(RLIMIT_NOFILE, &before) != 0 || before.rlim_cur >= enough) {
        return std::nullopt;
    }
    rlimit after = before;
    after.rlim_cur = std::min(before.rlim_max, enough);
    return setrlimit(RLIMIT_NOFILE, &after) == 0 ? std::optional{before} : std::nullopt;
}

void signal_group(pid_t id, int signal) noexcept {
    if (id > 0) {
        kill(-id, signal);
    }
}

} // namespace tickertape::cli::agent
