// SPDX-License-Identifier: MIT
// A queue with a spool: accepted points are sent, by this queue or a later one.
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <tickertape/buffered.hpp>
#include <tickertape/testkit/memory.hpp>

#include "stage/ledger.hpp"
#include "support/catch.hpp"
#include "support/queues.hpp"
#include "support/spooled_queues.hpp"

namespace {

using namespace std::chrono_literals;
using namespace tickertape;
using test::Holder;
using test::Place;
using test::Refuser;

} // namespace

TEST_CASE("Unsent points of a queue are in its spool, and the next queue sends them in order") {
    const Place place;
    std::shared_ptr<stage::Ledger> accounts;
    {
        Buffered queue{Refuser{}, place.options()};
        accounts = queue.accounts();
        const Outcome outcome = queue.publish(test::points(0, 100));
        CHECK(outcome.retry_from == 100);
        CHECK(outcome.spooled == 100);
        CHECK(queue.add(test::point(100)) == Sent::spooled);
    }
    const Account account = accounts->now();
    CHECK(account.balanced());
    CHECK(account.accepted == 101);
    CHECK(account.spooled == 101);
    CHECK(account.all_dropped() == 0);
    CHECK(place.recovered() == test::numbers(0, 101));
    CHECK(place.recovered().empty());
}

