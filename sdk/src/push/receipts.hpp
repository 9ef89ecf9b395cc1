// SPDX-License-Identifier: MIT
/// \file
/// Receipts: objects of a queue. They live as long as an engine holds the points of the queue.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "stage/receipt.hpp"

namespace tickertape::push {

/// The receipts (stage::Ledger::receipt) of points that are sent together. Each part of these points has all of them. Empty
/// without a spool.
///
/// Thread safety: as a standard container.
class Receipts {
public:
    Receipts() = default;
    explicit Receipts(std::shared_ptr<stage::Receipt> receipt) {
        if (receipt) {
            all_.push_back(std::move(receipt));
        }
    }
    void add(const Receipts& more) {
        for (const auto& receipt : more.all_) {
            add(receipt);
        }
    }
    /// Adds the receipts of points that are held for long. Leaves out receipts that were given back, because their points will
    /// come again.
    void add_pinned(const Receipts& more) {
        for (const auto& receipt : more.all_) {
            if (!receipt->is_given_back()) {
                receipt->pin();
                add(receipt);
            }
        }
    }
    /// Returns whether the points may wait in the spool instead.
    [[nodiscard]] bool may_be_given_back() const {
        return !all_.empty() &&
               std::all_of(all_.begin(), all_.end(), [](const auto& receipt) { return receipt->may_be_given_back(); });
    }
    void give_back() const {
        for (const auto& receipt : all_) {
            receipt->give_back();
        }
    }

private:
    void add(const std::shared_ptr<stage::Receipt>& receipt) {
        // Points that come together have neighbouring receipts.
        if (std::find(all_.rbegin(), all_.rend(), receipt) == all_.rend()) {
            all_.push_back(receipt);
        }
    }

    std::vector<std::shared_ptr<stage::Receipt>> all_;
};

} // namespace tickertape::push
