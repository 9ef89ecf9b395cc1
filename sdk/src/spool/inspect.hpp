// SPDX-License-Identifier: MIT
/// \file
/// inspect: the content of a spool, read from outside.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/syscalls.hpp"
#include "spool/folder.hpp"
#include "spool/format.hpp"
#include "spool/ranges.hpp"

namespace tickertape::spool {

struct FileReport {
    std::string name{};
    HeaderKind header = HeaderKind::good;
    std::uint64_t bytes = 0;
    std::uint64_t records = 0;
    std::uint64_t waiting = 0; ///< points that are not settled
    std::uint64_t damaged = 0; ///< stretches of bytes that are part of no sound record
};

struct QueueReport {
    std::vector<FileReport> files{};
    std::uint64_t bytes = 0;
    std::uint64_t waiting = 0;
    std::uint64_t damaged = 0;
    std::uint64_t ever_dropped = 0; ///< points, by caps
};

/// Points that wait, all of one record whose first point has the number `first`.
using TakeWaiting = std::function<void(std::string_view payload, std::uint64_t first, Range waiting)>;

/// Reads all files of a queue's folder, changes nothing and takes no lock, so it also works while the queue is in use. Files that
/// are deleted meanwhile are left out. `trouble` if the folder cannot be listed.
[[nodiscard]] QueueReport inspect(const std::string& path, base::Syscalls& syscalls, Trouble& trouble,
                                  const TakeWaiting& take = {});

} // namespace tickertape::spool
