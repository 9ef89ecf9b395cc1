// SPDX-License-Identifier: MIT
/// \file
/// WatchAccount: checks accounts all the time while a test runs.
#pragma once

#include <atomic>
#include <memory>
#include <thread>

#include "stage/ledger.hpp"

namespace test {

/// Reads the account repeatedly on its own thread, and notes if it ever did not balance.
class WatchAccount {
public:
    explicit WatchAccount(std::shared_ptr<tickertape::stage::Ledger> accounts)
        : thread_{[this, accounts = std::move(accounts)](const std::stop_token& stop) {
              while (!stop.stop_requested()) {
                  const tickertape::Account now = accounts->now();
                  always_balanced_ = always_balanced_ && now.balanced() && now.accepted >= accepted_;
                  accepted_ = now.accepted;
                  std::this_thread::yield();
              }
          }} {}

    [[nodiscard]] bool always_balanced() const noexcept { return always_balanced_; }

private:
    std::atomic<bool> always_balanced_{true};
    std::uint64_t accepted_ = 0;
    std::jthread thread_;
};

} // namespace test
