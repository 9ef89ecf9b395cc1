// SPDX-License-Identifier: MIT
// A queue whose spool's disk fails: every point is sent or counted, memory is used, one message reports it, and the disk is tried
// again.
#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"
#include "support/faulty_disk.hpp"
#include "support/messages.hpp"
#include "support/queues.hpp"
#include "support/spooled_queues.hpp"

namespace {

using namespace std::chrono_literals;
using namespace tickertape;
using test::FaultyDisk;
using test::Holder;
using test::Place;

constexpr std::uint64_t min_free = 1U << 20U;

/// The real time, and a disk that fails.
class Surroundings final : public stage::QueueTime {
public:
    explicit Surroundings(FaultyDisk& disk) : disk_{&disk} {}
    [[nodiscard]] SteadyTime now() const override { return real().now(); }
    void wait(std::condition_variable& condition, std::unique_lock<std::mutex>& lock, SteadyTime until) override {
        real().wait(condition, lock, until);
    }
    [[nodiscard]] base::Syscalls& disk() override { return *disk_; }

private:
    FaultyDisk* disk_;
};

struct Fault {
    std::string_view name;
    void (*begin)(FaultyDisk& disk);
};

const Fault disk_full{"disk full", [](FaultyDisk& disk) { disk.write_error = ENOSPC; }};
const Fault no_inodes{"no file can be made", [](FaultyDisk& disk) {
                          disk.write_error = EDQUOT;
                          disk.change_error = ENOSPC;
                      }};
const Fault read_only{"mounted read-only", [](FaultyDisk& disk) { disk.write_error = disk.change_error = EROFS; }};
const Fault broken{
    "EIO", [](FaultyDisk& disk) { disk.write_error = disk.change_error = disk.sync_error = disk.read_error = EIO; }};
const Fault no_sync{"sync fails", [](FaultyDisk& disk) { disk.sync_error = EIO; }};
const Fault nearly_full{"too little is free", [](FaultyDisk& disk) { disk.free = min_free - 1; }};

/// A queue whose points are numbered from 0, and its receiver.
class Life {
public:
    explicit Life(SpoolOptions::Sync sync = SpoolOptions::Sync::each_second, std::size_t size = 1'000,
                  Overflow overflow = Overflow::drop_oldest, std::optional<std::chrono::seconds> keep = {}) {
        BufferedOptions options = place.options(size);
        options.spool.keep_acknowledged = keep;
        options.spool.min_free = min_free;
        options.spool.sync = sync;
        options.overflow = overflow;
        queue.emplace(stage::BufferedAccess::make(Holder{state}, options, surroundings_));
    }
    /// Sends the next point, which the receiver acknowledges. Moves the disk's clock by a second.
    Sent send() {
        disk.pass(1s);
        const Sent sent = queue->add(test::point(next));
        ++next;
        test::await([this] { return state.all_taken().size() >= static_cast<std::size_t>(next); });
        state.ack(); // wakes the spool's thread
        return sent;
    }
    /// Waits until a point is accepted in this way. A fault other than a refused write is noticed within a second.
    void send_until(Sent sent) {
        test::await([&] { return send() == sent; });
    }

    Place place{};
    FaultyDisk disk{};
    Holder::State state{};
    std::int64_t next = 0;

private:
    Surroundings surroundings_{disk};

public:
    std::optional<Buffered> queue; // last: its end uses the others
};

std::size_t count_of(const test::Messages& messages, std::string_view part) {
    const std::vector<std::string> all = messages.all();
    return static_cast<std::size_t>(std::count_if(
        all.begin(), all.end(), [part](const std::string& one) { return one.find(part) != std::string::npos; }));
}

constexpr std::string_view in_memory{": points are kept in memory"};
constexpr std::string_view again{": points are kept there again"};

void live_through(const Fault& fault) {
    CAPTURE(fault.name);
    const test::Messages messages;
    Life life;
    for (int i = 0; i < 5; ++i) {
        CHECK(life.send() == Sent::spooled);
    }
    fault.begin(life.disk);
    life.send_until(Sent::queued);
    for (int i = 0; i < 20; ++i) {
        const std::uint64_t before = life.disk.refusals();
        test::await([&] { // the disk is tried again
            CHECK(life.send() == Sent::queued);
            return life.disk.refusals() > before;
        });
    }
    const std::vector<std::string> said = messages.all();
    CAPTURE(said);
    CHECK(count_of(messages, in_memory) == 1);
    CHECK(count_of(messages, again) == 0);

    life.disk.repair();
    life.send_until(Sent::spooled);
    for (int i = 0; i < 5; ++i) {
        CHECK(life.send() == Sent::spooled);
    }
    CHECK(count_of(messages, in_memory) == 1);
    CHECK(count_of(messages, again) == 1);

    CHECK(life.state.all_taken() == test::numbers(0, life.next)); // in order, and once
    const Account account = life.queue->account();
    CHECK(account.balanced());
    CHECK(account.acked == static_cast<std::uint64_t>(life.next));
    CHECK(account.all_dropped() == 0);
    life.queue.reset();
    CHECK(life.place.recovered().empty());
}

} // namespace

