// SPDX-License-Identifier: MIT
#include <numeric>
#include <string>

#include <spool/crc32c.hpp>
#include <spool/store.hpp>

#include "support/catch.hpp"
#include "support/memory_disk.hpp"
#include "support/spools.hpp"

namespace {

using namespace std::chrono_literals;
using namespace tickertape::spool;
using test::append;
using test::drain;
using test::Ids;
using test::MemoryDisk;
using test::open_store;

Ids up_to(std::uint64_t end, std::uint64_t from = 0) {
    Ids ids(end - from);
    std::iota(ids.begin(), ids.end(), from);
    return ids;
}

// Ends the process without a chance to do anything.
void kill(MemoryDisk& disk, std::unique_ptr<Store>& store) {
    disk.is_dead = true;
    store = nullptr;
    disk.is_dead = false;
}

std::uint64_t lost(const Store& store, StoreLoss why) { return store.counts().lost[static_cast<std::size_t>(why)]; }

} // namespace

TEST_CASE("after a kill the spool has its appended points in order, without the settled ones") {
    MemoryDisk disk;
    auto store = open_store(disk);
    const Range first = append(*store, {1, 2, 3});
    CHECK(first == Range{.from = 0, .to = 3});
    CHECK(append(*store, {4}) == Range{.from = 3, .to = 4});
    CHECK_FALSE(store->take()); // all points are out
    store->settle({.from = 0, .to = 2});
    disk.pass(1s);
    CHECK_FALSE(store->tick());
    CHECK(append(*store, {5}).size() == 1);
    kill(disk, store);

    store = open_store(disk);
    CHECK(store->counts().recovered == 3);
    CHECK(store->counts().waiting == 3);
    CHECK(append(*store, {6}) == Range{.from = 5, .to = 6});
    CHECK(drain(*store) == Ids{3, 4, 5});
    store->leave({.from = 5, .to = 6});
    CHECK(drain(*store) == Ids{6});
    CHECK(store->counts().settled == 4);
}

TEST_CASE("points that are left wait, and come back once") {
    MemoryDisk disk;
    const auto store = open_store(disk);
    const Range range = append(*store, up_to(10));
    store->leave({.from = range.from + 2, .to = range.from + 5});
    CHECK(store->counts().waiting == 3);
    store->leave({.from = range.from + 7, .to = range.from + 8});
    CHECK(drain(*store) == Ids{2, 3, 4, 7});
    CHECK_FALSE(store->take());
}

TEST_CASE("files whose points are settled are deleted, and all of them at the end") {
    MemoryDisk disk;
    auto store = open_store(disk, {.segment_bytes = 4096});
    Range last;
    for (int i = 0; i < 50; ++i) {
        last = append(*store, up_to(100));
    }
    CHECK(store->counts().segments > 8);
    store->settle({.from = 0, .to = last.from});
    CHECK(store->counts().segments == 1);
    store->settle(last);
    store = nullptr;
    CHECK(disk.paths() == std::vector<std::string>{"/spool/lock", "/spool/settled"});

    store = open_store(disk); // and numbers continue
    CHECK(append(*store, {1}).from == last.to);
}

