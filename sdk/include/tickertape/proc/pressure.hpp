// SPDX-License-Identifier: MIT
/// \file
/// /proc/pressure: how long work waited for a resource (PSI, since Linux 4.20).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <tickertape/proc/root.hpp>

namespace tickertape::proc {

/// The share of time in which tasks waited, in percent of the last seconds, and the total.
struct PressureTimes {
    double avg10;
    double avg60;
    double avg300;
    std::uint64_t total; ///< microseconds since boot
};

/// The pressure on one resource. Not every kernel reports all lines: cpu has no `full` before Linux 5.13, irq has no `some`.
struct Pressure {
    std::optional<PressureTimes> some; ///< at least one task waited
    std::optional<PressureTimes> full; ///< all tasks waited at the same time
};

/// Reads lines `some avg10=N avg60=N avg300=N total=N`, and the same with `full`. Other lines and further columns are ignored.
/// Throws ParseError that names `file`, line and token, also for a text with neither line. Pure.
[[nodiscard]] Pressure parse_pressure(std::string_view text, std::string_view file, SkippedRows& skipped);

/// `resource` is `cpu`, `memory`, `io` or `irq`. Nothing if the kernel has no such file. Throws ParseError that names the file,
/// or std::system_error; with PSI off (psi=0) that is operation_not_supported.
[[nodiscard]] std::optional<Pressure> read_pressure(const Root& root, std::string_view resource);

} // namespace tickertape::proc
