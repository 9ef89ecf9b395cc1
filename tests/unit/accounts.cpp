// SPDX-License-Identifier: MIT

#include <atomic>
#include <cstdint>
#include <set>
#include <string_view>

#include "stage/ledger.hpp"
#include "support/catch.hpp"
#include "support/counting.hpp"

using tickertape::Account;
using Loss = tickertape::Account::Loss;
using tickertape::Reason;
using tickertape::stage::Ledger;

TEST_CASE("each entry moves points from one place to another") {
    Ledger accounts;
    accounts.put_queue_in_front();
    accounts.enqueue(100);
    CHECK(accounts.now().accepted == 100);
    CHECK(accounts.now().queued == 100);
    accounts.drop_queued(1, Loss::queue_full);
    accounts.drop_new(2, Loss::shutdown);
    accounts.take(60);
    accounts.refuse(3, Reason::no_tag);
    accounts.ack(10);
    accounts.unconfirm(11);
    accounts.reject(12, Reason::refused);
    accounts.drop(13, Loss::shutdown);
    accounts.resend(7);
    const Account now = accounts.now();
    CHECK(now.balanced());
    CHECK(now.accepted == 102);
    CHECK(now.queued == 100 - 1 - 60 - 3);
    CHECK(now.in_flight == 60 - 10 - 11 - 12 - 13);
    CHECK(now.acked == 10);
    CHECK(now.unconfirmed == 11);
    CHECK(now.rejected_for(Reason::no_tag) == 3);
    CHECK(now.rejected_for(Reason::refused) == 12);
    CHECK(now.all_rejected() == 15);
    CHECK(now.dropped_for(Loss::queue_full) == 1);
    CHECK(now.dropped_for(Loss::shutdown) == 15);
    CHECK(now.all_dropped() == 16);
    CHECK(now.resent == 7);
}

TEST_CASE("without a queue in front, points that a transmitter takes or refuses count as accepted") {
    Ledger accounts;
    accounts.take(5);
    accounts.refuse(2, Reason::bad_time);
    const Account now = accounts.now();
    CHECK(now.accepted == 7);
    CHECK(now.in_flight == 5);
    CHECK(now.queued == 0);
    CHECK(now.balanced());
}

TEST_CASE("an account that has lost a point in any place does not balance") {
    CHECK(Account{}.balanced());
    CHECK_FALSE(Account{.accepted = 1}.balanced());
    CHECK_FALSE(Account{.acked = 1}.balanced());
    CHECK_FALSE(Account{.unconfirmed = 1}.balanced());
    CHECK_FALSE(Account{.queued = 1}.balanced());
    CHECK_FALSE(Account{.in_flight = 1}.balanced());
    Account account{.accepted = 1};
    account.rejected[tickertape::reasons - 1] = 1;
    CHECK(account.balanced());
    account.dropped[tickertape::Account::losses - 1] = 1;
    CHECK_FALSE(account.balanced());
    CHECK(Account{.resent = 3}.balanced());
}

TEST_CASE("an account that is read while others make entries balances") {
    Ledger accounts;
    accounts.put_queue_in_front();
    std::atomic<int> running{3};
    bool balanced = true;
    test::on_threads(
        3,
        [&](int) {
            for (int i = 0; i < 20'000; ++i) {
                accounts.enqueue(3);
                accounts.drop_queued(1, Loss::queue_full);
                accounts.take(1);
                accounts.refuse(1, Reason::refused);
                accounts.ack(1);
            }
            --running;
        },
        [&] {
            while (running > 0) {
                balanced = balanced && accounts.now().balanced();
            }
        });
    CHECK(balanced);
    const Account now = accounts.now();
    CHECK(now.accepted == 180'000);
    CHECK(now.acked == 60'000);
    CHECK(now.queued + now.in_flight == 0);
}

TEST_CASE("each loss has a sentence") {
    std::set<std::string_view> sentences;
    for (std::size_t i = 0; i <= tickertape::Account::losses; ++i) {
        sentences.insert(describe(static_cast<Loss>(i)));
    }
    CHECK(sentences.size() == tickertape::Account::losses + 1);
    CHECK(describe(static_cast<Loss>(tickertape::Account::losses)) == "unknown loss");
}
