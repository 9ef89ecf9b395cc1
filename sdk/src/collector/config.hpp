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

/// The settings of one file.
struct ConfigFile {
    std::filesystem::path path;
    std::map<std::string, std::vector<std::string>, std::less<>> values; ///< by key
};

/// Reads `key = value` lines. A value is the rest of its line, without blanks around it, or the unchanged text between single
/// or double quotes. `#` begins a comment, at the start of a line or after a blank. A key may have several
/// lines. Throws UsageError that names `path` and the line. Pure.
[[nodiscard]] ConfigFile parse_config(std::string_view text, const std::filesystem::path& path);

/// Returns a line that parse_config reads as `key` and `value`, with quotes if they are needed. No line can hold a value that
/// begins with a quote and has both kinds of quotes.
[[nodiscard]] std::string config_line(const std::string& key, const std::string& value);

/// Reads a file. Returns nothing if it does not exist. Throws UsageError if it cannot be read. For root it also throws if another
/// user may have written the file: the file belongs to another user, or its group or others may write it.
[[nodiscard]] std::optional<ConfigFile> read_config(const std::filesystem::path& path, uid_t reader);

/// Returns the places of a collector's config files, strongest first: `etc/NAME.conf` beside the numbered directory that it was
/// started from (tcollector's collectors/etc), then NAME.conf and common.conf in `etc`.
[[nodiscard]] std::vector<std::filesystem::path>
config_paths(const std::string& name, const std::filesystem::path& started_as, const std::filesystem::path& etc);

} // namespace tickertape::collector
