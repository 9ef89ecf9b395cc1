// SPDX-License-Identifier: MIT
// A log counts as unreadable if it cannot be read or a read hangs.
#include <collector/read_watch.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "support/catch.hpp"

using tickertape::collector::ReadWatch;
using namespace std::chrono_literals;

namespace {

/// The observed states, in order.
class Observed {
public:
    void add(bool is_read) {
        const std::lock_guard lock{mutex_};
        all_.push_back(is_read);
        changed_.notify_all();
    }
    /// Waits for this number of states.
    std::vector<bool> wait_for(std::size_t number) {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return all_.size() >= number; });
        return all_;
    }
    std::vector<bool> so_far() { return wait_for(0); }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<bool> all_;
};

} // namespace

TEST_CASE("A log that cannot be read is observed once, and so is that it can again") {
    Observed observed;
    ReadWatch watch{[&](bool is_read) { observed.add(is_read); }, 1h};
    for (const bool is_read : {true, true, false, false, true, true}) {
        watch.begin();
        watch.progress();
        watch.end(is_read);
    }
    CHECK(observed.so_far() == std::vector<bool>{false, true});
}

TEST_CASE("A read that hangs counts as unreadable before it ends") {
    Observed observed;
    ReadWatch watch{[&](bool is_read) { observed.add(is_read); }, 1ms};
    watch.begin();
    CHECK(observed.wait_for(1) == std::vector<bool>{false});
    SECTION("until it ends") {
        watch.end(true);
        CHECK(observed.so_far() == std::vector<bool>{false, true});
    }
    SECTION("until it takes a line, so that this is counted") {
        watch.progress();
        CHECK(observed.so_far()[1]);
    }
    SECTION("and still if it fails") {
        watch.end(false);
        CHECK(observed.so_far() == std::vector<bool>{false});
    }
}

TEST_CASE("A log that nobody observes needs no thread") {
    ReadWatch watch{nullptr, 1ms};
    watch.begin();
    watch.progress();
    watch.end(false);
}
