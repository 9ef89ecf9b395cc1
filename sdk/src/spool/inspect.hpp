// SPDX-License-Identifier: MIT
/// \file
/// inspect: reads the content of a spool from outside.
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
    std::uint64_t waiting = 0; ///< unsettled points
    std::uint64_t damaged = 0; ///< runs of bytes that belong to no sound record
};

struct QueueReport {
    std::vector<FileReport> files{};
    std::uint64_t bytes = 0;
    std::uint64_t waiting = 0;
    std::uint64_t damaged = 0;
    std::uint64_t ever_dropped = 0; ///< points that limits have dropped
};

/// Takes waiting points of one record. The first point of the record has the number `first`.
using TakeWaiting = std::function<void(std::string_view payload, std::uint64_t first, Range waiting)>;

/// Reads all files of a queue's folder. It changes nothing and takes no lock, so the queue may be in use. It leaves out files
/// that are deleted meanwhile. Sets `trouble` if the folder cannot be listed.
[[nodiscard]] QueueReport inspect(const std::string& path, base::Syscalls& syscalls, Trouble& trouble,
                                  const TakeWaiting& take = {});

} // namespace tickertape::spool
