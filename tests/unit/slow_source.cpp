// SPDX-License-Identifier: MIT
// Readings that take long, fail, or never end.
#include <tickertape/slow_source.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using tickertape::SlowSource;
using tickertape::SteadyTime;

namespace {

constexpr auto long_wait = 100s;
constexpr auto short_wait = 1ms;

/// A file that answers when it is told to.
struct File {
    std::mutex mutex;
    std::condition_variable changed;
    bool answers = true;
    int reads = 0;

    int read() {
        std::unique_lock lock{mutex};
        changed.wait(lock, [this] { return answers; });
        return ++reads;
    }
    void set(bool now) {
        const std::lock_guard lock{mutex};
        answers = now;
        changed.notify_all();
    }
};

SlowSource<int> source_of(const std::shared_ptr<File>& file) {
    return {"slow source test", [file](int& value) { value = file->read(); }};
}

} // namespace

TEST_CASE("A source that answers in time is read in each run") {
    const auto file = std::make_shared<File>();
    auto source = source_of(file);
    for (int run = 1; run <= 3; ++run) {
        const int* const value = source(long_wait, SteadyTime{run * 1s});
        REQUIRE(value != nullptr);
        CHECK(*value == run);
    }
}

TEST_CASE("A source that takes longer than a run waits gives its reading to a later run, and rests after that") {
    const auto file = std::make_shared<File>();
    auto source = source_of(file);
    file->set(false);
    CHECK(source(short_wait, SteadyTime{1s}) == nullptr);
    CHECK(source(short_wait, SteadyTime{2s}) == nullptr); // and is not asked again
    file->set(true);
    const int* value = nullptr;
    while ((value = source(0ms, SteadyTime{3s})) == nullptr) {
    }
    CHECK(*value == 1);
    CHECK(source(long_wait, SteadyTime{3s}) == nullptr); // it rests
    value = source(long_wait, SteadyTime{1h});
    REQUIRE(value != nullptr);
    CHECK(*value == 2);
}

TEST_CASE("A source that never answers holds nobody up, not at the end either") {
    const auto file = std::make_shared<File>();
    file->set(false);
    {
        auto source = source_of(file);
        CHECK(source(short_wait, SteadyTime{1s}) == nullptr);
    }
    file->set(true); // for its thread
}

TEST_CASE("A reading that fails costs itself") {
    bool fails = true;
    SlowSource<int> source{"slow source test", [&fails](int& value) {
                               if (std::exchange(fails, false)) {
                                   throw std::runtime_error{"slow source test: as it should be"};
                               }
                               value = 7;
                           }};
    CHECK(source(long_wait, SteadyTime{1s}) == nullptr);
    const int* const value = source(long_wait, SteadyTime{2s});
    REQUIRE(value != nullptr);
    CHECK(*value == 7);
}
