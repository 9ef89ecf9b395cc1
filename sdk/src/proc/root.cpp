// SPDX-License-Identifier: MIT
#include <tickertape/proc/root.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include <tickertape/proc/relative_path.hpp>

#include "base/unique_fd.hpp"
#include "base/whole_number.hpp"

namespace tickertape::proc {

namespace {

constexpr std::size_t least_buffer = std::size_t{16} * 1024;
constexpr std::size_t longest_line = std::size_t{1} << 20U; // of a file that is read in blocks; 10,000 CPUs need 110 KB

/// The process or device vanished between open and read: ESRCH, ENODEV.
bool is_gone(int error) noexcept { return error == ENOENT || error == ESRCH || error == ENODEV; }

/// Returns whether a file of /proc is a link into the directory of the reading process.
bool is_of_a_process(std::string_view name) noexcept { return name.starts_with("net/") || name == "mounts"; }

} // namespace

Root::Root(std::filesystem::path path) : Root{std::move(path), nullptr} {}

Root::Root(std::filesystem::path path, SkippedRows::Report report)
    : path_{std::move(path)}, directory_{open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)},
      skipped_{std::move(report)} {
    if (directory_ < 0) {
        fail("cannot open", "");
    }
    is_of_another_host_ = path_ != "/proc" && path_ != "/proc/" && has("1/net/dev");
}

int Root::open_below(const char* name, int flags) const noexcept {
    if (!is_of_another_host_ || !is_of_a_process(name)) {
        return openat(directory_, name, flags);
    }
    return openat(directory_, RelativePath{"1/"}.append(name).c_str(), flags);
}

Root::~Root() { close(directory_); }

void Root::fail(const char* what, const char* name) const {
    const int error = errno;
    throw std::system_error{error, std::generic_category(),
                            std::string{what} + " " + (*name != '\0' ? std::string{path_of(name)} : path_.string())};
}

std::string_view Root::path_of(std::string_view name) const {
    static thread_local std::string path; // used for each file, so it is not allocated each time
    path.assign(path_.native());
    path.append(path.ends_with('/') ? "" : "/");
    return path.append(is_of_another_host_ && is_of_a_process(name) ? "1/" : "").append(name);
}

namespace {

/// Returns the result of one call of read; nothing, with errno set, if it failed.
std::optional<std::size_t> read_once(int file, std::span<char> buffer) noexcept {
    ssize_t got = 0;
    do {
        got = ::read(file, buffer.data(), buffer.size());
    } while (got < 0 && errno == EINTR);
    return got < 0 ? std::nullopt : std::optional{static_cast<std::size_t>(got)};
}

/// Fills `buffer` from `file`. Returns the number of bytes; nothing, with errno set, if it failed.
std::optional<std::size_t> read_into(int file, std::span<char> buffer) noexcept {
    std::size_t size = 0;
    while (size < buffer.size()) {
        const std::optional<std::size_t> got = read_once(file, buffer.subspan(size));
        if (!got) {
            return std::nullopt;
        }
        if (*got == 0) {
            break;
        }
        size += *got;
    }
    return size;
}

/// The same for a file of many records, each far shorter than half a page. The kernel returns at most a page for each call, so a
/// call that returns much less was the last. A further call would return nothing, but go through the kernel's whole table once
/// more.
std::optional<std::size_t> read_pages(int file, std::span<char> buffer) noexcept {
    constexpr std::size_t half_a_page = 2048;
    std::size_t size = 0;
    std::size_t last = half_a_page;
    while (size < buffer.size() && last >= half_a_page) {
        const std::optional<std::size_t> got = read_once(file, buffer.subspan(size));
        if (!got) {
            return std::nullopt;
        }
        last = *got;
        size += last;
    }
    return size;
}

} // namespace

int Root::open_file(const char* name) const {
    const int file = open_below(name, O_RDONLY | O_CLOEXEC);
    if (file < 0 && !is_gone(errno)) {
        fail("cannot open", name);
    }
    return file;
}

std::optional<std::string_view> Root::read(const char* name, std::span<char> buffer) const {
    return read_with(&read_into, name, buffer);
}

std::optional<std::string_view> Root::read_begin(const char* name, std::span<char> buffer) const {
    return read_with(&read_once, name, buffer);
}

std::optional<std::string_view> Root::read_with(ReadCall* call, const char* name, std::span<char> buffer) const {
    const base::UniqueFd file{open_file(name)};
    if (!file.valid()) {
        return std::nullopt;
    }
    const std::optional<std::size_t> size = call(file.get(), buffer);
    if (!size && is_gone(errno)) {
        return std::nullopt;
    }
    if (!size) {
        fail("cannot read", name);
    }
    return std::string_view{buffer.data(), *size};
}

