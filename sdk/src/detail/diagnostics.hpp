// SPDX-License-Identifier: MIT
/// \file
/// One-line diagnostics.
#pragma once

#include <string_view>

namespace tickertape::detail {

/// Writes `tickertape: SENTENCE` and a newline to stderr, in one write; the same sentence at most once a minute, and at
/// most ten in all a minute. Never throws; does not touch stdout.
void report(std::string_view sentence) noexcept;

/// The same without counting, and so without a mutex that another thread may have held when this process was forked.
void report_always(std::string_view sentence) noexcept;

} // namespace tickertape::detail
