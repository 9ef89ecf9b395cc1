// SPDX-License-Identifier: MIT
#include "cli/agent/scan.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>
#include <tuple>

#include "base/concat.hpp"
#include "base/quote.hpp"
#include "base/syscalls.hpp"
#include "base/unique_fd.hpp"
#include "base/whole_number.hpp"

namespace tickertape::cli::agent {

namespace {

/// Returns the interval of a folder `0`, `15` or `300`; nothing for `007`, which would be a second folder of `7`.
std::optional<std::chrono::seconds> interval_of(std::string_view name) {
    const std::optional<std::uint32_t> number = base::whole_number<std::uint32_t>(name);
    if (!number || (name.size() > 1 && name.front() == '0')) {
        return std::nullopt;
    }
    return std::chrono::seconds{*number};
}

std::string complaint(std::string_view path, int error) {
    // Message: cannot read 'PATH': REASON
    // Cause: The directory or a folder of it cannot be read. Programs that run go on.
    // Remedy: Correct the permissions; the agent looks again every 15 s.
    return base::concat("cannot read ", base::quote(path), ": ", std::strerror(error));
}

void look_into(const std::string& folder, std::chrono::seconds interval, Scan& found) {
    std::vector<std::string> names;
    if (base::Syscalls::real().list(folder.c_str(), names) != 0) {
        if (errno != ENOENT && errno != ENOTDIR) { // with these two, it was just removed, or is a file
            found.complaints.push_back(complaint(folder, errno));
            found.unreadable.push_back(interval);
        }
        return;
    }
    for (std::string& name : names) {
        std::string path = base::concat(folder, "/", name);
        struct stat status{};
        if (name.starts_with('.') || stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode) ||
            faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) != 0) {
            continue;
        }
        found.programs.push_back({.name = std::move(name),
                                  .interval = interval,
                                  .path = std::move(path),
                                  .changed = static_cast<std::int64_t>(status.st_mtime)});
    }
}

} // namespace

Scan scan(const std::filesystem::path& directory) {
    Scan found;
    std::vector<std::string> folders;
    if (base::Syscalls::real().list(directory.c_str(), folders) != 0) {
        found.is_complete = false;
        found.complaints.push_back(complaint(directory.native(), errno));
        return found;
    }
    for (const std::string& folder : folders) {
        if (const auto interval = interval_of(folder)) {
            look_into((directory / folder).native(), *interval, found);
        }
    }
    std::sort(found.programs.begin(), found.programs.end(), [](const Program& a, const Program& b) {
        return std::tie(a.interval, a.name) < std::tie(b.interval, b.name);
    });
    return found;
}

void wait_for_file(const std::string& path) {
    const base::UniqueFd file{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)};
    char first = 0;
    while (file.valid() && pread(file.get(), &first, 1, 0) < 0 && errno == EINTR) {
    }
}

} // namespace tickertape::cli::agent
