// SPDX-License-Identifier: MIT
/// \file
/// Receipts: objects of a queue that live for as long as an engine holds the queue's points.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

namespace tickertape::push {

/// The receipts (Accounts::receipt) of points that are together. Parts of them have all of them. Empty without a spool.
///
/// Thread safety: as a standard container.
class Receipts {
public:
    Receipts() = default;
    explicit Receipts(std::shared_ptr<const void> receipt) {
        if (receipt) {
            all_.push_back(std::move(receipt));
        }
    }
    void add(const Receipts& more) {
        for (const auto& receipt : more.all_) {
            // What comes together is next to each other.
            if (std::find(all_.rbegin(), all_.rend(), receipt) == all_.rend()) {
                all_.push_back(receipt);
            }
        }
    }

private:
    std::vector<std::shared_ptr<const void>> all_;
};

} // namespace tickertape::push
