// SPDX-License-Identifier: MIT
/// \file
/// Form: whether lines are for a TSD or for tcollector, and how a process finds out which.
#pragma once

#include <cstdint>

namespace tickertape {

/// The form of lines.
enum class Form : std::uint8_t {
    automatic,  ///< `tcollector` when started by tcollector, else `put`
    put,        ///< `put metric stamp value tags`, with a host tag: for a TSD
    tcollector, ///< `metric stamp value tags`; tcollector adds `put ` and a host tag
};

/// `tcollector` or `put`, never `automatic`: whether tcollector has started this process, and lines that go to `fd` are for it. To be
/// called before the process changes its user or session. Does not block.
[[nodiscard]] Form detect_form(int fd);

} // namespace tickertape
