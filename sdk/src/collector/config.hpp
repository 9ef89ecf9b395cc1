// SPDX-License-Identifier: MIT
/// \file
/// Config files: `key = value` lines, named like the flags without their dashes.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tickertape::collector {

/// One file's settings.
struct ConfigFile {
    std::filesystem::path path;
    std::map<std::string, std::vector<std::string>, std::less<>> values; ///< by key
};

/// Reads `key = value` lines. A value is the rest of its line, without blanks around it, or the unchanged text between single
/// or double quotes. `#` begins a comment, at the start of a line or after a blank. A key may have several
/// lines. Throws UsageError that names `path` and the line. Pure.
[[nodiscard]] ConfigFile parse_config(std::string_view text, const std::filesystem::path& path);

/// The line that parse_config reads as `key` and `value`, quoted if it has to be; there is none for a value that has both
/// kinds of quotes and begins with one.
[[nodiscard]] std::string config_line(const std::string& key, const std::string& value);

/// Reads a file; nothing if there is none. Throws UsageError when it cannot be read or, for root, when another user could
/// have written it: it does not belong to root, or its group or others may write it.
[[nodiscard]] std::optional<ConfigFile> read_config(const std::filesystem::path& path, uid_t reader);

/// Where a collector looks, strongest first: `etc/NAME.conf` beside the numbered directory that it was started from
/// (tcollector's collectors/etc), then NAME.conf and common.conf in `etc`.
[[nodiscard]] std::vector<std::filesystem::path>
config_paths(const std::string& name, const std::filesystem::path& started_as, const std::filesystem::path& etc);

} // namespace tickertape::collector
