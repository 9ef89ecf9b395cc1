// SPDX-License-Identifier: MIT
/// \file
/// Giving up root.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

namespace tickertape::collector {

[[nodiscard]] bool user_exists(const std::string& name);

/// Makes this process, if it is root's, one of `user`, with that user's own group and, if given, `extra_group`, and no
/// others, for good. Does nothing if it is not root's, or if `user` is root. Throws UsageError when there is no such
/// user, and std::system_error when the kernel refuses.
void become(const std::string& user, std::optional<gid_t> extra_group);

/// The group that a process needs to read `file`: the file's own if that may and others may not; `adm`, to which logs are
/// open, if there is no such file (yet). Nothing if no group helps.
[[nodiscard]] std::optional<gid_t> group_to_read(const std::filesystem::path& file);

} // namespace tickertape::collector
