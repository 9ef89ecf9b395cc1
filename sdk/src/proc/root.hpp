// SPDX-License-Identifier: MIT
/// \file
/// Root: a directory that looks like /proc, and reading the small files below it.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tickertape::proc {

/// A kernel file that does not look as it should. `what()` names file, line and token.
class ParseError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A directory of the kernel's process files, opened once.
///
/// Thread safety: const members may be called from any thread.
class Root {
public:
    /// Throws std::system_error that names the directory if it cannot be opened.
    explicit Root(std::filesystem::path path);
    Root(const Root&) = delete;
    Root& operator=(const Root&) = delete;
    ~Root();

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

    /// Reads `name`, a path below the root, into `buffer`; what does not fit is left out, as the sizes of pseudo-files are
    /// not known before. Nothing if the file does not exist (any more). Throws std::system_error that names the file
    /// otherwise. Does not allocate unless it throws.
    [[nodiscard]] std::optional<std::string_view> read(const char* name, std::span<char> buffer) const;

    /// The same for a file that must be there: throws std::system_error that names it if it is not.
    [[nodiscard]] std::string_view need(const char* name, std::span<char> buffer) const;

    /// Fills `pids` with the processes, in the order of the directory. Throws std::system_error.
    void list_pids(std::vector<int>& pids) const;

private:
    [[noreturn]] void fail(const char* what, const char* name) const;

    std::filesystem::path path_;
    int directory_;
};

} // namespace tickertape::proc
