// SPDX-License-Identifier: MIT
// The cost of a spool that has grown large.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include <spool/segment_name.hpp>
#include <spool/store.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace tickertape::spool;

namespace {

/// Counts the bytes that are read.
class Meter final : public tickertape::base::Syscalls {
public:
    ssize_t pread(int fd, void* data, std::size_t size, std::uint64_t offset) override {
        const ssize_t got = Syscalls::pread(fd, data, size, offset);
        read += got > 0 ? static_cast<std::uint64_t>(got) : 0;
        return got;
    }
    std::uint64_t read = 0;
};

} // namespace

TEST_CASE("opening a spool of 10 GB reads the headers of its files, and the last file") {
    constexpr std::uint64_t files = 1'250;
    constexpr std::uint64_t points = 100'000; // of a file, according to the next one
    constexpr std::uint64_t size = std::uint64_t{8} << 20U;
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() / "queue";
    std::filesystem::create_directory(path);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    for (std::uint64_t i = 0; i < files; ++i) {
        const std::string file = path + "/" + segment_name(i);
        std::ofstream{file} << to_bytes({.spool = 1, .serial = i, .first = i * points, .prior_end = i * points});
        if (i + 1 < files) {
            std::filesystem::resize_file(file, size); // sparse
        }
    }
    Meter meter;
    Trouble trouble;
    const auto store = Store::open(path, {.max_bytes = std::uint64_t{1} << 40U, .min_free = 0}, meter, trouble);
    REQUIRE(store);
    CHECK(store->counts().recovered == (files - 1) * points);
    CHECK(store->counts().bytes > 10'000'000'000);
    CHECK(meter.read < 2 * files * segment_header_size);
}