TEST_CASE("A queue with a spool drops nothing that it has no room for") {
    const Overflow overflow = GENERATE(Overflow::drop_oldest, Overflow::drop_newest, Overflow::block);
    CAPTURE(static_cast<int>(overflow));
    const Place place;
    std::shared_ptr<stage::Ledger> accounts;
    {
        BufferedOptions options = place.options(50);
        options.overflow = overflow;
        Buffered queue{Refuser{}, options};
        accounts = queue.accounts();
        for (int i = 0; i < 20; ++i) {
            CHECK(queue.publish(test::points(i * 100, (i + 1) * 100)).spooled == 100);
        }
        CHECK(queue.account().balanced());
        CHECK(queue.account().queued <= 50 + 100); // plus a record of the backlog that may be about to be sent
    }
    CHECK(accounts->now().all_dropped() == 0);
    CHECK(accounts->now().spooled == 2'000);
    CHECK(place.recovered() == test::numbers(0, 2'000));
}

TEST_CASE("Points are forgotten when they are settled, and not before") {
    const Place place;
    Holder::State state;
    {
        Buffered queue{Holder{state}, place.options()};
        CHECK(queue.publish(test::points(0, 100)).spooled == 100);
        test::await([&] { return state.numbers().size() == 100; });
        state.ack();
        CHECK(queue.publish(test::points(100, 200)).spooled == 100);
        test::await([&] { return state.numbers().size() == 100; });
    }
    state.end(); // points without an answer by then
    const Account account = state.accounts->now();
    CHECK(account.balanced());
    CHECK(account.acked == 100);
    CHECK(account.unconfirmed == 0);
    CHECK(account.spooled == 100);
    CHECK(place.recovered() == test::numbers(100, 200));
}

TEST_CASE("New points go first when a receiver is back, and the backlog arrives in order") {
    const Place place;
    Holder::State state;
    state.takes = false;
    Buffered queue{Holder{state}, place.options()};
    CHECK(queue.publish(test::points(0, 500)).spooled == 500);
    test::await([&] { return queue.account().spooled == 500; }); // left after a second
    CHECK(queue.publish(test::points(500, 510)).spooled == 10);
    state.takes = true;
    test::await([&] { return state.numbers().size() == 510; });
    const std::vector<std::int64_t> got = state.numbers();
    CHECK(std::vector<std::int64_t>(got.begin(), got.begin() + 10) == test::numbers(500, 510));
    CHECK(std::vector<std::int64_t>(got.begin() + 10, got.end()) == test::numbers(0, 500));
    state.ack();
    CHECK(queue.account().balanced());
    CHECK(queue.account().acked == 510);
}

TEST_CASE("Acknowledged points that are kept are sent again when the receiver was away, as many as may be kept") {
    const std::uint64_t at_most = GENERATE(0U, 100U);
    const Place place;
    Holder::State state;
    {
        BufferedOptions options = place.options();
        options.spool.keep_acknowledged = 60s;
        options.spool.keep_at_most = at_most;
        Buffered queue{Holder{state}, options};
        CHECK(queue.publish(test::points(0, 100)).spooled == 100);
        test::await([&] { return state.numbers().size() == 100; });
        state.takes = false;
        state.ack();
        state.accounts->note_outage();
    }
    const Account account = state.accounts->now();
    CHECK(account.balanced());
    CHECK(account.acked == 100);
    CHECK(account.recovered == at_most);
    CHECK(account.spooled == at_most);
    CHECK(place.recovered() == test::numbers(0, static_cast<std::int64_t>(at_most)));
}

TEST_CASE("Acknowledged points are kept, unless that is turned off, if the receiver may lose them and stores repeated "
          "ones once") {
    const auto [may_lose, keep, again] = GENERATE(table<bool, std::optional<std::chrono::seconds>, std::int64_t>({
        {true, std::nullopt, 100},
        {true, 0s, 0},
        {false, std::nullopt, 0},
        {false, 60s, 100},
    }));
    CAPTURE(may_lose, keep.has_value());
    const Place place;
    Holder::State state;
    {
        BufferedOptions options = place.options();
        options.spool.keep_acknowledged = keep;
        Buffered queue{Holder{state}, options};
        CHECK(queue.publish(test::points(0, 100)).spooled == 100);
        test::await([&] { return state.numbers().size() == 100; });
        state.takes = false;
        state.accounts->set_may_lose_acked(may_lose);
        state.ack();
        state.accounts->note_outage();
    }
    CHECK(state.accounts->now().balanced());
    CHECK(place.recovered() == test::numbers(0, again));
}

TEST_CASE("A batch that a dead receiver may have acknowledged in part is sent again as a whole") {
    const bool is_kept = GENERATE(true, false);
    const Place place;
    Holder::State state;
    BufferedOptions options = place.options();
    options.spool.keep_acknowledged = is_kept ? 60s : 0s;
    Buffered queue{Holder{state}, options};
    CHECK(queue.publish(test::points(0, 100)).spooled == 100);
    test::await([&] { return state.numbers().size() == 100; });
    std::vector<std::shared_ptr<stage::Receipt>> part = state.held_receipts();
    state.ack(); // all but a part of the batch
    CHECK(queue.publish(test::points(100, 101)).spooled == 1);
    test::await([&] { return state.numbers().size() == 1; });
    state.ack();
    state.accounts->note_outage();
    if (is_kept) {
        test::await([&] { return state.numbers() == test::numbers(100, 101); }); // the outage is over
    }
    part.clear();
    if (is_kept) {
        test::await([&] { return state.numbers().size() == 101; });
        state.ack();
        CHECK(queue.account().acked == 202);
    }
    CHECK(queue.account().balanced());
}

TEST_CASE("A batch that is given back waits in the spool as a whole, after all its parts are released") {
    const Place place;
    Holder::State state;
    {
        Buffered queue{Holder{state}, place.options()};
        CHECK(queue.publish(test::points(0, 100)).spooled == 100);
        test::await([&] { return state.numbers().size() == 100; });
        state.takes = false;
        state.give_back(30); // the others have been answered
        CHECK(queue.account().balanced());
        CHECK(queue.account().acked == 70);
        test::await([&] { return queue.account().recovered == 70; });
        const Account account = queue.account();
        CHECK(account.queued + account.spooled == 100);
        CHECK(account.balanced());
    }
    CHECK(state.accounts->now().spooled == 100);
    CHECK(place.recovered() == test::numbers(0, 100));
}

TEST_CASE("A batch with a point only in memory, or held for long, cannot be given back") {
    const Place place;
    Holder::State state;
    Buffered queue{Holder{state}, place.options()};
    CHECK(queue.publish(test::points(0, 10)).spooled == 10);
    test::await([&] { return state.numbers().size() == 10; });
    CHECK(state.held_receipts().front()->may_be_given_back());
    state.held_receipts().front()->pin();
    CHECK_FALSE(state.held_receipts().front()->may_be_given_back());

    std::filesystem::remove_all(place.directory.path() / "spool");
    std::filesystem::create_directory(place.directory.path() / "spool");
    std::filesystem::create_symlink("/", place.directory.path() / "spool" / "test,main,nowhere");
    std::size_t sent = 10;
    test::await([&] { return queue.add(test::point(static_cast<std::int64_t>(sent++))) == Sent::queued; });
    test::await([&] { return state.numbers().size() == sent; });
    CHECK_FALSE(state.held_receipts().back()->may_be_given_back());
    state.ack();
}

TEST_CASE("A spool that another process uses is not touched: points are in memory until it is free") {
    const Place place;
    auto first = std::make_unique<Buffered>(Refuser{}, place.options());
    CHECK(first->add(test::point(0)) == Sent::spooled);
    Memory memory;
    Buffered second{std::ref(memory), place.options()};
    CHECK(second.add(test::point(1)) == Sent::queued);
    test::await([&] { return memory.size() == 1; });
    first = nullptr;
    test::await([&] { return second.account().recovered == 1; });
    CHECK(second.add(test::point(2)) == Sent::spooled);
    test::await([&] { return memory.size() == 3; });
    CHECK(second.account().balanced());
}

TEST_CASE("A spool whose owner is about to stop is waited for") {
    const Place place;
    auto first = std::make_unique<Buffered>(Refuser{}, place.options());
    CHECK(first->add(test::point(0)) == Sent::spooled);
    BufferedOptions options = place.options();
    options.spool.wait_for_owner = 10min;
    std::thread predecessor{[&first] { first = nullptr; }}; // takes a moment
    Memory memory;
    Buffered second{std::ref(memory), options};
    predecessor.join();
    CHECK(second.add(test::point(1)) == Sent::spooled);
    CHECK(second.account().recovered == 1);
    test::await([&] { return memory.size() == 2; });
}

TEST_CASE("A removed spool is created again, and points that were only in it are counted as lost") {
    const Place place;
    Buffered queue{Refuser{}, place.options()};
    // While new points come and are not accepted, no part of the backlog is read back into memory.
    auto go_on_until = [&queue, next = 10](auto condition) mutable {
        test::await([&] {
            queue.add(test::point(next++));
            return condition();
        });
    };
    CHECK(queue.publish(test::points(0, 10)).spooled == 10);
    go_on_until([&] { return queue.account().spooled >= 10; });
    std::filesystem::remove_all(place.directory.path() / "spool");
    go_on_until([&] { return queue.account().dropped_for(Account::Loss::spool_gone) >= 10; });
    test::await([&] { return queue.add(test::point(10)) == Sent::spooled; });
    CHECK(queue.account().balanced());
}

TEST_CASE("A spool without a target has no name") {
    const Place place;
    BufferedOptions options = place.options();
    options.spool.target.clear();
    CHECK_THROWS_AS((Buffered{Refuser{}, options}), UsageError);
}
