// SPDX-License-Identifier: MIT
/// \file
/// Folder: the place of one queue on disk, and the lock that says whose it is.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/syscalls.hpp"
#include "base/unique_fd.hpp"

namespace tickertape::spool {

/// The reason why something cannot be done, as a sentence; empty if nothing is wrong.
struct Trouble {
    enum class Kind : std::uint8_t {
        none,
        failed,  ///< the disk refuses; it may work later
        held,    ///< another process has the queue, or another object of this one
        foreign, ///< not ours: another user's, or a newer version's
        gone,    ///< the folder and its files do not exist any more
    };
    Kind kind = Kind::none;
    std::string sentence{};

    explicit operator bool() const noexcept { return kind != Kind::none; }
    /// `cannot VERB 'PATH': No space left on device`; reads errno.
    [[nodiscard]] static Trouble of_errno(std::string_view verb, std::string_view path);
};

/// The name of a queue's folder, the same in each run of a program: `push,main,tsd.example.com:4242`. Different queues have
/// different names: bytes that a name does not show become `%XX`. Throws UsageError when it is longer than a file name can be.
[[nodiscard]] std::string folder_name(std::string_view program, std::string_view instance, std::string_view target);

/// Program, instance and target of a folder's name; nothing if it is no such name.
[[nodiscard]] std::optional<std::array<std::string, 3>> parts_of_folder_name(std::string_view name);

/// A folder that this process has locked. The kernel gives the lock up when the process ends, and no child of a fork has it.
///
/// Thread safety: immutable.
class Folder {
public:
    /// Makes the folder, and the one above it, if they do not exist. It must belong to this user, and no other user may write to it.
    [[nodiscard]] static std::unique_ptr<Folder> open(std::string path, base::Syscalls& syscalls, Trouble& trouble);
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder();

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] std::string path_of(std::string_view name) const;
    /// Opens a regular file of this user; does not follow links. Nothing if it cannot or may not be: `trouble` says why.
    [[nodiscard]] std::optional<base::UniqueFd> open_file(std::string_view name, Trouble& trouble) const;
    /// Makes a file that is not there yet. An invalid descriptor and errno on failure.
    [[nodiscard]] base::UniqueFd make_file(std::string_view name) const;
    [[nodiscard]] bool list(std::vector<std::string>& names) const;
    /// Makes births and deaths of files outlast a power loss. Whether it worked.
    [[nodiscard]] bool sync() const;
    /// Whether its path still leads here.
    [[nodiscard]] bool is_there() const;
    [[nodiscard]] std::int64_t free_bytes() const;

private:
    struct Identity {
        dev_t device = 0;
        ino_t inode = 0;
        friend auto operator<=>(const Identity&, const Identity&) = default;
    };
    class Held;

    Folder(std::string path, base::Syscalls& syscalls) : path_{std::move(path)}, syscalls_{&syscalls} {}
    [[nodiscard]] bool own(Trouble& trouble);
    [[nodiscard]] bool lock(Trouble& trouble);

    std::string path_;
    base::Syscalls* syscalls_;
    base::UniqueFd folder_;
    Identity identity_{};
    base::UniqueFd lock_;
    bool is_held_ = false;
};

} // namespace tickertape::spool
