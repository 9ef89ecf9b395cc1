// SPDX-License-Identifier: MIT
/// \file
/// /proc/sys/fs/file-nr: the number of open files on the whole host.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <tickertape/proc/root.hpp>

namespace tickertape::proc {

/// Open file descriptions. Duplicated descriptors share one.
struct FileNr {
    std::uint64_t allocated; ///< in use
    std::uint64_t maximum;   ///< the limit; only root may open files beyond it
};

/// Reads `ALLOCATED UNUSED MAXIMUM` and subtracts UNUSED, which is 0 since Linux 2.6. Throws ParseError that names `file` and the
/// token. Pure.
[[nodiscard]] FileNr parse_file_nr(std::string_view text, std::string_view file);

/// Nothing if there is no such file. Throws std::system_error or ParseError that names it.
[[nodiscard]] std::optional<FileNr> read_file_nr(const Root& root);

} // namespace tickertape::proc
