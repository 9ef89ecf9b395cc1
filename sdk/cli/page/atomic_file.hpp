// SPDX-License-Identifier: MIT
/// \file
/// AtomicFile: a file that is there as a whole or not at all.
#pragma once

#include <string>
#include <string_view>

#include "base/unique_fd.hpp"

namespace tickertape::cli::page {

/// Written beside its place and put there by `commit`, so that readers see the old file or the new one. Without a commit
/// nothing is left behind. A file that is not regular (a pipe, /dev/stdout) is written to directly.
///
/// Thread safety: none.
class AtomicFile {
public:
    /// Throws std::system_error that names the file if it cannot be written. A symbolic link stays, its target is replaced.
    explicit AtomicFile(const std::string& path);
    ~AtomicFile();
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    /// Throws std::system_error that names the file.
    void write(std::string_view text);
    void commit();

private:
    [[noreturn]] void fail() const;

    std::string name_; ///< as it was asked for
    std::string place_;
    std::string temporary_; ///< empty: it is written to in place
    base::UniqueFd fd_;
    bool has_name_ = false; ///< `temporary_` is ours
};

} // namespace tickertape::cli::page
