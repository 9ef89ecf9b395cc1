// SPDX-License-Identifier: MIT
/// \file
/// Receipts: objects of a queue that live for as long as an engine holds the queue's points.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "stage/receipt.hpp"

namespace tickertape::push {

/// The receipts (stage::Ledger::receipt) of points that are together. Parts of them have all of them. Empty without a spool.
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
    /// Adds the receipts of points that are held for long. Leaves out those that were given back: their points will come again.
    void add_pinned(const Receipts& more) {
        for (const auto& receipt : more.all_) {
            if (!receipt->is_given_back()) {
                receipt->pin();
                add(receipt);
            }
        }
    }
    /// Whether the points may wait in the spool instead.
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
        // Points that come together have their receipts next to each other.
        if (std::find(all_.rbegin(), all_.rend(), receipt) == all_.rend()) {
            all_.push_back(receipt);
        }
    }

    std::vector<std::shared_ptr<stage::Receipt>> all_;
};

} // namespace tickertape::push
