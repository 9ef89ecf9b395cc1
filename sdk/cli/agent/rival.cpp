// SPDX-License-Identifier: MIT
#include "cli/agent/rival.hpp"

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

constexpr int words_looked_at = 3; // `python3 -u /usr/local/tcollector/tcollector.py`; Debian's file has no `.py`

bool is_tcollector(std::string_view command_line) {
    for (int word = 0; word < words_looked_at && !command_line.empty(); ++word) {
        const std::string_view text = command_line.substr(0, command_line.find('\0'));
        const std::string_view name = text.substr(text.rfind('/') + 1);
        if (name == "tcollector.py" || name == "tcollector") {
            return true;
        }
        command_line.remove_prefix(std::min(text.size() + 1, command_line.size()));
    }
    return false;
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
