// SPDX-License-Identifier: MIT
/// \file
/// MetricsServer: the transmitter behind serve_metrics.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include <tickertape/transmitter.hpp>

namespace tickertape::scrape {

/// Serves a MetricsPage on its own thread.
///
/// Thread safety: all functions may be called from any thread.
class MetricsServer final : public Transmitter {
public:
    struct Limits {
        std::size_t connections = 16; ///< further ones close the oldest
        /// The longest time from accepting a connection to the end of its answer.
        std::chrono::milliseconds request = std::chrono::seconds{10};
    };

    /// See serve_metrics. Port 0 takes a free one.
    explicit MetricsServer(std::string_view listen) : MetricsServer{listen, Limits{}} {}
    MetricsServer(std::string_view listen, Limits limits);
    MetricsServer(MetricsServer&&) noexcept;
    MetricsServer& operator=(MetricsServer&&) = delete;
    /// Closes all connections.
    ~MetricsServer() override;

    Outcome publish(std::span<const Point> points) override;
    [[nodiscard]] Traits traits() const noexcept override { return {.keeps_every_event = true, .takes_at_once = true}; }

    [[nodiscard]] std::uint16_t port() const noexcept;

private:
    struct State;
    std::unique_ptr<State> state_; // null only after a move
};

} // namespace tickertape::scrape
