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
    std::string device;    ///< `/dev/sda1`, `host:/export`, `tmpfs`
    std::string point;     ///< the directory
    std::string type;      ///< `ext4`
    std::string options{}; ///< `rw,hidepid=2`, as the kernel has them; of mountinfo with those of the file system

    /// Whether nothing can be written: it was mounted so, or the file system has stopped after an error.
    [[nodiscard]] bool is_read_only() const noexcept;
};

/// Reads lines `DEVICE POINT TYPE …`; more columns are passed over, and empty lines. An escape that is none stays as it
/// is. Throws ParseError that names `file`, line and token. Pure.
[[nodiscard]] std::vector<Mount> parse_mounts(std::string_view text, std::string_view file, SkippedRows& skipped);

/// A line of /proc/self/mountinfo, where mounts have numbers.
struct MountInfo {
    Mount mount;
    int id;
    int parent;              ///< the mount that it is on
    std::string file_system; ///< `8:1`, of one file system at several places the same
};

/// Reads lines `ID PARENT MAJOR:MINOR ROOT POINT OPTIONS … - TYPE DEVICE SUPER_OPTIONS`. A row that is none is left out. Pure but
/// for `skipped`.
[[nodiscard]] std::vector<MountInfo> parse_mountinfo(std::string_view text, std::string_view file,
                                                     SkippedRows& skipped);

/// The mounts that are not hidden by another mount on the same directory or on one above. Pure.
[[nodiscard]] std::vector<MountInfo> visible(const std::vector<MountInfo>& all);

/// The mounts that are not hidden. Without mountinfo, the last mount on each directory counts, and a device below /dev identifies its file
/// system.
///
/// Thread safety: none.
class MountReader {
public:
    /// Reads the file, and parses it only if it has changed; nothing is allocated otherwise. Returns whether it has. Throws
    /// std::system_error or ParseError that names the file.
    bool read(const Root& root);
    [[nodiscard]] const std::vector<MountInfo>& mounts() const noexcept { return mounts_; }

private:
    std::string buffer_;
    std::string parsed_; // the text that `mounts_` is of
    bool has_numbers_ = false;
    std::vector<MountInfo> mounts_;
};

} // namespace tickertape::proc
