// SPDX-License-Identifier: MIT
/// \file
/// Golden files: see tests/golden/README.md.
#pragma once

#include <filesystem>
#include <string_view>

namespace test {

/// Checks that `text` is what tests/golden/`name` holds. With TICKERTAPE_APPROVE=1 in the environment it becomes that.
void check_golden(const std::filesystem::path& name, std::string_view text);

/// A folder or file of tests/fixtures.
[[nodiscard]] std::filesystem::path fixture(const std::filesystem::path& name);

} // namespace test
