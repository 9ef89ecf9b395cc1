// SPDX-License-Identifier: MIT
/// \file
/// /proc/pressure: how long work waited for a resource (PSI, since Linux 4.20).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <tickertape/proc/root.hpp>

namespace tickertape::proc {

/// The time in which tasks waited: in percent of the last seconds, and in all.
struct PressureTimes {
    double avg10;
    double avg60;
    double avg300;
    std::uint64_t total; ///< microseconds since boot
};

/// The pressure on one resource. Not every kernel reports all lines: cpu has no `full` before Linux 5.13, irq has no `some`.
struct Pressure {
    std::optional<PressureTimes> some; ///< at least one task waited
    std::optional<PressureTimes> full; ///< all tasks did at once
};

/// Reads lines `some avg10=N avg60=N avg300=N total=N`, and the same with `full`; other lines and more columns are
/// passed over. Throws ParseError that names `file`, line and token, and for a text with neither. Pure.
[[nodiscard]] Pressure parse_pressure(std::string_view text, std::string_view file, SkippedRows& skipped);

/// `resource` is `cpu`, `memory`, `io` or `irq`. Nothing if the kernel has no such file. Throws std::system_error, also where
/// PSI is off (psi=0: operation_not_supported), or ParseError that names the file.
[[nodiscard]] std::optional<Pressure> read_pressure(const Root& root, std::string_view resource);

} // namespace tickertape::proc
