// SPDX-License-Identifier: MIT
#include "spool/folder.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include <tickertape/name.hpp>

#include "base/concat.hpp"
#include "base/forks.hpp"
#include "base/quote.hpp"
#include "base/whole_number.hpp"

namespace tickertape::spool {

namespace {

constexpr std::string_view lock_name{"lock"};

bool is_shown(char c) { return is_name_character(c) ? c != '/' : c == ':' || c == '[' || c == ']' || c == '@'; }

void append_escaped(std::string& name, std::string_view part) {
    constexpr std::string_view digits{"0123456789ABCDEF"};
    for (const char c : part) {
        if (is_shown(c)) {
            name.push_back(c);
        } else {
            const auto byte = static_cast<unsigned char>(c);
            name.append({'%', digits[byte >> 4U], digits[byte & 15U]});
        }
    }
}

} // namespace

/// The folders that objects of this process hold. The kernel does not distinguish these objects.
class Folder::Held {
public:
    bool add(const Identity& identity) {
        const std::lock_guard lock{mutex_};
        return all_.insert(identity).second;
    }
    void remove(const Identity& identity) noexcept {
        const std::lock_guard lock{mutex_};
        all_.erase(identity);
    }
    /// Returns the set of this process. It is never destroyed, because static objects may have a spool. A child of a fork holds
    /// none of its parent's folders.
    static Held& of_process() {
        constinit static base::PerProcess<Held> held;
        return held.get();
    }

private:
    std::mutex mutex_;
    std::set<Identity> all_;
};

Trouble Trouble::of_errno(std::string_view verb, std::string_view path) {
    const int error = errno;
    std::string sentence = base::concat("cannot ", verb, " ", base::quote(path), ": ");
    return {.kind = Kind::failed, .sentence = sentence.append(std::generic_category().message(error))};
}

std::string folder_name(std::string_view program, std::string_view instance, std::string_view target) {
    std::string name;
    append_escaped(name, program);
    append_escaped(name.append(","), instance);
    append_escaped(name.append(","), target);
    if (name.starts_with('.')) {
        name.replace(0, 1, "%2E");
    }
    if (name.size() > NAME_MAX) {
        throw UsageError{base::concat("the folder of a spool would have a name of ", name.size(),
                                      " bytes, and a file system takes ", NAME_MAX,
                                      "; give the queue a name of its own")};
    }
    return name;
}

std::optional<std::array<std::string, 3>> parts_of_folder_name(std::string_view name) {
    constexpr int hexadecimal = 16;
    std::array<std::string, 3> parts;
    std::size_t part = 0;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (name[i] == ',') {
            if (++part == parts.size()) {
                return std::nullopt;
            }
        } else if (name[i] == '%') {
            const std::string_view digits = name.substr(i + 1, 2);
            const std::optional<unsigned> byte = base::whole_number<unsigned>(digits, hexadecimal);
            if (!byte || digits.size() != 2) {
                return std::nullopt;
            }
            parts[part].push_back(static_cast<char>(*byte));
            i += 2;
        } else {
            parts[part].push_back(name[i]);
        }
    }
    return part + 1 == parts.size() ? std::optional{parts} : std::nullopt;
}

std::unique_ptr<Folder> Folder::open(std::string path, base::Syscalls& syscalls, Trouble& trouble) {
    std::unique_ptr<Folder> folder{new Folder{std::move(path), syscalls}};
    const std::string above = folder->path_.substr(0, folder->path_.find_last_of('/'));
    const int error_above = !above.empty() && syscalls.mkdir(above.c_str(), 0700) != 0 ? errno : 0;
    if (syscalls.mkdir(folder->path_.c_str(), 0700) != 0 && errno != EEXIST) {
        const bool is_above = errno == ENOENT && error_above != 0;
        errno = is_above ? error_above : errno;
        trouble = Trouble::of_errno("make", is_above ? above : folder->path_);
        return nullptr;
    }
    return folder->own(trouble) && folder->lock(trouble) ? std::move(folder) : nullptr;
}

Folder::~Folder() {
    if (is_held_) {
        Held::of_process().remove(identity_);
    }
}

bool Folder::own(Trouble& trouble) {
    folder_ = base::UniqueFd{syscalls_->open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)};
    struct stat status{};
    if (!folder_.valid() || syscalls_->fstat(folder_.get(), &status) != 0) {
        trouble = Trouble::of_errno("open", path_);
        return false;
    }
    if (status.st_uid != syscalls_->effective_user() || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        trouble = {.kind = Trouble::Kind::foreign,
                   .sentence = base::quote(path_).append(status.st_uid != syscalls_->effective_user()
                                                             ? " belongs to another user"
                                                             : " may be written to by others (chmod go-w)")};
        return false;
    }
    identity_ = {.device = status.st_dev, .inode = status.st_ino};
    return true;
}

bool Folder::lock(Trouble& trouble) {
    const auto held = [this, &trouble](std::string_view by) {
        trouble = {.kind = Trouble::Kind::held, .sentence = base::quote(path_).append(" is in use by ").append(by)};
        return false;
    };
    // Checked first, because closing a second descriptor of the file would release the lock of the first.
    if (!Held::of_process().add(identity_)) {
        return held("this process");
    }
    is_held_ = true;
    const std::string path = path_of(lock_name);
    lock_ = base::UniqueFd{syscalls_->open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600)};
    if (!lock_.valid()) {
        trouble = Trouble::of_errno("open", path);
        return false;
    }
    if (syscalls_->lock(lock_.get()) != 0) {
        if (errno == EAGAIN || errno == EACCES) {
            return held("another process");
        }
        trouble = Trouble::of_errno("lock", path);
        return false;
    }
    return true;
}

std::string Folder::path_of(std::string_view name) const { return base::concat(path_, "/", name); }

std::optional<base::UniqueFd> Folder::open_file(std::string_view name, Trouble& trouble) const {
    const std::string path = path_of(name);
    base::UniqueFd file{syscalls_->open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0)};
    struct stat status{};
    if (!file.valid() || syscalls_->fstat(file.get(), &status) != 0) {
        const bool is_gone = errno == ENOENT;
        trouble = Trouble::of_errno("open", path);
        trouble.kind = is_gone ? Trouble::Kind::gone : Trouble::Kind::failed;
        return std::nullopt;
    }
    if (!S_ISREG(status.st_mode) || status.st_uid != syscalls_->effective_user()) {
        trouble = {.kind = Trouble::Kind::foreign, .sentence = base::quote(path).append(" is no file of this user")};
        return std::nullopt;
    }
    return file;
}

base::UniqueFd Folder::make_file(std::string_view name) const {
    return base::UniqueFd{
        syscalls_->open(path_of(name).c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
}

bool Folder::list(std::vector<std::string>& names) const { return syscalls_->list(path_.c_str(), names) == 0; }

bool Folder::sync() const { return syscalls_->fsync(folder_.get()) == 0; }

bool Folder::is_there() const {
    struct stat status{};
    return syscalls_->lstat(path_.c_str(), &status) == 0 &&
           Identity{.device = status.st_dev, .inode = status.st_ino} == identity_;
}

std::int64_t Folder::free_bytes() const { return syscalls_->free_bytes(folder_.get()); }

} // namespace tickertape::spool
