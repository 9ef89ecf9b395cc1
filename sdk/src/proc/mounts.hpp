// SPDX-License-Identifier: MIT
/// \file
/// /proc/mounts: the mounted file systems.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proc/root.hpp"

namespace tickertape::proc {

/// A mount; see fstab(5). What the kernel escapes (`\\040` for a blank) is as it was.
struct Mount {
    std::string device; ///< `/dev/sda1`, `host:/export`, `tmpfs`
    std::string point;  ///< the directory
    std::string type;   ///< `ext4`
};

/// Reads lines `DEVICE POINT TYPE …`; more columns are passed over, and empty lines. An escape that is none stays as it
/// is. Throws ParseError that names `file`, line and token. Pure.
[[nodiscard]] std::vector<Mount> parse_mounts(std::string_view text, std::string_view file);

/// Throws std::system_error or ParseError that names the file.
[[nodiscard]] std::vector<Mount> read_mounts(const Root& root, std::string& buffer);

} // namespace tickertape::proc
