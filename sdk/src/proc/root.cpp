// SPDX-License-Identifier: MIT
#include "proc/root.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <memory>
#include <system_error>
#include <utility>

#include "detail/unique_fd.hpp"

namespace tickertape::proc {

namespace {

bool is_gone(int error) noexcept { return error == ENOENT || error == ESRCH; } // ESRCH: it ended between open and read

} // namespace

Root::Root(std::filesystem::path path)
    : path_{std::move(path)}, directory_{open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)} {
    if (directory_ < 0) {
        fail("cannot open", "");
    }
}

Root::~Root() { close(directory_); }

void Root::fail(const char* what, const char* name) const {
    const int error = errno;
    throw std::system_error{error, std::generic_category(),
                            std::string{what} + " " + (*name != '\0' ? path_ / name : path_).string()};
}

std::optional<std::string_view> Root::read(const char* name, std::span<char> buffer) const {
    const detail::UniqueFd file{openat(directory_, name, O_RDONLY | O_CLOEXEC)};
    if (!file.valid()) {
        if (is_gone(errno)) {
            return std::nullopt;
        }
        fail("cannot open", name);
    }
    std::size_t size = 0;
    while (size < buffer.size()) {
        const ssize_t got = ::read(file.get(), buffer.data() + size, buffer.size() - size);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0 && is_gone(errno)) {
            return std::nullopt;
        }
        if (got < 0) {
            fail("cannot read", name);
        }
        if (got == 0) {
            break;
        }
        size += static_cast<std::size_t>(got);
    }
    return std::string_view{buffer.data(), size};
}

std::string_view Root::need(const char* name, std::span<char> buffer) const {
    const std::optional<std::string_view> text = read(name, buffer);
    if (!text) {
        errno = ENOENT;
        fail("cannot open", name);
    }
    return *text;
}

void Root::list_pids(std::vector<int>& pids) const {
    pids.clear();
    // A descriptor of its own, so that the directory is read from the start.
    const int fd = openat(directory_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        fail("cannot open", "");
    }
    DIR* const opened = fdopendir(fd);
    if (opened == nullptr) {
        close(fd);
        fail("cannot list", "");
    }
    const std::unique_ptr<DIR, int (*)(DIR*)> directory{opened, &closedir};
    while (true) {
        errno = 0;
        const dirent* const entry = readdir(directory.get()); // NOLINT(concurrency-mt-unsafe): its own DIR
        if (entry == nullptr && errno != 0) {
            fail("cannot list", "");
        }
        if (entry == nullptr) {
            return;
        }
        const std::string_view name{static_cast<const char*>(entry->d_name)};
        int pid = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (error == std::errc{} && end == name.data() + name.size() && pid > 0) {
            pids.push_back(pid);
        }
    }
}

} // namespace tickertape::proc
