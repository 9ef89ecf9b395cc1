// SPDX-License-Identifier: MIT
/// \file
/// Gives up root privileges.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

namespace tickertape::collector {

[[nodiscard]] bool user_exists(const std::string& name);

/// If this process is root's, makes it one of `user` for good. It then has that user's group and, if given, `extra_group`, and no
/// other groups. Does nothing if the process is not root's, or if `user` is root. Throws UsageError if the user does not exist,
/// and std::system_error if the kernel refuses.
void become(const std::string& user, std::optional<gid_t> extra_group);

/// Returns the group that a process needs to read `file`: the group of the file if that may read it and others may not; `adm`,
/// which may read logs, if the file does not exist (yet). Nothing if no group helps.
[[nodiscard]] std::optional<gid_t> group_to_read(const std::filesystem::path& file);

} // namespace tickertape::collector
