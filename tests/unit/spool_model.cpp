// SPDX-License-Identifier: MIT
// Random lives of a spool, compared with a model that holds everything in memory.
#include <algorithm>
#include <map>
#include <set>
#include <string>

#include <spool/store.hpp>

#include "support/catch.hpp"
#include "support/memory_disk.hpp"
#include "support/seed.hpp"
#include "support/spools.hpp"

namespace {

using namespace std::chrono_literals;
using namespace tickertape::spool;
using test::Ids;
using test::once_in;
using test::up_to;
using Set = std::set<std::uint64_t>;

/// Each point has an id, which only the model assigns.
class Life {
public:
    Life(std::uint64_t seed, StoreOptions options, bool loses_power)
        : random_{seed}, options_{options}, loses_power_{loses_power} {
        disk_.random = &random_;
        disk_.short_one = 20;
        open();
    }
    ~Life() { disk_.is_dead = true; }
    Life(const Life&) = delete;
    Life& operator=(const Life&) = delete;

    void step() {
        switch (up_to(random_, 11)) {
        case 0:
        case 1:
        case 2:
        case 3: append(); break;
        case 4: take(); break;
        case 5: finish(true); break;
        case 6: finish(false); break;
        case 7:
        case 8: tick(); break;
        case 9: disk_.write_error = once_in(random_, 3) ? (once_in(random_, 2) ? ENOSPC : EIO) : 0; break;
        case 10: disk_.sync_error = once_in(random_, 4) ? EIO : 0; break;
        default:
            if (once_in(random_, 4)) {
                crash();
            }
        }
        check_sum();
    }

    void end() {
        disk_.write_error = disk_.sync_error = 0;
        crash();
        while (const auto taken = store_->take()) {
            for (const std::uint64_t id : test::ids_of(*taken)) {
                REQUIRE(accepted_.contains(id)); // no point is invented
                REQUIRE(owed_.contains(id) != settled_.contains(id));
                owed_.erase(id);
            }
            store_->settle(taken->range);
        }
        const StoreCounts counts = store_->counts();
        lost_ += sum(counts);
        if (!loses_power_) {
            REQUIRE(owed_.size() == lost_);
        }
        if (!is_capped()) {
            REQUIRE(owed_.empty()); // without a limit no point is lost
        }
    }

private:
    [[nodiscard]] bool is_capped() const { return options_.max_bytes < 1'000'000; }

    static std::uint64_t sum(const StoreCounts& counts) {
        std::uint64_t all = 0;
        for (const std::uint64_t lost : counts.lost) {
            all += lost;
        }
        return all;
    }

    void open() {
        Trouble trouble;
        store_ = Store::open(test::spool_path, options_, disk_, trouble);
        REQUIRE(store_);
        out_.clear();
    }

    void append() {
        Ids ids(1 + up_to(random_, 30));
        std::generate(ids.begin(), ids.end(), [this] { return next_id_++; });
        const Range range = test::append(*store_, ids);
        if (range.size() == 0) {
            return;
        }
        REQUIRE(range.size() == ids.size());
        for (std::size_t i = 0; i < ids.size(); ++i) {
            accepted_.insert(ids[i]);
            owed_.insert(ids[i]);
            out_.emplace(range.from + i, ids[i]);
            (options_.sync == SyncPolicy::each_batch ? synced_ : unsynced_).insert(ids[i]);
        }
    }

    void take() {
        if (const auto taken = store_->take()) {
            const Ids ids = test::ids_of(*taken);
            for (std::size_t i = 0; i < ids.size(); ++i) {
                REQUIRE(accepted_.contains(ids[i]));
                REQUIRE(out_.emplace(taken->range.from + i, ids[i]).second);
            }
        }
    }

    // Returns a row of points that are out.
    void finish(bool settles) {
        if (out_.empty()) {
            return;
        }
        auto at = std::next(out_.begin(), static_cast<std::ptrdiff_t>(up_to(random_, out_.size() - 1)));
        Range range{.from = at->first, .to = at->first};
        const std::size_t most = 1 + up_to(random_, 40);
        while (at != out_.end() && at->first == range.to && range.size() < most) {
            ++range.to;
            if (settles) {
                owed_.erase(at->second);
                settled_.insert(at->second);
            }
            at = out_.erase(at);
        }
        settles ? store_->settle(range) : store_->leave(range);
    }

    void tick() {
        disk_.pass(1s);
        if (!store_->tick() && options_.sync == SyncPolicy::each_second) {
            synced_.merge(unsynced_);
            unsynced_.clear();
        }
    }

    void crash() {
        const int write_error = std::exchange(disk_.write_error, 0);
        const int sync_error = std::exchange(disk_.sync_error, 0);
        if (is_capped()) {
            // A point whose settling was not written down waits again. If a limit drops it, it may be counted.
            REQUIRE_FALSE(store_->flush());
        }
        lost_ += sum(store_->counts());
        disk_.is_dead = true;
        store_ = nullptr;
        disk_.is_dead = false;
        if (loses_power_) {
            disk_.lose_power(once_in(random_, 2) ? 512 : 4096, random_);
            for (const std::uint64_t id : unsynced_) {
                owed_.erase(id); // may be there or not
                settled_.insert(id);
            }
            unsynced_.clear();
        }
        open();
        disk_.write_error = write_error;
        disk_.sync_error = sync_error;
    }

    void check_sum() {
        const StoreCounts counts = store_->counts();
        REQUIRE(counts.recovered + counts.appended == out_.size() + counts.waiting + counts.settled + sum(counts));
        REQUIRE(counts.bytes <= options_.max_bytes);
    }

    test::Random random_;
    const StoreOptions options_;
    const bool loses_power_;
    test::MemoryDisk disk_;
    std::unique_ptr<Store> store_;
    std::uint64_t next_id_ = 1;
    std::map<std::uint64_t, std::uint64_t> out_; // ids by number
    Set accepted_;
    Set owed_;    // accepted, not settled, and not lost by a power failure
    Set settled_; // may come a second time
    Set synced_;
    Set unsynced_;
    std::uint64_t lost_ = 0;
};

void live(StoreOptions options, bool loses_power) {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    for (std::uint64_t i = 0; i < 60; ++i) {
        CAPTURE(i);
        Life life{seed + i, options, loses_power};
        for (int step = 0; step < 400; ++step) {
            CAPTURE(step);
            life.step();
        }
        life.end();
    }
}

} // namespace

TEST_CASE("kills and failing disks lose no accepted point in any sync mode") {
    live({.sync = GENERATE(SyncPolicy::each_second, SyncPolicy::each_batch, SyncPolicy::never), .segment_bytes = 2048},
         false);
}

TEST_CASE("a power failure loses no synced point") {
    live({.sync = GENERATE(SyncPolicy::each_second, SyncPolicy::each_batch), .segment_bytes = 2048}, true);
}

TEST_CASE("points that a cap removes are counted exactly") {
    live({.max_bytes = 20'000, .sync = SyncPolicy::each_second, .segment_bytes = 2048}, false);
}