TEST_CASE("While a disk accepts nothing points are sent from memory, one warning is logged, and the disk is retried") {
    live_through(GENERATE(as<Fault>{}, disk_full, no_inodes, read_only));
}

TEST_CASE("While a disk fails points are sent from memory, one warning is logged, and the disk is retried") {
    live_through(GENERATE(as<Fault>{}, broken, no_sync, nearly_full));
}

TEST_CASE("Points without room while a disk is full and a receiver is away are counted, and all others are sent") {
    const Overflow overflow = GENERATE(Overflow::drop_oldest, Overflow::drop_newest);
    CAPTURE(static_cast<int>(overflow));
    Life life{SpoolOptions::Sync::each_second, 100, overflow};
    life.state.takes = false;
    const auto add = [&life] { return life.queue->add(test::point(life.next++)); };
    for (int i = 0; i < 50; ++i) {
        CHECK(add() == Sent::spooled);
    }
    disk_full.begin(life.disk);
    for (int i = 0; i < 200; ++i) {
        CHECK(add() != Sent::spooled);
    }
    life.disk.repair();
    test::await([&] {
        life.disk.pass(1s);
        return add() == Sent::spooled;
    });
    life.state.takes = true;
    test::await([&] {
        life.state.ack();
        const Account account = life.queue->account();
        return account.queued + account.spooled + account.in_flight == 0;
    });
    const Account account = life.queue->account();
    CHECK(account.balanced());
    CHECK(account.accepted == static_cast<std::uint64_t>(life.next));
    CHECK(account.all_dropped() == account.dropped_for(Account::Loss::queue_full));
    CHECK(account.all_dropped() >= 100);
    std::vector<std::int64_t> taken = life.state.all_taken();
    std::sort(taken.begin(), taken.end());
    CHECK(std::adjacent_find(taken.begin(), taken.end()) == taken.end()); // none is repeated
    CHECK(taken.size() == account.acked);
    REQUIRE(taken.size() > 50);
    CHECK(std::vector<std::int64_t>(taken.begin(), taken.begin() + 50) == test::numbers(0, 50)); // were on disk
}

TEST_CASE("At the end points only in memory are counted as dropped, and those on disk wait for the next queue") {
    const Fault fault = GENERATE(as<Fault>{}, disk_full, read_only, nearly_full);
    CAPTURE(fault.name);
    Life life;
    life.state.takes = false;
    CHECK(life.queue->publish(test::points(0, 10)).spooled == 10);
    fault.begin(life.disk);
    life.next = 10;
    test::await([&] { // a lack of space is noticed within a second
        life.disk.pass(1s);
        return life.queue->add(test::point(life.next++)) == Sent::queued;
    });
    const std::int64_t written = life.next - 1;
    const Outcome outcome = life.queue->publish(test::points(life.next, life.next + 10));
    CHECK(outcome.retry_from == 10);
    CHECK(outcome.spooled == 0);
    life.queue.reset();
    const Account account = life.state.accounts->now();
    CHECK(account.balanced());
    CHECK(account.spooled == static_cast<std::uint64_t>(written));
    CHECK(account.dropped_for(Account::Loss::shutdown) == 11);
    CHECK(life.place.recovered() == test::numbers(0, written));
}

TEST_CASE("Points in flight when the spool is removed are not counted as spooled at the end") {
    const test::Messages messages;
    Life life;
    CHECK(life.queue->publish(test::points(0, 10)).spooled == 10);
    test::await([&] { return life.state.numbers().size() == 10; });
    std::filesystem::remove_all(life.place.directory.path() / "spool");
    test::await([&] { return count_of(messages, in_memory) == 1; });
    life.queue.reset();
    life.state.end();
    const Account account = life.state.accounts->now();
    CHECK(account.balanced());
    CHECK(account.unconfirmed == 10);
    CHECK(account.spooled == 0);
    CHECK(life.place.recovered().empty());
}

TEST_CASE("A backlog waits while no file can be opened") {
    const test::Messages messages;
    Life life;
    life.state.takes = false;
    CHECK(life.queue->publish(test::points(0, 10)).spooled == 10);
    life.disk.open_error = EMFILE;
    test::await([&] { return life.queue->account().spooled == 10; }); // left after a second
    test::await([&] { return count_of(messages, "spool: cannot open") == 1; });
    life.state.takes = true;
    life.queue->add(test::point(10));
    life.disk.repair();
    life.disk.pass(1s);
    test::await([&] { return life.state.all_taken().size() == 11; });
    CHECK(life.queue->account().all_dropped() == 0);
}

TEST_CASE(
    "Points acknowledged before an outage are sent again, however long it was and whatever is acknowledged later") {
    Life life{SpoolOptions::Sync::each_second, 1'000, Overflow::drop_oldest, 20s};
    for (int i = 0; i < 10; ++i) {
        life.send();
    }
    test::await([&] { return life.queue->account().acked == 10; });
    life.disk.pass(1h);
    life.state.accounts->note_outage();
    life.send();
    test::await([&] {
        life.state.ack();
        return life.queue->account().acked >= 21;
    });
    CHECK(life.queue->account().recovered == 10);
    CHECK(life.queue->account().balanced());
}
