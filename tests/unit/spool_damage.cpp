// SPDX-License-Identifier: MIT
// Damaged bytes of a spool cost only the records that they belong to.
#include <algorithm>
#include <string>

#include <spool/store.hpp>

#include "support/catch.hpp"
#include "support/memory_disk.hpp"
#include "support/spools.hpp"

namespace {

using namespace std::chrono_literals;
using namespace tickertape::spool;
using test::Ids;
using test::MemoryDisk;

const std::string first_file{"/spool/0000000000000000.seg"};
const std::string second_file{"/spool/0000000000000001.seg"};

// Two files of three records with two points each, none of them settled: 0 1, 2 3, … 10 11.
void fill(MemoryDisk& disk) {
    const auto store = test::open_store(disk, {.segment_bytes = 64 + 3 * 44});
    for (std::uint64_t i = 0; i < 12; i += 2) {
        REQUIRE(test::append(*store, {i, i + 1}).size() == 2);
    }
    REQUIRE(disk.has(second_file));
    disk.is_dead = true; // and killed
}

struct Result {
    Ids ids;
    StoreCounts counts;
};

Result read(MemoryDisk& disk) {
    disk.is_dead = false;
    const auto store = test::open_store(disk);
    REQUIRE(store);
    Result result{.ids = test::drain(*store), .counts = store->counts()};
    const Ids more{99};
    REQUIRE(test::append(*store, more).size() == 1); // and it goes on
    return result;
}

bool is_subset(const Ids& part, const Ids& whole) {
    return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

const Ids all{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

// Returns the points of the records that do not overlap `from` to `to` in the file that begins with `first`.
Ids without(std::uint64_t first, std::size_t from, std::size_t to) {
    Ids ids;
    for (const std::uint64_t id : all) {
        const std::size_t begin = 64 + (id - first) / 2 * 44;
        const bool is_here = id >= first && id < first + 6;
        if (!is_here || begin + 44 <= from || begin >= to) {
            ids.push_back(id);
        }
    }
    return ids;
}

} // namespace

TEST_CASE("every flipped bit of a spool file loses at most its record, which is counted") {
    const bool in_second = GENERATE(false, true);
    const std::string& path = in_second ? second_file : first_file;
    for (std::size_t bit = 0; bit < (64 + 3 * 44) * 8; ++bit) {
        MemoryDisk disk;
        fill(disk);
        disk.contents(path)[bit / 8] ^= static_cast<char>(1U << bit % 8);
        CAPTURE(path, bit);
        const Result result = read(disk);
        REQUIRE(result.ids == without(in_second ? 6 : 0, bit / 8, bit / 8 + 1));
        const bool is_padding = bit / 8 >= 60 && bit / 8 < 64;
        REQUIRE((result.counts.damaged_records > 0) == !is_padding);
        // If the numbers show it, the lost points are counted, too. At the very end they do not show it, because more points may
        // never have existed.
        const std::uint64_t lost = result.counts.lost[static_cast<std::size_t>(StoreLoss::damaged)];
        const std::uint64_t missing = all.size() - result.ids.size();
        REQUIRE((lost == missing || (in_second && bit / 8 >= 64 + 2 * 44 && lost == 0)));
    }
}

TEST_CASE("every truncation of a spool file loses only the cut records, and visible damage is counted") {
    const bool in_second = GENERATE(false, true);
    const std::string& path = in_second ? second_file : first_file;
    for (std::size_t size = 0; size < 64 + 3 * 44; ++size) {
        MemoryDisk disk;
        fill(disk);
        disk.contents(path).resize(size);
        CAPTURE(path, size);
        const Result result = read(disk);
        REQUIRE(result.ids == without(in_second ? 6 : 0, size, 64 + 3 * 44));
        // An empty file looks like a new one, and a file that ends after a record looks complete. But the next file shows where
        // it ended.
        const bool is_between = size == 0 || (in_second && size >= 64 && (size - 64) % 44 == 0);
        REQUIRE((result.counts.damaged_records > 0) == !is_between);
    }
}

TEST_CASE("every truncation and flipped bit of the settled file may repeat points, but loses none") {
    MemoryDisk whole;
    fill(whole);
    whole.is_dead = false;
    {
        const auto store = test::open_store(whole, {.segment_bytes = 64 + 3 * 44});
        REQUIRE(store->take());
        store->settle({.from = 0, .to = 2});
        store->settle({.from = 8, .to = 10});
    }
    const std::string bytes = whole.contents("/spool/settled");
    const Ids left{2, 3, 4, 5, 6, 7, 10, 11};
    for (std::size_t i = 0; i <= bytes.size() * 9; ++i) {
        MemoryDisk disk;
        fill(disk);
        // The same spool: both files have its number.
        std::string damaged = bytes;
        for (const std::string& path : {first_file, second_file}) {
            disk.put(path, whole.contents(path));
        }
        if (i < bytes.size()) {
            damaged.resize(i);
        } else if (i < bytes.size() * 9) {
            damaged[(i - bytes.size()) / 8] ^= static_cast<char>(1U << i % 8);
        }
        disk.put("/spool/settled", damaged);
        CAPTURE(i);
        const Result result = read(disk);
        REQUIRE(result.ids == (i < bytes.size() * 9 ? all : left));
    }
}

TEST_CASE("zeros, noise and other files in a spool's folder affect no other points") {
    MemoryDisk disk;
    fill(disk);
    test::Random random{GENERATE(take(20, Catch::Generators::random(1U, 1'000'000U)))};
    std::string noise(1 + test::up_to(random, 5'000), '\0');
    if (test::once_in(random, 2)) {
        std::generate(noise.begin(), noise.end(), [&random] { return static_cast<char>(random()); });
    }
    disk.put("/spool/0000000000000002.seg", noise);
    disk.put("/spool/000000000000000g.seg", "x");
    disk.put("/spool/README", "x");
    disk.contents(first_file).append(noise);
    const Result result = read(disk);
    CHECK(result.ids == all);
    CHECK(disk.has("/spool/README"));
    CHECK(disk.has("/spool/000000000000000g.seg"));
}

TEST_CASE("an unreadable file is retried for a minute, and then its points are counted as damaged") {
    MemoryDisk disk;
    const auto store = test::open_store(disk);
    store->leave(test::append(*store, {1, 2, 3}));
    disk.read_error = EIO;
    for (int i = 0; i < 60; ++i) {
        CHECK_FALSE(store->take());
        disk.pass(1s);
    }
    CHECK(store->counts().waiting == 3);
    CHECK(test::drain(*store).empty());
    CHECK(store->counts().lost[static_cast<std::size_t>(StoreLoss::damaged)] == 3);
    disk.read_error = 0;
    store->leave(test::append(*store, {4}));
    CHECK(is_subset(test::drain(*store), {4}));
}

TEST_CASE("a file that cannot be opened or read for a while loses no points") {
    const bool opens = GENERATE(true, false);
    MemoryDisk disk;
    auto store = test::open_store(disk);
    store->leave(test::append(*store, {1, 2, 3}));
    (opens ? disk.open_error : disk.read_error) = opens ? EMFILE : EIO;
    for (int i = 0; i < 30; ++i) {
        CHECK_FALSE(store->take());
        disk.pass(1s);
    }
    disk.open_error = disk.read_error = 0;
    CHECK(test::drain(*store) == Ids{1, 2, 3});
}

TEST_CASE("files that cannot be read at the start are not taken for empty ones") {
    MemoryDisk disk;
    auto store = test::open_store(disk);
    CHECK(test::append(*store, {1, 2, 3}).size() == 3);
    disk.is_dead = true; // killed
    store = nullptr;
    disk.is_dead = false;
    disk.read_error = EIO;
    Trouble trouble;
    CHECK_FALSE(Store::open(test::spool_path, {.must_read_all = true}, disk, trouble));
    CHECK(trouble.kind == Trouble::Kind::failed);
    CHECK(trouble.sentence == "cannot read files in '/spool'");
    disk.read_error = 0;
    CHECK(test::drain(*test::open_store(disk, {.must_read_all = true})) == Ids{1, 2, 3});
}

TEST_CASE("a file that cannot be deleted is deleted later, and its points do not come back") {
    MemoryDisk disk;
    auto store = test::open_store(disk, {.segment_bytes = 4096});
    store->settle(test::append(*store, Ids(400)));
    disk.delete_error = EROFS;
    CHECK(test::append(*store, Ids(400)).size() == 400); // in the next file
    CHECK(disk.has(first_file));
    CHECK(store->counts().segments == 2);
    disk.delete_error = 0;
    disk.pass(1s);
    CHECK_FALSE(store->tick());
    CHECK_FALSE(disk.has(first_file));
    CHECK(store->counts().segments == 1);
}
