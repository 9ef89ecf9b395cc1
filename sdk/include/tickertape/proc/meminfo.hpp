// SPDX-License-Identifier: MIT
/// \file
/// /proc/meminfo: the use of memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tickertape/proc/root.hpp>

namespace tickertape::proc {

/// A line `NAME: NUMBER [kB]`; see proc_meminfo(5).
struct MemInfo {
    std::string_view name; ///< points into the text; the kernel's name, such as `Active(anon)`
    std::uint64_t value;   ///< bytes if the kernel's unit is kB (1024 bytes), else a count (huge pages)
};

/// Reads lines `NAME: NUMBER` with or without `kB`; empty lines are ignored. Throws ParseError that names `file`, line and token.
/// It also throws if a number of kB does not fit into 64 bits as bytes, and for a text without any line. Pure.
[[nodiscard]] std::vector<MemInfo> parse_meminfo(std::string_view text, std::string_view file, SkippedRows& skipped,
                                                 std::vector<MemInfo> rows = {});

/// Returns `active_anon` for `Active(anon)`: lower case, `_` for other characters than letters and digits, and no `_` at either
/// end. Pure.
[[nodiscard]] std::string plain_name(std::string_view name, std::string plain = {});

/// Throws std::system_error or ParseError that names the file. The names point into `buffer`.
[[nodiscard]] std::vector<MemInfo> read_meminfo(const Root& root, std::string& buffer, std::vector<MemInfo> rows = {});

} // namespace tickertape::proc
