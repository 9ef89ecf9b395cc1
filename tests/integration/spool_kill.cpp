// SPDX-License-Identifier: MIT
// Real processes that append to a real spool and are killed at any moment.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <new>
#include <numeric>
#include <string>
#include <thread>

#include <spool/store.hpp>

#include "support/catch.hpp"
#include "support/seed.hpp"
#include "support/spools.hpp"
#include "support/temporary_directory.hpp"

namespace {

using namespace std::chrono_literals;
using namespace tickertape::spool;

constexpr std::uint64_t most = 4'000'000;
constexpr std::uint64_t batch = 100;

/// Memory that the processes share; it outlives those that are killed.
struct Shared {
    std::atomic<std::uint64_t> begun{0}; ///< lower numbers may be in the spool
    std::array<std::atomic<bool>, most> is_owed{};
};

Shared& make_shared_memory() {
    void* const memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(memory != MAP_FAILED);
    return *new (memory) Shared;
}

// 100,000 points a second. Some are settled at once; some are left and taken again.
[[noreturn]] void write_for_ever(const std::string& path, SyncPolicy sync, Shared& shared) {
    Trouble trouble;
    const auto store =
        Store::open(path, {.sync = sync, .segment_bytes = 16 * 1024}, tickertape::base::Syscalls::real(), trouble);
    if (!store) {
        _exit(1);
    }
    auto next = std::chrono::steady_clock::now();
    for (std::uint64_t id = shared.begun; id + batch <= most; id += batch) {
        test::Ids ids(batch);
        std::iota(ids.begin(), ids.end(), id);
        shared.begun = id + batch;
        const Range range = test::append(*store, ids);
        if (range.size() != batch) {
            _exit(1);
        }
        for (const std::uint64_t one : ids) {
            shared.is_owed[one] = true;
        }
        if (id / batch % 3 == 0) {
            store->leave(range);
        } else if (id / batch % 3 == 1) {
            for (const std::uint64_t one : ids) {
                shared.is_owed[one] = false; // noted first: it may be settled right after this
            }
            store->settle(range);
        } else if (const auto taken = store->take()) {
            for (const std::uint64_t one : test::ids_of(*taken)) {
                shared.is_owed[one] = false;
            }
            store->settle(taken->range);
        }
        static_cast<void>(store->tick());
        std::this_thread::sleep_until(next += 1ms);
    }
    _exit(2);
}

} // namespace

TEST_CASE("all that a spool has accepted is there after a kill at any moment, in every mode") {
    const SyncPolicy sync = GENERATE(SyncPolicy::each_second, SyncPolicy::each_batch, SyncPolicy::never);
    const char* const given = std::getenv("TICKERTAPE_SPOOL_KILLS"); // more of them for a soak
    const int kills = given != nullptr ? std::atoi(given) : 20;
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    const test::TemporaryDirectory place;
    const std::string path = place.path() / "queue";
    Shared& shared = make_shared_memory();
    for (int i = 0; i < kills; ++i) {
        const pid_t child = fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            write_for_ever(path, sync, shared);
        }
        std::this_thread::sleep_for(std::chrono::microseconds{test::up_to(random, 40'000)});
        REQUIRE(kill(child, SIGKILL) == 0);
        int status = 0;
        REQUIRE(waitpid(child, &status, 0) == child);
        REQUIRE(WIFSIGNALED(status)); // it did not end by itself
    }
    Trouble trouble;
    const auto store = Store::open(path, {}, tickertape::base::Syscalls::real(), trouble);
    REQUIRE(store);
    for (const std::uint64_t id : test::drain(*store)) {
        REQUIRE(id < shared.begun); // no point is invented
        shared.is_owed[id] = false;
    }
    std::uint64_t missing = 0;
    for (const auto& is_owed : shared.is_owed) {
        missing += is_owed ? 1 : 0;
    }
    CHECK(missing == 0);
    CHECK(shared.begun > 0);
    for (const std::uint64_t lost : store->counts().lost) {
        CHECK(lost == 0);
    }
    munmap(&shared, sizeof shared);
}
