// SPDX-License-Identifier: MIT
/// \file
/// Form: the program that lines are for, and how a process detects tcollector.
#pragma once

#include <cstdint>

namespace tickertape {

/// The form of lines.
enum class Form : std::uint8_t {
    automatic,  ///< `tcollector` if tcollector started this process, else `put`
    put,        ///< `put metric timestamp value tags`, with a host tag: for a TSD
    tcollector, ///< `metric timestamp value tags`; tcollector adds `put ` and a host tag
    influx,     ///< InfluxDB's line protocol, `metric,tags value=VALUE TIMESTAMP`: for telegraf's input `execd`
    collectd,   ///< `PUTVAL "host/tickertape-metric/gauge-tags" interval=STEP time:value`: for collectd's plugin `exec`
};

/// Returns `tcollector` if tcollector started this process and reads the lines that go to `fd`, else `put`; never `automatic`.
/// Call it before the process changes its user or session. Does not block.
[[nodiscard]] Form detect_form(int fd);

} // namespace tickertape
