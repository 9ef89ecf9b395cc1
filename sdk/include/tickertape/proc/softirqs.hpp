// SPDX-License-Identifier: MIT
/// \file
/// /proc/softirqs: the deferred work of interrupts on each CPU.
#pragma once

#include <string>

#include <tickertape/proc/interrupts.hpp>

namespace tickertape::proc {

/// The table has the form of /proc/interrupts; parse_interrupts is the parser. Throws std::system_error or ParseError
/// that names the file. The text points into `buffer`.
[[nodiscard]] PerCpuTable read_softirqs(const Root& root, std::string& buffer, PerCpuTable table = {});

} // namespace tickertape::proc
