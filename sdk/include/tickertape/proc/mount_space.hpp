// SPDX-License-Identifier: MIT
/// \file
/// MountSpace: statvfs that does not wait for ever.
#pragma once

#include <sys/statvfs.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace tickertape::proc {

/// Asks in a process of its own how full file systems are. A mount that does not answer in time, as one from a server
/// that is gone, is left to its process, and not asked again until that is back. That process may not be killable, but it
/// does not hold this one up: it has no descriptor of it, and ends with it or when the mount answers.
///
/// Thread safety: none; one thread at a time.
class MountSpace {
public:
    using Call = std::function<int(const char* path, struct statvfs* space)>;

    MountSpace();
    /// `call` has the contract of statvfs, and is called on threads of this process, several at once.
    explicit MountSpace(Call call);
    MountSpace(const MountSpace&) = delete;
    MountSpace& operator=(const MountSpace&) = delete;
    /// Does not wait for mounts that do not answer.
    ~MountSpace();

    /// Nothing if there is no answer within this time, or none yet to an earlier question. Throws std::system_error
    /// that names the mount for any other failure. Blocks for `deadline` at most.
    [[nodiscard]] std::optional<struct statvfs> of(const std::string& mount, std::chrono::milliseconds deadline);

    /// So many may be without an answer at once; more are then not asked.
    static constexpr std::size_t most_waiting = 64;

private:
    struct Worker;

    Call call_;
    std::shared_ptr<Worker> idle_;
    std::map<std::string, std::shared_ptr<Worker>> waiting_; // by mount
};

} // namespace tickertape::proc
