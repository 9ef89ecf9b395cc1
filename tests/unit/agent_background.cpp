// SPDX-License-Identifier: MIT
// Background: passes points to a transmitter that may hang.
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <vector>

#include <tickertape/name.hpp>

#include <cli/agent/background.hpp>
#include <cli/agent/budget.hpp>

#include "support/catch.hpp"
#include "support/messages.hpp"
#include "support/queues.hpp"

namespace {

using namespace std::chrono_literals;
using test::await;
using test::numbers;
using test::points;
using tickertape::AnyTransmitter;
using tickertape::Outcome;
using tickertape::Point;
using tickertape::SteadyTime;
using tickertape::Transmitter;
using tickertape::cli::agent::Background;
using tickertape::cli::agent::Budget;

/// The state of a Writer, which a test sets.
struct Disk {
    std::mutex mutex;
    std::condition_variable changed;
    bool hangs = false;
    bool is_gone = false;
    bool is_full = false;
    bool is_broken = false;
    int calls = 0;
    std::vector<std::int64_t> taken;

    void set(bool Disk::* what, bool value) {
        const std::lock_guard lock{mutex};
        this->*what = value;
        changed.notify_all();
    }
    [[nodiscard]] std::vector<std::int64_t> all() {
        const std::lock_guard lock{mutex};
        return taken;
    }
    [[nodiscard]] int times_called() {
        const std::lock_guard lock{mutex};
        return calls;
    }
};

class Writer final : public Transmitter {
public:
    explicit Writer(std::shared_ptr<Disk> disk) : disk_{std::move(disk)} {}

    Outcome publish(std::span<const Point> points) override {
        std::unique_lock lock{disk_->mutex};
        ++disk_->calls;
        disk_->changed.wait(lock, [this] { return !disk_->hangs; });
        if (disk_->is_broken) {
            throw std::runtime_error{"no memory"};
        }
        if (disk_->is_gone) {
            return {.closed = true};
        }
        for (const Point& point : points) {
            disk_->taken.push_back(point.value().integer());
        }
        Outcome outcome = Outcome::all(points);
        outcome.spooled = points.size() - (disk_->is_full ? 1 : 0);
        return outcome;
    }

private:
    std::shared_ptr<Disk> disk_;
};

constexpr std::size_t limit = 10;

SteadyTime long_after() { return std::chrono::steady_clock::now() + 1min; }

/// A Background in front of a Disk.
struct Setting {
    Background::Passing passing = Background::Passing::by_thread;
    std::shared_ptr<Disk> disk = std::make_shared<Disk>();
    std::shared_ptr<std::atomic<int>> closed = std::make_shared<std::atomic<int>>(0);
    Background background{[disk = disk]() -> AnyTransmitter { return Writer{disk}; }, limit,
                          [closed = closed] { ++*closed; }, passing};

    /// Publishes a point that hangs in the transmitter.
    void hang() {
        disk->set(&Disk::hangs, true);
        background.publish(points(0, 1));
        await([this] { return disk->times_called() == 1; });
    }
    /// Lets the transmitter go on. Returns the points that it got.
    [[nodiscard]] std::vector<std::int64_t> go_on() {
        disk->set(&Disk::hangs, false);
        CHECK(background.flush(long_after()));
        return disk->all();
    }
};

/// Returns the numbers of the point of `Setting::hang` and of the points after it.
std::vector<std::int64_t> after_hang(std::int64_t begin, std::int64_t end) {
    std::vector<std::int64_t> all = numbers(begin, end);
    all.insert(all.begin(), 0);
    return all;
}

} // namespace

TEST_CASE("agent: points go through a thread in order, and a flush waits for them") {
    Setting setting;
    setting.background.publish(points(0, 4));
    setting.background.publish(points(4, 9));
    CHECK(setting.background.flush(long_after()));
    CHECK(setting.disk->all() == numbers(0, 9));
    CHECK(setting.background.counts().passed == 9);
    CHECK(setting.background.end(long_after()));
    CHECK(*setting.closed == 0);
}

TEST_CASE("agent: a transmitter that never waits gets points from their caller, after those that waited for it") {
    Setting setting{Background::Passing::by_caller};
    setting.background.publish(points(0, 4));
    CHECK(setting.background.flush(long_after()));
    for (int first = 4; first < 40; first += 3) {
        CHECK(setting.background.publish(points(first, first + 3)).accepted() == 3);
        CHECK(setting.disk->all() == numbers(0, first + 3));
        CHECK(setting.background.counts().done() == static_cast<std::uint64_t>(first) + 3);
    }
    CHECK(setting.background.counts().lost() == 0);
    CHECK(setting.background.flush(long_after()));
    CHECK(setting.background.end(long_after()));
    CHECK(setting.background.publish(points(0, 1)).closed);
}

