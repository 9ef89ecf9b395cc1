// SPDX-License-Identifier: MIT
#include "support/golden.hpp"

#include <cstdlib>
#include <string>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace test {

void check_golden(const std::filesystem::path& name, std::string_view text) {
    const std::filesystem::path path = std::filesystem::path{TICKERTAPE_SOURCE_DIR} / "tests/golden" / name;
    const char* const approve = std::getenv("TICKERTAPE_APPROVE");
    if (approve != nullptr && std::string_view{approve} == "1") {
        std::filesystem::create_directories(path.parent_path());
        std::ofstream{path, std::ios::binary} << text;
    }
    INFO(path.string() << ": TICKERTAPE_APPROVE=1 in the environment makes it what was printed");
    REQUIRE(std::filesystem::exists(path));
    CHECK(contents_of(path) == text);
}

std::filesystem::path fixture(const std::filesystem::path& name) {
    return std::filesystem::path{TICKERTAPE_SOURCE_DIR} / "tests/fixtures" / name;
}

} // namespace test
