// SPDX-License-Identifier: MIT
/// \file
/// Golden files: see tests/golden/README.md.
#pragma once

#include <filesystem>
#include <string_view>

namespace test {

/// Checks that `text` is equal to tests/golden/`name`. With TICKERTAPE_APPROVE=1 in the environment it writes that file.
void check_golden(const std::filesystem::path& name, std::string_view text);

/// Returns a folder or file of tests/fixtures.
[[nodiscard]] std::filesystem::path fixture(const std::filesystem::path& name);

} // namespace test
