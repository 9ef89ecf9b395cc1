// SPDX-License-Identifier: MIT
/// \file
/// PidFile: the number of the agent, in a file that is its own while it lives.
#pragma once

#include <string>

#include "base/unique_fd.hpp"

namespace tickertape::cli::agent {

/// Thread safety: none.
class PidFile {
public:
    /// An empty path is none. Throws UsageError if the file cannot be written, and std::runtime_error if an agent that lives has it.
    explicit PidFile(std::string path);

    /// Throws UsageError.
    void write() const;

private:
    std::string path_;
    base::UniqueFd file_; ///< locked
};

} // namespace tickertape::cli::agent
