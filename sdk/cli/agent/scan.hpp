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

/// A program to run: the file `DIRECTORY/INTERVAL/NAME`.
struct Program {
    std::string name{};
    std::chrono::seconds interval{0}; ///< 0: it runs all the time
    std::string path{};
    std::int64_t changed = 0; ///< its modification time, in whole seconds since 1970

    friend bool operator==(const Program&, const Program&) = default;
};

/// The content of a directory at one moment.
struct Scan {
    std::vector<Program> programs{}; ///< ordered by interval, then by name
    /// Folders that exist and cannot be read: their programs are not known.
    std::vector<std::chrono::seconds> unreadable{};
    std::vector<std::string> complaints{}; ///< sentences
    bool is_complete = true;               ///< false: the directory itself cannot be read
};

/// Scans the folders of `directory` whose names are numbers. A program is a regular file, or a link to one, that this
/// process may execute and whose name does not begin with a dot.
[[nodiscard]] Scan scan(const std::filesystem::path& directory);
/// Opens a file and reads its first byte. Returns when the file system has answered, whatever its answer.
void wait_for_file(const std::string& path);

} // namespace tickertape::cli::agent
