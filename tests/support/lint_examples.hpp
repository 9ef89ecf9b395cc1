// SPDX-License-Identifier: MIT
/// \file
/// For each rule of `tickertape lint` lines that fall under it, and lines that just do not.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <cli/lint/rule.hpp>

namespace test {

/// Each `M` in the texts stands for the name of a metric, so that examples can be told apart.
struct LintExample {
    tickertape::cli::lint::Target target;
    tickertape::cli::lint::Fault fault;
    std::string bad;
    std::string good;
};

/// The host tag that tcollector adds in them, and their present time.
inline constexpr const char* lint_host = "web01";
inline constexpr std::int64_t lint_now = 1'700'000'600;

[[nodiscard]] const std::vector<LintExample>& lint_examples();

/// `text` with `metric` for `M`.
[[nodiscard]] std::string with_metric(const std::string& text, const std::string& metric);

} // namespace test
