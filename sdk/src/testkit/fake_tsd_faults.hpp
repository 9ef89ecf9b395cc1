// SPDX-License-Identifier: MIT
/// \file
/// CurrentFaults: the faults of a fake TSD, which change while it runs.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string_view>

#include <tickertape/testkit/fake_tsd.hpp>

namespace tickertape::testkit {

/// Faults, and how often they have happened.
///
/// Thread safety: every function may be called from any thread.
class CurrentFaults {
public:
    explicit CurrentFaults(Faults faults) { set(std::move(faults)); }

    void set(Faults faults);
    /// Never null; a new object after each `set`.
    [[nodiscard]] std::shared_ptr<const Faults> get() const;
    /// Grows with each `set`; cheap.
    [[nodiscard]] std::uint64_t generation() const noexcept { return generation_.load(std::memory_order_acquire); }

    /// True if the connection that asks shall break; counts it. Only for the faults that are set now.
    bool take_breakage(const Faults& faults);
    /// True if the request that asks shall be answered by the fault; counts it.
    bool take_request(const Faults& faults);

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const Faults> faults_;
    std::uint64_t broken_ = 0;
    std::uint64_t answered_ = 0;
    std::atomic<std::uint64_t> generation_{0};
};

/// The refusal of a point of this metric; `nothing` if it is accepted.
[[nodiscard]] Refusal refusal_of(const Faults& faults, std::string_view metric);

/// The line that OpenTSDB answers to a `put` refused for that reason, with its newline.
[[nodiscard]] std::string refusal_line(Refusal refusal, std::string_view metric);
/// Returns the text of its details over HTTP.
[[nodiscard]] std::string refusal_detail(Refusal refusal, std::string_view metric);

} // namespace tickertape::testkit
