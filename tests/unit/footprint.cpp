// SPDX-License-Identifier: MIT
#include <collector/footprint.hpp>

#include <fstream>
#include <stdexcept>
#include <string>

#include "support/catch.hpp"

namespace {

/// Returns the pages of the program and its libraries that are mapped now.
long file_pages() {
    long all = 0;
    long resident = 0;
    long of_files = 0;
    std::ifstream{"/proc/self/statm"} >> all >> resident >> of_files;
    return of_files;
}

int thrown_and_caught(int number) {
    try {
        throw std::out_of_range{std::to_string(number)};
    } catch (const std::exception& error) {
        return std::stoi(error.what());
    }
}

} // namespace

TEST_CASE("Pages of the start are given back, and come back when they are needed") {
    const long before = file_pages();
    REQUIRE(before > 0);
    tickertape::collector::drop_startup_pages();
    CHECK(file_pages() < before);
    CHECK(thrown_and_caught(42) == 42);
}
