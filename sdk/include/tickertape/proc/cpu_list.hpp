// SPDX-License-Identifier: MIT
/// \file
/// Lists of CPUs, as `cpuset.cpus` has them, and the numbers in names such as `cpu12`.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <tickertape/proc/root.hpp>

namespace tickertape::proc {

/// Reads `0-3,8` or an empty line. Throws ParseError that names `file` and the token: for text that is not a list, for a range
/// that ends before it begins, and for a number of 65536 or more, which is more CPUs than any kernel has. Pure.
[[nodiscard]] std::vector<int> parse_cpu_list(std::string_view text, std::string_view file, std::vector<int> cpus = {});

/// Returns the number at the end of `name`, if `name` is `prefix` and digits; otherwise nothing.
[[nodiscard]] std::optional<int> number_behind(std::string_view prefix, std::string_view name) noexcept;

} // namespace tickertape::proc