TEST_CASE("the oldest file goes when the spool is full, and its points are counted") {
    MemoryDisk disk;
    const auto store = open_store(disk, {.max_bytes = 20'000, .segment_bytes = 4096});
    for (std::uint64_t i = 0; i < 100; ++i) {
        const Range range = append(*store, up_to(100 * (i + 1), 100 * i));
        REQUIRE(range.size() == 100);
        store->leave(range);
        REQUIRE(store->counts().bytes <= 20'000);
    }
    const std::uint64_t gone = lost(*store, StoreLoss::full);
    CHECK(gone >= 7'600);
    CHECK(gone + store->counts().waiting == 10'000);
    CHECK(drain(*store) == up_to(10'000, gone)); // the newest points, all of them
}

TEST_CASE("no cap takes a file with points that are in memory, which a kill would then lose") {
    MemoryDisk disk;
    const StoreOptions options{.max_bytes = 10'000, .segment_bytes = 2048};
    auto store = open_store(disk, options);
    const Range first = append(*store, up_to(100));
    store->leave(append(*store, up_to(200, 100)));
    for (std::uint64_t i = 2; i < 100; ++i) {
        const Range range = append(*store, up_to(100 * (i + 1), 100 * i));
        REQUIRE(range.size() == 100);
        store->leave(range);
    }
    CHECK(first.size() == 100);
    const std::uint64_t gone = lost(*store, StoreLoss::full);
    CHECK(gone >= 8'500);
    CHECK(store->counts().ever_dropped == gone);
    kill(disk, store);
    store = open_store(disk, options);
    CHECK(store->counts().ever_dropped == gone); // the count survives the kill
    const Ids left = drain(*store);
    CHECK(left.size() + gone == 10'000);
    CHECK(Ids(left.begin(), left.begin() + 100) == up_to(100));
}

TEST_CASE("a spool full of points that are in memory takes no more until some are left or settled") {
    MemoryDisk disk;
    const auto store = open_store(disk, {.max_bytes = 10'000, .segment_bytes = 2048});
    while (append(*store, up_to(100)).size() == 100) {
    }
    CHECK(lost(*store, StoreLoss::full) == 0);
    store->settle({.from = 0, .to = 200}); // one file
    CHECK(append(*store, up_to(100)).size() == 100);
}

TEST_CASE("a file that a cap dropped and a kill left is not counted twice") {
    MemoryDisk disk;
    const StoreOptions options{.max_bytes = 10'000, .segment_bytes = 2048};
    auto store = open_store(disk, options);
    store->leave(append(*store, up_to(100)));
    const std::string oldest = disk.paths().at(0);
    const std::string bytes = disk.contents(oldest);
    while (lost(*store, StoreLoss::full) == 0) {
        store->leave(append(*store, up_to(100)));
    }
    const std::uint64_t waiting = store->counts().waiting;
    kill(disk, store);
    disk.put(oldest, bytes); // as if it had not been deleted yet
    store = open_store(disk, options);
    CHECK(store->counts().waiting == waiting);
    CHECK(store->counts().ever_dropped == 200); // a file
}

TEST_CASE("a record larger than the spool is refused, and a smaller one is accepted") {
    MemoryDisk disk;
    const auto store = open_store(disk, {.max_bytes = 5'000, .segment_bytes = 4096});
    CHECK(append(*store, up_to(1'000)).size() == 0);
    CHECK(append(*store, up_to(100)).size() == 100);
}

TEST_CASE("points grow too old by the steady clock, or by the times of the files of an earlier run") {
    MemoryDisk disk;
    const StoreOptions options{.max_age = 1h};
    auto store = open_store(disk, options);
    store->leave(append(*store, {1}));
    disk.pass(59min);
    disk.wall += 1000h; // the clock is set
    CHECK_FALSE(store->tick());
    CHECK(store->counts().waiting == 1);
    store->leave(append(*store, {2})); // in another file
    disk.pass(2min);
    CHECK_FALSE(store->tick());
    CHECK(lost(*store, StoreLoss::aged) == 1);
    kill(disk, store);

    disk.wall += 57min;
    disk.time = tickertape::SteadyTime{1h};
    store = open_store(disk, options);
    CHECK(store->counts().waiting == 1);
    disk.pass(2min);
    CHECK_FALSE(store->tick());
    CHECK(lost(*store, StoreLoss::aged) == 1);
    CHECK(store->counts().segments == 0);
}

TEST_CASE("a full disk loses no accepted points, and the spool continues when there is room") {
    MemoryDisk disk;
    const int error = GENERATE(ENOSPC, EIO, EROFS, EDQUOT);
    auto store = open_store(disk);
    CHECK(append(*store, {1, 2}).size() == 2);
    disk.write_error = error;
    std::string record = test::record_of({9});
    Trouble trouble;
    CHECK(store->append(record, 1, trouble).size() == 0);
    CHECK(trouble.kind == Trouble::Kind::failed);
    CHECK(trouble.sentence.find("cannot write to '/spool': ") == 0);
    disk.opens = 0;
    CHECK(append(*store, {9}).size() == 0);
    CHECK(disk.opens == 0); // it is not tried before the next tick
    disk.pass(1s);
    CHECK_FALSE(store->tick());
    CHECK(store->append(record, 1, trouble).size() == 0);
    CHECK(trouble.sentence.find("cannot write to '/spool': ") == 0); // the same text, whatever the file
    CHECK(store->counts().append_failures == 2);
    disk.write_error = 0;
    disk.pass(1s);
    CHECK_FALSE(store->tick());
    CHECK(append(*store, {3}) == Range{.from = 2, .to = 3});
    kill(disk, store);
    CHECK(drain(*open_store(disk)) == Ids{1, 2, 3});
}

TEST_CASE("a spool accepts nothing while less than min_free is free on its disk") {
    MemoryDisk disk;
    const auto store = open_store(disk, {.min_free = 64 << 20U});
    CHECK(append(*store, {1}).size() == 1);
    disk.free = (64 << 20U) - 1;
    disk.pass(1s);
    CHECK(store->tick().sentence == "fewer than 64 MiB are free on the file system of '/spool'");
    CHECK(append(*store, {2}).size() == 0);
    disk.free = 64 << 20U;
    disk.pass(1s);
    CHECK_FALSE(store->tick());
    CHECK(append(*store, {2}).size() == 1);
}

TEST_CASE("the sync policy decides how often files are synced") {
    MemoryDisk disk;
    const auto syncs_of = [&disk](SyncPolicy policy) {
        disk.remove_all();
        const auto store = open_store(disk, {.sync = policy});
        disk.syncs = 0;
        for (int i = 0; i < 20; ++i) {
            CHECK(append(*store, {1}).size() == 1);
            disk.pass(100ms);
            CHECK_FALSE(store->tick());
        }
        return disk.syncs;
    };
    CHECK(syncs_of(SyncPolicy::never) == 0);
    CHECK(syncs_of(SyncPolicy::each_second) == 3); // twice the file, once the folder
    CHECK(syncs_of(SyncPolicy::each_batch) == 21);
}

TEST_CASE("after a failed sync unsynced points are written again, and nothing is accepted until a sync succeeds") {
    MemoryDisk disk;
    auto store = open_store(disk);
    CHECK(append(*store, {1}).size() == 1);
    disk.pass(1s);
    CHECK_FALSE(store->tick());
    CHECK(append(*store, {2, 3}).size() == 2);
    disk.sync_error = EIO;
    disk.pass(1s);
    CHECK(store->tick().sentence == "cannot sync '/spool': Input/output error");
    CHECK(store->counts().sync_failures == 1);
    CHECK(append(*store, {9}).size() == 0);
    disk.sync_error = 0;
    disk.pass(1s);
    CHECK_FALSE(store->tick());
    CHECK(append(*store, {4}).size() == 1);
    // The kernel has dropped the data that it could not write.
    std::string& old = disk.contents("/spool/0000000000000000.seg");
    std::fill(old.begin() + 64 + 36, old.end(), '\0');
    kill(disk, store);
    store = open_store(disk);
    CHECK(drain(*store) == Ids{1, 2, 3, 4});
    CHECK(lost(*store, StoreLoss::damaged) == 0);
}

TEST_CASE("a batch that cannot be synced is not accepted, and does not come back") {
    MemoryDisk disk;
    auto store = open_store(disk, {.sync = SyncPolicy::each_batch});
    CHECK(append(*store, {1}).size() == 1);
    disk.sync_error = EIO;
    CHECK(append(*store, {9}).size() == 0);
    disk.sync_error = 0;
    disk.pass(1s);
    CHECK_FALSE(store->tick());
    CHECK(append(*store, {2}) == Range{.from = 1, .to = 2});
    kill(disk, store);
    CHECK(drain(*open_store(disk)) == Ids{1, 2});
}

TEST_CASE("a removed folder is noticed, and its points are counted as lost") {
    MemoryDisk disk;
    auto store = open_store(disk);
    store->leave(append(*store, {1, 2, 3}));
    CHECK(append(*store, {4}).size() == 1); // in memory still
    disk.remove_all();
    disk.pass(1s);
    CHECK(store->tick().kind == Trouble::Kind::gone);
    CHECK(lost(*store, StoreLoss::gone) == 3);
    CHECK(append(*store, {5}).size() == 0);
    CHECK_FALSE(store->take());
    store->leave({.from = 3, .to = 4});
    CHECK(lost(*store, StoreLoss::full) == 1);
    store = nullptr;
    store = open_store(disk); // makes it again
    CHECK(append(*store, {5}).size() == 1);
}

TEST_CASE("a removed file loses only its own points") {
    MemoryDisk disk;
    const auto store = open_store(disk, {.segment_bytes = 4096});
    for (std::uint64_t i = 0; i < 20; ++i) {
        store->leave(append(*store, up_to(100 * (i + 1), 100 * i)));
    }
    CHECK(disk.unlink("/spool/0000000000000001.seg") == 0);
    const std::uint64_t waited = store->counts().waiting;
    CHECK(drain(*store).size() + lost(*store, StoreLoss::gone) == waited);
    CHECK(lost(*store, StoreLoss::gone) == 400);
}

TEST_CASE("a file of a newer version is left alone, and so are all others in its folder") {
    MemoryDisk disk;
    auto store = open_store(disk);
    CHECK(append(*store, {1}).size() == 1);
    store = nullptr;
    std::string newer = disk.contents("/spool/0000000000000000.seg");
    put_u32(newer.data() + 8, format_version + 1);
    put_u32(newer.data() + 12, 0);
    disk.put("/spool/0000000000000001.seg", newer);
    const auto before = disk.paths();
    SegmentHeader header;
    CHECK(read_segment_header(newer, header) == HeaderKind::damaged);

    // In the form of a newer program: the checksum of the preamble is at the same place in all versions.
    put_u32(newer.data() + 12, crc32c(newer.substr(0, 12)));
    disk.put("/spool/0000000000000001.seg", newer);
    Trouble trouble;
    CHECK_FALSE(Store::open("/spool", {}, disk, trouble));
    CHECK(trouble.kind == Trouble::Kind::foreign);
    CHECK(trouble.sentence == "'/spool/0000000000000001.seg' is of a newer version of this program");
    CHECK(disk.paths() == before);
    CHECK(disk.contents("/spool/0000000000000001.seg") == newer);

    // The older records can be read again after an upgrade, or after the newer program has drained its files.
    CHECK(disk.unlink("/spool/0000000000000001.seg") == 0);
    CHECK(drain(*open_store(disk)) == Ids{1});
}

TEST_CASE("a folder of another user is refused, and a file of another user is left alone") {
    MemoryDisk disk;
    disk.owner = 0;
    Trouble trouble;
    CHECK_FALSE(Store::open("/spool", {}, disk, trouble));
    CHECK(trouble.sentence == "'/spool' belongs to another user");

    MemoryDisk other;
    auto store = open_store(other);
    CHECK(append(*store, {1}).size() == 1);
    store = nullptr;
    other.user = 0;
    other.put("/spool/0000000000000007.seg", other.contents("/spool/0000000000000000.seg"));
    other.user = 1000;
    store = open_store(other);
    CHECK(store->counts().strange_files == 1);
    CHECK(drain(*store) == Ids{1});
    CHECK(append(*store, {2}).size() == 1);
    CHECK(other.has("/spool/0000000000000008.seg"));
    CHECK(other.has("/spool/0000000000000007.seg"));
}

TEST_CASE("a file of another queue in the folder is not touched") {
    MemoryDisk disk;
    auto store = open_store(disk);
    CHECK(append(*store, {77}).size() == 1);
    store = nullptr;
    const std::string foreign = disk.contents("/spool/0000000000000000.seg");
    disk.remove_all();
    store = open_store(disk);
    CHECK(append(*store, {1}).size() == 1);
    store = nullptr;
    disk.put("/spool/0000000000000009.seg", foreign);
    store = open_store(disk);
    CHECK(store->counts().strange_files == 1);
    CHECK(drain(*store) == Ids{1});
}

TEST_CASE("starting with a large backlog reads headers only") {
    MemoryDisk disk;
    auto store = open_store(disk, {.segment_bytes = 4096});
    for (int i = 0; i < 1'000; ++i) {
        store->leave(append(*store, up_to(100)));
    }
    const std::uint64_t segments = store->counts().segments;
    store = nullptr;
    disk.opens = 0;
    store = open_store(disk, {.segment_bytes = 4096});
    CHECK(store->counts().waiting == 100'000);
    CHECK(disk.opens <= segments + 6);
}
