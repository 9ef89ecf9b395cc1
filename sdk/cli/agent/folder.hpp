// SPDX-License-Identifier: MIT
/// \file
/// is_folder: asks the file system.
#pragma once

#include <filesystem>
#include <system_error>

namespace tickertape::cli::agent {

/// Returns whether a path is a folder, or a link to one. False if it cannot be looked up.
[[nodiscard]] inline bool is_folder(const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::is_directory(path, ignored);
}

} // namespace tickertape::cli::agent
