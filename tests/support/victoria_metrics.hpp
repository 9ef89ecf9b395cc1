// SPDX-License-Identifier: MIT
/// \file
/// VictoriaMetrics: the real server, for a test.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace test {

/// A server with an empty storage on free ports of loopback. It ends with its test.
class VictoriaMetrics {
public:
    /// Returns whether the program is installed; scripts/setup --tests installs it.
    [[nodiscard]] static bool is_installed();

    /// Returns when it is ready. Throws std::runtime_error if it does not become ready.
    explicit VictoriaMetrics(const std::vector<std::string>& more_arguments = {});

    /// The address for put lines and for /api/put.
    [[nodiscard]] std::uint16_t telnet_port() const noexcept { return telnet_port_; }
    [[nodiscard]] std::uint16_t http_port() const noexcept { return put_port_; }

    /// The address for its own protocol.
    [[nodiscard]] std::uint16_t query_port() const noexcept { return query_port_; }

    struct Count {
        std::size_t points = 0;   ///< stored samples; duplicates count
        std::size_t distinct = 0; ///< distinct by series and time
    };
    /// Counts the points of a metric once there are `expected`, or after a minute. A flush does not wait for points that another
    /// flush has begun to write, so a busy server shows some of them a moment later.
    [[nodiscard]] Count count(std::string_view metric, std::size_t expected) const;
    /// Returns the value of a query with one series, at a time in seconds; nan if there is none. The expression has no blanks.
    [[nodiscard]] double query(std::string_view expression, std::int64_t time) const;

private:
    [[nodiscard]] Count count_visible(std::string_view metric) const;

    [[nodiscard]] std::string get(std::string_view path) const;

    TemporaryDirectory directory_;
    std::uint16_t query_port_;
    std::uint16_t telnet_port_;
    std::uint16_t put_port_;
    std::unique_ptr<Process> process_;
};

} // namespace test