std::string_view Root::need(const char* name, std::span<char> buffer) const { return needed(read(name, buffer), name); }

std::optional<std::string_view> Root::read_all(const char* name, std::string& buffer) const {
    const base::UniqueFd file{open_file(name)};
    if (!file.valid()) {
        return std::nullopt;
    }
    buffer.resize(std::max(buffer.capacity(), least_buffer));
    std::size_t size = 0;
    while (true) {
        const auto got = read_into(file.get(), std::span{buffer}.subspan(size));
        if (!got && is_gone(errno)) {
            return std::nullopt;
        }
        if (!got) {
            fail("cannot read", name);
        }
        size += *got;
        if (size < buffer.size()) {
            return std::string_view{buffer.data(), size};
        }
        if (size >= largest_file) {
            throw ParseError{(path_ / name).string().append(": is larger than any such file can be")};
        }
        buffer.resize(2 * size);
    }
}

std::string_view Root::need_all(const char* name, std::string& buffer) const {
    return needed(read_all(name, buffer), name);
}

bool Root::read_blocks(const char* name, std::string& buffer, const std::function<void(std::string_view)>& f) const {
    return read_blocks_with(&read_into, name, buffer, f);
}

bool Root::read_socket_table(const char* name, std::string& buffer,
                             const std::function<void(std::string_view)>& f) const {
    return read_blocks_with(&read_pages, name, buffer, f);
}

bool Root::read_blocks_with(ReadCall* call, const char* name, std::string& buffer,
                            const std::function<void(std::string_view)>& f) const {
    const base::UniqueFd file{open_file(name)};
    if (!file.valid()) {
        return false;
    }
    buffer.resize(std::max(buffer.capacity(), least_buffer));
    std::size_t held = 0; // bytes of an incomplete line from the last block
    while (true) {
        const auto got = call(file.get(), std::span{buffer}.subspan(held));
        if (!got && !is_gone(errno)) {
            fail("cannot read", name);
        }
        const std::string_view text{buffer.data(), held + got.value_or(0)};
        if (text.size() < buffer.size()) { // the end
            f(text);
            return true;
        }
        const std::size_t end = text.rfind('\n') + 1; // 0 without a newline
        if (end == 0 && buffer.size() >= longest_line) {
            throw ParseError{(path_ / name).string().append(": has a line that is longer than any such line can be")};
        }
        if (end == 0) {
            held = text.size();
            buffer.resize(2 * buffer.size());
            continue;
        }
        f(text.substr(0, end));
        held = text.size() - end;
        std::copy(text.begin() + static_cast<std::ptrdiff_t>(end), text.end(), buffer.begin());
    }
}

std::string_view Root::needed(const std::optional<std::string_view>& text, const char* name) const {
    if (!text) {
        errno = ENOENT;
        fail("cannot open", name);
    }
    return *text;
}

void Root::each_name(const char* name, const std::function<void(std::string_view)>& f) const {
    // A new descriptor, so that the directory is read from the start. opendir would allocate.
    const base::UniqueFd directory{open_below(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!directory.valid() && errno == ENOENT) {
        return;
    }
    if (!directory.valid()) {
        fail("cannot open", name);
    }
    alignas(dirent64) std::array<char, 8192> entries; // NOLINT(*-member-init): getdents64 fills the bytes that are used
    while (true) {
        const ssize_t size = getdents64(directory.get(), entries.data(), entries.size());
        if (size < 0) {
            fail("cannot list", name);
        }
        if (size == 0) {
            return;
        }
        for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
            const auto* const entry = reinterpret_cast<const dirent64*>(&entries[at]); // NOLINT(*-reinterpret-cast)
            f(static_cast<const char*>(entry->d_name));
            at += entry->d_reclen;
        }
    }
}

void Root::list_pids(std::vector<int>& pids) const {
    pids.clear();
    each_name(".", [&pids](std::string_view name) {
        if (const std::optional<int> pid = base::whole_number<int>(name); pid && *pid > 0) {
            pids.push_back(*pid);
        }
    });
}

std::vector<std::string> Root::list(const char* name) const {
    std::vector<std::string> names;
    each_name(name, [&](std::string_view entry) {
        if (!entry.starts_with('.')) {
            names.emplace_back(entry);
        }
    });
    std::sort(names.begin(), names.end());
    return names;
}

bool Root::has(const char* name) const noexcept {
    if (!is_of_another_host_ || !is_of_a_process(name)) {
        return faccessat(directory_, name, F_OK, 0) == 0;
    }
    return faccessat(directory_, RelativePath{"1/"}.append(name).c_str(), F_OK, 0) == 0;
}

} // namespace tickertape::proc
