// SPDX-License-Identifier: MIT
/// \file
/// /sys/block: the whole disks, and their names in device mapper.
#pragma once

#include <string>
#include <string_view>

#include <tickertape/proc/root.hpp>

namespace tickertape::proc {

/// Returns whether `name`, as in /proc/diskstats, is a whole block device, not a partition. `sys` is a root like /sys; if it has
/// no `block`, the answer is yes.
[[nodiscard]] bool is_whole_disk(const Root& sys, std::string_view name);

/// Returns the device mapper name of a device (`vg0-root` for `dm-0`); `name` for other devices. `mapped` is memory to use again.
/// Throws std::system_error.
[[nodiscard]] std::string mapped_name(const Root& sys, std::string_view name, std::string mapped = {});

} // namespace tickertape::proc
