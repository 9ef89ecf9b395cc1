// SPDX-License-Identifier: MIT
/// \file
/// Folder: the place of one queue on disk, and the lock of its owner.
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

/// The reason for a failure, as a sentence; an empty sentence means success.
struct Trouble {
    enum class Kind : std::uint8_t {
        none,
        failed,  ///< the disk refuses; a later try may work
        held,    ///< another process has the queue, or another object of this process
        foreign, ///< it belongs to another user or a newer version
        gone,    ///< the folder and its files do not exist any more
    };
    Kind kind = Kind::none;
    std::string sentence{};

    explicit operator bool() const noexcept { return kind != Kind::none; }
    /// Makes `cannot VERB 'PATH': No space left on device` from errno.
    [[nodiscard]] static Trouble of_errno(std::string_view verb, std::string_view path);
};

/// Returns the name of a queue's folder, the same in each run of a program: `push,main,tsd.example.com:4242`. Different queues
/// have different names: bytes that a file name cannot show become `%XX`. Throws UsageError if the name is longer than file names
/// may be.
[[nodiscard]] std::string folder_name(std::string_view program, std::string_view instance, std::string_view target);

/// Returns program, instance and target of a folder's name; nothing for other names.
[[nodiscard]] std::optional<std::array<std::string, 3>> parts_of_folder_name(std::string_view name);

/// A folder that this process has locked. The kernel releases the lock when the process ends. No child of a fork has it.
///
/// Thread safety: immutable.
class Folder {
public:
    /// Makes the folder, and its parent, if they do not exist. The folder must belong to this user, and no other user may be able
    /// to write to it.
    [[nodiscard]] static std::unique_ptr<Folder> open(std::string path, base::Syscalls& syscalls, Trouble& trouble);
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder();

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] std::string path_of(std::string_view name) const;
    /// Opens a regular file of this user; does not follow links. Returns nothing, and the reason in `trouble`, if that fails.
    [[nodiscard]] std::optional<base::UniqueFd> open_file(std::string_view name, Trouble& trouble) const;
    /// Creates a new file. On failure, returns an invalid descriptor and sets errno.
    [[nodiscard]] base::UniqueFd make_file(std::string_view name) const;
    [[nodiscard]] bool list(std::vector<std::string>& names) const;
    /// Makes created and deleted files survive a power loss. Returns whether that worked.
    [[nodiscard]] bool sync() const;
    /// Returns whether its path still leads to this folder.
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
