// SPDX-License-Identifier: MIT
/// \file
/// AtomicFile: a file that appears as a whole or not at all.
#pragma once

#include <string>
#include <string_view>

#include "base/unique_fd.hpp"

namespace tickertape::cli::page {

/// Writes beside the final place. `commit` moves the file there, so readers see the old file or the new one. Without `commit`
/// nothing remains. A file that is not regular (a pipe, /dev/stdout) is written to directly.
///
/// Thread safety: none.
class AtomicFile {
public:
    /// Throws std::system_error that names the file if it cannot be written. If it is a symbolic link, its target is replaced.
    explicit AtomicFile(const std::string& path);
    ~AtomicFile();
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    /// Throws std::system_error that names the file.
    void write(std::string_view text);
    void commit();

private:
    [[noreturn]] void fail() const;

    std::string name_; ///< the name that the caller gave
    std::string place_;
    std::string temporary_; ///< empty: the file is written to directly
    base::UniqueFd fd_;
    bool has_name_ = false; ///< `temporary_` exists and belongs to this object
};

} // namespace tickertape::cli::page
