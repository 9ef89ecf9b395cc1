// SPDX-License-Identifier: MIT
/// \file
/// Receipt: a transmitter keeps it for as long as it keeps the points of a batch.
#pragma once

namespace tickertape::stage {

/// The receipt of one batch of a queue with a spool. When its last holder releases it, its points are settled, and the spool need
/// not keep them. A transmitter that cannot send now gives it back: then all points of the batch wait in the spool.
///
/// Thread safety: one thread at a time.
class Receipt {
public:
    Receipt() = default;
    Receipt(const Receipt&) = delete;
    Receipt& operator=(const Receipt&) = delete;
    virtual ~Receipt() = default;

    /// Forbids giving it back: points of the batch are held for long and the others cannot wait for them, or some are in
    /// memory only.
    void pin() noexcept { is_pinned_ = true; }
    [[nodiscard]] bool may_be_given_back() const noexcept { return !is_pinned_; }
    void give_back() noexcept { is_given_back_ = true; }
    [[nodiscard]] bool is_given_back() const noexcept { return is_given_back_; }

private:
    bool is_pinned_ = false;
    bool is_given_back_ = false;
};

} // namespace tickertape::stage
