// SPDX-License-Identifier: MIT
/// \file
/// Writes to standard output.
#pragma once

namespace tickertape::cli {

/// Flushes stdout. False if something has not been written, which is then said on stderr, with the reason.
[[nodiscard]] bool flush_stdout();

} // namespace tickertape::cli
