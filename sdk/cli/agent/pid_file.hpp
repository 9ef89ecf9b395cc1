// SPDX-License-Identifier: MIT
/// \file
/// PidFile: a file with the process id of the agent, locked while the agent lives.
#pragma once

#include <string>

#include "base/unique_fd.hpp"

namespace tickertape::cli::agent {

/// Thread safety: none.
class PidFile {
public:
    /// Locks the file; an empty path means no file. Throws UsageError if it cannot be written, and std::runtime_error if another
    /// living agent has locked it.
    explicit PidFile(std::string path);

    /// Writes the process id. Throws UsageError.
    void write() const;

private:
    std::string path_;
    base::UniqueFd file_; ///< locked
};

} // namespace tickertape::cli::agent