TEST_CASE("agent: points for which a transmitter of the caller throws are counted, and it gets the next ones") {
    const test::Messages messages;
    Setting setting{Background::Passing::by_caller};
    CHECK(setting.background.flush(long_after()));
    setting.disk->set(&Disk::is_broken, true);
    CHECK(setting.background.publish(points(0, 3)).accepted() == 3);
    CHECK(setting.background.counts().failed == 3);
    CHECK(messages.have("no memory"));
    setting.disk->set(&Disk::is_broken, false);
    setting.background.publish(points(3, 5));
    CHECK(setting.disk->all() == numbers(3, 5));
    CHECK(setting.background.counts().done() == 5);
}

TEST_CASE("agent: while a disk hangs no caller waits, the newest points are kept, and the others are counted") {
    Setting setting;
    setting.hang();
    for (int first = 1; first < 31; first += 3) {
        CHECK(setting.background.publish(points(first, first + 3)).accepted() == 3);
    }
    CHECK(setting.background.busy_for() > 0s);
    CHECK_FALSE(setting.background.flush(SteadyTime::min()));
    CHECK(setting.background.counts().taken == 31);
    CHECK(setting.background.counts().dropped == 20);
    CHECK(setting.go_on() == after_hang(21, 31));
    CHECK(setting.background.counts().passed == 11);
}

TEST_CASE("agent: one call with more points than may wait keeps the last of them") {
    Setting setting;
    setting.hang();
    setting.background.publish(points(1, 40));
    CHECK(setting.go_on() == after_hang(30, 40));
    CHECK(setting.background.counts().dropped == 29);
}

TEST_CASE("agent: the end does not wait for a disk that hangs, and counts the lost points") {
    Setting setting;
    setting.hang();
    setting.background.publish(points(1, 5));
    CHECK_FALSE(setting.background.end(SteadyTime::min()));
    CHECK(setting.background.counts().dropped == 5);
    CHECK(setting.background.publish(points(5, 6)).closed);
    setting.disk->set(&Disk::hangs, false); // so that the thread ends
}

TEST_CASE("agent: waiting points are passed on before the transmitter ends") {
    Setting setting;
    setting.hang();
    setting.background.publish(points(1, 5));
    setting.disk->set(&Disk::hangs, false);
    CHECK(setting.background.end(long_after()));
    CHECK(setting.disk->all() == numbers(0, 5));
}

TEST_CASE("agent: is_spooling tells whether the last points went to the spool") {
    Setting setting;
    CHECK_FALSE(setting.background.is_spooling());
    for (const bool is_full : {false, true, false}) {
        setting.disk->set(&Disk::is_full, is_full);
        setting.background.publish(points(0, 4));
        CHECK(setting.background.flush(long_after()));
        CHECK(setting.background.is_spooling() == !is_full);
    }
}

TEST_CASE("agent: a reader that is gone is reported once, and no more points are taken") {
    Setting setting{GENERATE(Background::Passing::by_thread, Background::Passing::by_caller)};
    CHECK(setting.background.flush(long_after()));
    setting.disk->set(&Disk::is_gone, true);
    setting.background.publish(points(0, 3));
    await([&] { return *setting.closed == 1; });
    CHECK(setting.background.publish(points(3, 4)).closed);
    CHECK_FALSE(setting.background.flush(long_after()));
    CHECK(setting.background.counts().dropped == 3);
    CHECK(setting.background.failure().empty());
    CHECK(setting.background.end(long_after()));
    CHECK(*setting.closed == 1);
}

TEST_CASE("agent: a transmitter that cannot be made is reported with its reason, and a flush does not wait for it") {
    const auto closed = std::make_shared<std::atomic<int>>(0);
    Background background{[]() -> AnyTransmitter { throw std::runtime_error{"no threads"}; }, limit,
                          [closed] { ++*closed; }};
    background.publish(points(0, 3));
    await([&] { return *closed == 1; });
    CHECK(background.failure() == "no threads");
    CHECK_FALSE(background.is_misused());
    CHECK_FALSE(background.flush(long_after()));
    CHECK(background.end(long_after()));
}

TEST_CASE("agent: a transmitter that cannot be made because of wrong usage counts as misused") {
    const auto closed = std::make_shared<std::atomic<int>>(0);
    const Background background{[]() -> AnyTransmitter { throw tickertape::UsageError{"no TLS"}; }, limit,
                                [closed] { ++*closed; }};
    await([&] { return *closed == 1; });
    CHECK(background.failure() == "no TLS");
    CHECK(background.is_misused());
}

TEST_CASE("agent: the budget of a second may be spent at once, and a debt becomes a pause") {
    constexpr SteadyTime begin{1'000s};
    Budget budget;
    budget.spend(100, 100, begin);
    CHECK(budget.rest() == 0s);
    budget.spend(50, 100, begin);
    CHECK(budget.rest() == 500ms);
    budget.spend(0, 100, begin + 250ms);
    CHECK(budget.rest() == 250ms);
    budget.spend(300, 100, begin + 10s);
    CHECK(budget.rest() == 2s);
    budget.forgive();
    CHECK(budget.rest() == 1s);
}
