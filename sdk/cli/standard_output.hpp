// SPDX-License-Identifier: MIT
/// \file
/// Flushes standard output.
#pragma once

namespace tickertape::cli {

/// Flushes stdout. If something could not be written, reports that on stderr with the reason, and returns false.
[[nodiscard]] bool flush_stdout();

} // namespace tickertape::cli
