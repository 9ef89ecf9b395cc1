// SPDX-License-Identifier: MIT
/// \file
/// For each rule of `tickertape lint`: lines to which it applies, and lines to which it just does not.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <cli/lint/rule.hpp>

namespace test {

/// Each `M` in the texts is replaced by the name of a metric, so that examples do not mix.
struct LintExample {
    tickertape::cli::lint::Target target;
    tickertape::cli::lint::Fault fault;
    std::string bad;
    std::string good;
};

/// The host tag that tcollector adds to the examples, and their present time.
inline constexpr const char* lint_host = "web01";
inline constexpr std::int64_t lint_now = 1'700'000'600;

[[nodiscard]] const std::vector<LintExample>& lint_examples();

/// Returns `text` with `metric` in place of `M`.
[[nodiscard]] std::string with_metric(const std::string& text, const std::string& metric);

} // namespace test
