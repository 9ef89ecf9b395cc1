// SPDX-License-Identifier: MIT
/// \file
/// /proc/sys/kernel/random/entropy_avail: how much randomness the kernel holds ready.
#pragma once

#include <tickertape/proc/number_file.hpp>

namespace tickertape::proc {

/// Bits; always 256 since Linux 5.18. Nothing if there is no such file. Throws as read_number_file does.
[[nodiscard]] inline std::optional<std::int64_t> read_entropy_avail(const Root& root) {
    return read_number_file(root, "sys/kernel/random/entropy_avail");
}

} // namespace tickertape::proc
