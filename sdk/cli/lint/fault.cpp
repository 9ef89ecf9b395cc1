// SPDX-License-Identifier: MIT
#include "cli/lint/fault.hpp"

#include <array>

namespace tickertape::cli::lint {

namespace {

constexpr std::array<std::string_view, fault_count> names{
    "first-byte",
    "line-length",
    "wire-length",
    "utf8",
    "nul",
    "carriage-return",
    "tab",
    "non-ascii",
    "no-newline",
    "blank-line",
    "not-put",
    "put-prefix",
    "stop-command",
    "leading-blank",
    "empty-word",
    "too-few",
    "metric-character",
    "metric-utf8",
    "backslash",
    "name-length",
    "series-length",
    "stamp-length",
    "stamp-text",
    "stamp-plus",
    "stamp-exponent",
    "stamp-negative",
    "stamp-one-digit",
    "stamp-bare-point",
    "stamp-zero",
    "stamp-milliseconds",
    "stamp-odd-thousand",
    "stamp-digits",
    "stamp-point",
    "stamp-fraction",
    "stamp-range",
    "stamp-old",
    "stamp-future",
    "value-text",
    "value-nan",
    "value-inf",
    "value-boolean",
    "value-underscore",
    "value-hex",
    "value-suffix",
    "value-overflow",
    "value-int64",
    "value-plus",
    "value-bare-point",
    "value-integer",
    "value-tiny",
    "value-digits",
    "tag-none",
    "tag-form",
    "tag-empty",
    "tag-character",
    "tag-count",
    "tag-repeated",
    "tag-metric",
    "tag-time",
    "stamp-poison",
    "stamp-unit",
    "stamp-order",
    "stamp-repeated",
    "stamp-overwritten",
    "stamp-conflict",
    "value-spelling",
    "tag-order",
    "silence",
    "rate",
    "queue",
    "churn",
};
static_assert(!names.back().empty());

} // namespace

std::string_view name_of(Fault fault) noexcept { return names[static_cast<std::size_t>(fault)]; }

} // namespace tickertape::cli::lint
