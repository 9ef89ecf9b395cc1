// SPDX-License-Identifier: MIT
/// \file
/// scan: the programs in a directory of collectors.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace tickertape::cli::agent {

/// A file that is to run: `DIRECTORY/INTERVAL/NAME`.
struct Program {
    std::string name{};
    std::chrono::seconds interval{0}; ///< 0: it runs all the time
    std::string path{};
    std::int64_t changed = 0; ///< its modification time, in whole seconds since 1970

    friend bool operator==(const Program&, const Program&) = default;
};

/// What a directory has at one moment.
struct Scan {
    std::vector<Program> programs{}; ///< ordered by interval, then by name
    /// Folders that are there and cannot be read: it is not known what is in them.
    std::vector<std::chrono::seconds> unreadable{};
    std::vector<std::string> complaints{}; ///< sentences
    bool is_complete = true;               ///< false: the directory itself cannot be read
};

/// Looks into the folders of `directory` that are named by a number. A program is a regular file, or a link to one, that this
/// process may execute and whose name does not begin with a point.
[[nodiscard]] Scan scan(const std::filesystem::path& directory);

} // namespace tickertape::cli::agent
