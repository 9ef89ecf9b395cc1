// SPDX-License-Identifier: MIT
/// \file
/// FixtureRoot: a directory of files that replaces /proc.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace tickertape::testkit {

/// A directory of its own with the given files, below the system's temporary directory; removed at the end. Collectors
/// read it in place of `/proc`: `read_load(proc.path())`.
///
/// Thread safety: none; one object per thread.
class FixtureRoot {
public:
    /// Each file is a path relative to the root, as in `{"net/dev", "…"}`, and its text. Throws
    /// std::filesystem::filesystem_error or UsageError, as `write` does.
    FixtureRoot(std::initializer_list<std::pair<std::string_view, std::string_view>> files = {});
    FixtureRoot(const FixtureRoot&) = delete;
    FixtureRoot& operator=(const FixtureRoot&) = delete;
    ~FixtureRoot();

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

    /// Makes the file, and the directories it is in, or replaces its content. Throws UsageError for a path that leads out
    /// of the root, and std::filesystem::filesystem_error when the file cannot be written.
    void write(std::string_view file, std::string_view text);
    /// Removes the file, or the directory with everything in it. A missing file is no error. Throws as `write` does.
    void remove(std::string_view file);

private:
    std::filesystem::path path_;
};

} // namespace tickertape::testkit
