// SPDX-License-Identifier: MIT
/// \file
/// Memory: keeps published points, for tests, and fails on request.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <tickertape/transmitter.hpp>

namespace tickertape {

/// A handle onto a store of points: a test keeps one copy and hands another to a stage.
///
/// Thread safety: every function of every copy may be called from any thread.
class Memory final : public Transmitter {
public:
    Memory();

    Outcome publish(std::span<const Point> points) override;
    /// Returns true, except after `fail_flushes`.
    bool flush(SteadyTime deadline) override;

    /// The points accepted so far, in order.
    [[nodiscard]] std::vector<Point> points() const;
    [[nodiscard]] std::size_t size() const;
    /// Returns the number of calls of `publish`, failures included.
    [[nodiscard]] std::size_t publishes() const;
    [[nodiscard]] std::size_t flushes() const;
    /// Forgets the points; counts and failures stay.
    void clear();

    /// From now on rejects each point for which `rule` returns a reason. An empty rule rejects none.
    void reject(std::function<std::optional<Reason>(const Point&)> rule);
    /// The next publish settles at most this number of points; the caller must publish the others again.
    void take_only(std::size_t points);
    /// The next `times` calls of publish throw std::runtime_error.
    void fail(std::size_t times = 1);
    /// The next `times` calls of flush return false.
    void fail_flushes(std::size_t times = 1);
    /// From now on accepts nothing; each outcome is `closed`.
    void close();

private:
    struct Store;
    std::shared_ptr<Store> store_;
};

} // namespace tickertape
