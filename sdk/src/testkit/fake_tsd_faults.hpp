// SPDX-License-Identifier: MIT
/// \file
/// CurrentFaults: the faults of a fake TSD, which can change while it runs.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string_view>

#include <tickertape/testkit/fake_tsd.hpp>

namespace tickertape::testkit {

/// The present faults, and how often they have happened.
///
/// Thread safety: every function may be called from any thread.
class CurrentFaults {
public:
    explicit CurrentFaults(Faults faults) { set(std::move(faults)); }

    void set(Faults faults);
    /// Returns the present faults, never null. Each `set` makes a new object.
    [[nodiscard]] std::shared_ptr<const Faults> get() const;
    /// Grows with each `set`. Cheap.
    [[nodiscard]] std::uint64_t generation() const noexcept { return generation_.load(std::memory_order_acquire); }

    /// Returns true if the calling connection must break, and counts that. Only for the present faults.
    bool take_breakage(const Faults& faults);
    /// Returns true if the fault must answer the calling request, and counts that.
    bool take_request(const Faults& faults);

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const Faults> faults_;
    std::uint64_t broken_ = 0;
    std::uint64_t answered_ = 0;
    std::atomic<std::uint64_t> generation_{0};
};

/// Returns the refusal of a point of this metric; `nothing` if the point is accepted.
[[nodiscard]] Refusal refusal_of(const Faults& faults, std::string_view metric);

/// Returns OpenTSDB's answer to a refused `put`: a line with its newline.
[[nodiscard]] std::string refusal_line(Refusal refusal, std::string_view metric);
/// Returns the text of the refusal in the details of an HTTP answer.
[[nodiscard]] std::string refusal_detail(Refusal refusal, std::string_view metric);

} // namespace tickertape::testkit
