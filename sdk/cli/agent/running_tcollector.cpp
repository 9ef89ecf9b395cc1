// SPDX-License-Identifier: MIT
#include "cli/agent/running_tcollector.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/concat.hpp"
#include "base/syscalls.hpp"
#include "base/unique_fd.hpp"
#include "base/whole_number.hpp"

namespace tickertape::cli::agent {

namespace {

/// Returns the next word of a command line, and removes it there.
std::string_view take_word(std::string_view& command_line) {
    const std::string_view word = command_line.substr(0, command_line.find('\0'));
    command_line.remove_prefix(std::min(word.size() + 1, command_line.size()));
    return word;
}

std::string_view file_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// Returns whether a path is tcollector's program. The file of Debian's package has no `.py`.
bool has_its_name(std::string_view path) {
    return file_name(path) == "tcollector.py" || file_name(path) == "tcollector";
}

/// Returns true for `/usr/bin/python3 -u /usr/local/tcollector/tcollector.py`, false for `systemctl stop tcollector`.
bool is_tcollector(std::string_view command_line) {
    std::string_view word = take_word(command_line);
    if (!file_name(word).starts_with("python") && !file_name(word).starts_with("pypy")) {
        return has_its_name(word);
    }
    while ((word = take_word(command_line)).starts_with('-')) {
        if (word == "-c") {
            return false;
        }
        if (word == "-W" || word == "-X") {
            take_word(command_line);
        }
    }
    return has_its_name(word);
}

} // namespace

std::optional<pid_t> running_tcollector(const std::filesystem::path& proc) {
    std::vector<std::string> names;
    if (base::Syscalls::real().list(proc.c_str(), names) != 0) {
        return std::nullopt;
    }
    for (const std::string& name : names) {
        const auto id = base::whole_number<pid_t>(name);
        if (!id || *id == getpid()) {
            continue;
        }
        const base::UniqueFd file{open((proc / name / "cmdline").c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)};
        std::array<char, 4096> text{};
        const ssize_t got = file.valid() ? read(file.get(), text.data(), text.size()) : -1;
        if (got > 0 && is_tcollector({text.data(), static_cast<std::size_t>(got)})) {
            return id;
        }
    }
    return std::nullopt;
}

} // namespace tickertape::cli::agent
