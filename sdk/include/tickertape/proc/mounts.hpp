// SPDX-License-Identifier: MIT
/// \file
/// /proc/mounts: the mounted file systems.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tickertape/proc/root.hpp>

namespace tickertape::proc {

/// A mount; see fstab(5). The kernel's escapes (`\\040` for a blank) are undone.
struct Mount {
    std::string device; ///< `/dev/sda1`, `host:/export`, `tmpfs`
    std::string point;  ///< the directory
    std::string type;   ///< `ext4`
    std::string
        options{}; ///< options such as `rw,hidepid=2`, as the kernel writes them; from mountinfo also those of the file system

    /// Returns whether nothing can be written: it was mounted read-only, or the file system has stopped after an error.
    [[nodiscard]] bool is_read_only() const noexcept;
};

/// Reads lines `DEVICE POINT TYPE …`; further columns and empty lines are ignored. An invalid escape is not changed. Throws
/// ParseError that names `file`, line and token. Pure.
[[nodiscard]] std::vector<Mount> parse_mounts(std::string_view text, std::string_view file, SkippedRows& skipped);

/// A line of /proc/self/mountinfo, where mounts have numbers.
struct MountInfo {
    Mount mount;
    int id;
    int parent;              ///< the id of the mount below it
    std::string file_system; ///< such as `8:1`; the same for all mounts of one file system
};

/// Reads lines `ID PARENT MAJOR:MINOR ROOT POINT OPTIONS … - TYPE DEVICE SUPER_OPTIONS`. Rows of another form are left out. Pure,
/// except for `skipped`.
[[nodiscard]] std::vector<MountInfo> parse_mountinfo(std::string_view text, std::string_view file,
                                                     SkippedRows& skipped);

/// Returns the mounts that no other mount hides: none on the same directory or on one above it. Pure.
[[nodiscard]] std::vector<MountInfo> visible(const std::vector<MountInfo>& all);

/// Finds the mounts that are not hidden. Without mountinfo, it takes the last mount on each directory, and a device below /dev
/// identifies its file system.
///
/// Thread safety: none.
class MountReader {
public:
    /// Reads the file, and parses it only if it has changed; otherwise it allocates nothing. Returns whether it has changed.
    /// Throws std::system_error or ParseError that names the file.
    bool read(const Root& root);
    [[nodiscard]] const std::vector<MountInfo>& mounts() const noexcept { return mounts_; }

private:
    std::string buffer_;
    std::string parsed_; // the text from which `mounts_` was made
    bool has_numbers_ = false;
    std::vector<MountInfo> mounts_;
};

} // namespace tickertape::proc
