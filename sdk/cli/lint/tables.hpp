// SPDX-License-Identifier: MIT
/// \file
/// The rules: a table for each target.
#pragma once

#include <span>

#include "cli/lint/rule.hpp"

namespace tickertape::cli::lint {

[[nodiscard]] std::span<const Rule> tcollector_rules() noexcept;
[[nodiscard]] std::span<const Rule> opentsdb_rules() noexcept;
[[nodiscard]] std::span<const Rule> victoriametrics_rules() noexcept;
[[nodiscard]] std::span<const Rule> influxdb_rules() noexcept;

} // namespace tickertape::cli::lint
