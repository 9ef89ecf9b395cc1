// SPDX-License-Identifier: MIT
/// \file
/// MountSpace: statvfs with a deadline.
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

/// Asks in a child process how full file systems are. If a mount does not answer in time, for example because its file server is gone, the
/// child and a thread go on waiting for it, and the mount is not asked again until it has answered; the next mount gets a new child. A
/// child that hangs may be unkillable, but does not delay this process: they share no descriptor. It ends with this process or when the
/// mount answers.
///
/// Thread safety: none; one thread at a time.
class MountSpace {
public:
    using Call = std::function<int(const char* path, struct statvfs* space)>;

    MountSpace();
    /// Calls `call` instead of statvfs, on threads of this process, several at once. It has the contract of statvfs.
    explicit MountSpace(Call call);
    MountSpace(const MountSpace&) = delete;
    MountSpace& operator=(const MountSpace&) = delete;
    /// Does not wait for mounts that do not answer.
    ~MountSpace();

    /// Nothing if there is no answer within this time, or none yet to an earlier question. Throws std::system_error
    /// that names the mount for any other failure. Blocks for `deadline` at most.
    [[nodiscard]] std::optional<struct statvfs> of(const std::string& mount, std::chrono::milliseconds deadline);

    /// The most mounts without an answer at one time; further mounts are not asked.
    static constexpr std::size_t most_waiting = 64;

private:
    struct Worker;

    Call call_;
    std::shared_ptr<Worker> idle_;
    std::map<std::string, std::shared_ptr<Worker>> waiting_; // by mount
};

} // namespace tickertape::proc
