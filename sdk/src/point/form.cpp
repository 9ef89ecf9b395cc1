// SPDX-License-Identifier: MIT
#include "base/whole_number.hpp"
#include "point/start_evidence.hpp"

#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

#include "base/unique_fd.hpp"

namespace tickertape::point {

namespace {

std::optional<std::string> contents(const std::filesystem::path& path) {
    const base::UniqueFd file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    std::string text;
    std::array<char, 1024> block;
    while (file.valid()) {
        const ssize_t got = read(file.get(), block.data(), block.size());
        if (got == 0) {
            return text;
        }
        if (got < 0) {
            break;
        }
        text.append(block.data(), static_cast<std::size_t>(got));
    }
    return std::nullopt;
}

// Parses `pid (name) state ppid …`. The name may contain blanks and parentheses, and ends at the last one.
std::optional<pid_t> parse_parent(std::string_view stat) {
    const std::size_t name_end = stat.rfind(')');
    constexpr std::size_t state_size = 4; // `) S `
    if (name_end == std::string_view::npos || stat.size() < name_end + state_size) {
        return std::nullopt;
    }
    stat.remove_prefix(name_end + state_size);
    const std::optional<pid_t> parent = base::take_whole_number<pid_t>(stat);
    return stat.starts_with(' ') ? parent : std::nullopt;
}

// Returns whether the command line runs tcollector. An interpreter, an option or `env` may come first, so the name is one of the
// first three words.
bool names_tcollector(std::string_view command_line) {
    for (int word = 0; word < 3 && !command_line.empty(); ++word) {
        const std::string_view argument = command_line.substr(0, command_line.find('\0'));
        const std::string_view name = argument.substr(argument.rfind('/') + 1);
        if (name == "tcollector.py" || name == "tcollector") {
            return true;
        }
        command_line.remove_prefix(std::min(argument.size() + 1, command_line.size()));
    }
    return false;
}

bool leader_was_started_by_tcollector(const StartEvidence& evidence) {
    if (evidence.session_leader <= 0) {
        return false;
    }
    const auto stat = contents(evidence.proc / std::to_string(evidence.session_leader) / "stat");
    const auto parent = stat ? parse_parent(*stat) : std::nullopt;
    if (!parent || *parent <= 0) {
        return false;
    }
    const auto command_line = contents(evidence.proc / std::to_string(*parent) / "cmdline");
    return command_line && names_tcollector(*command_line);
}

bool lies_in_numbered_directory(const std::filesystem::path& program) {
    const std::string directory = program.parent_path().filename().string();
    return !directory.empty() &&
           std::all_of(directory.begin(), directory.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_pipe(int fd) {
    struct stat status{};
    return ::fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode);
}

} // namespace

StartEvidence start_evidence(int fd, std::filesystem::path proc) {
    StartEvidence evidence;
    evidence.output_is_pipe = is_pipe(fd);
    evidence.stdout_and_stderr_are_pipes = is_pipe(STDOUT_FILENO) && is_pipe(STDERR_FILENO);
    evidence.process = ::getpid();
    evidence.parent = ::getppid();
    evidence.session_leader = ::getsid(0);
    // A script that tcollector starts may start us. It then sets this variable to its own path.
    const char* path = std::getenv("TICKERTAPE_STARTED_AS"); // NOLINT(concurrency-mt-unsafe): nobody sets any
    if (path == nullptr) {
        // NOLINTNEXTLINE(performance-no-int-to-ptr): the kernel's vector holds pointers as numbers
        path = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
    }
    evidence.started_as = path != nullptr ? path : "";
    evidence.proc = std::move(proc);
    return evidence;
}

Form detect_form(const StartEvidence& evidence) {
    if (!evidence.output_is_pipe) {
        return Form::put;
    }
    if (leader_was_started_by_tcollector(evidence)) {
        return Form::tcollector;
    }
    const bool looks_like_it = evidence.session_leader == evidence.process && evidence.parent != 1 &&
                               evidence.stdout_and_stderr_are_pipes && lies_in_numbered_directory(evidence.started_as);
    return looks_like_it ? Form::tcollector : Form::put;
}

} // namespace tickertape::point

namespace tickertape {

Form detect_form(int fd) { return point::detect_form(point::start_evidence(fd)); }

} // namespace tickertape
