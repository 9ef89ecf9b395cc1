// SPDX-License-Identifier: MIT
/// \file
/// Real TSDs from Debian's packages, each with its own ports and directory. Tests can stop, kill and freeze them, and ask for
/// their stored points.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace test {

/// A point as a server returns it.
struct StoredPoint {
    std::string series; ///< the value of its tag `cpu`
    std::int64_t ms = 0;
    std::uint64_t value = 0;
};

/// A server. It runs as nobody if the test is root's, and ends with the thread that started it. Its ports are free ones of
/// loopback below those that the kernel assigns, because a client that tries to connect to one of the latter may connect to
/// itself.
///
/// If a call has no effect within a minute, it throws std::runtime_error with the server's last
/// output.
class RealServer {
public:
    RealServer(const RealServer&) = delete;
    RealServer& operator=(const RealServer&) = delete;
    virtual ~RealServer() = default;

    /// Returns the address for put lines: `127.0.0.1:PORT`.
    [[nodiscard]] std::string telnet() const { return "127.0.0.1:" + std::to_string(put_port_); }
    /// Returns the address for JSON; both servers distinguish it from put lines.
    [[nodiscard]] std::string http() const { return "http://" + telnet(); }
    /// Returns the address for InfluxDB's lines, for the database `opentsdb`; VictoriaMetrics accepts them, too.
    [[nodiscard]] std::string influx(std::string_view database = "opentsdb") const {
        return "influx://127.0.0.1:" + std::to_string(query_port_) + "/" + std::string{database};
    }
    /// Returns the body of the answer to a request like `GET /path`; of InfluxDB as CSV.
    [[nodiscard]] std::string query(std::string_view request) const { return ask(request); }

    /// Starts it with the points that it has stored, and waits until it is ready.
    void start();
    /// Stops it in order, by SIGTERM.
    void stop();
    /// Kills it by SIGKILL.
    void kill();
    /// Freezes it; the kernel still accepts connections for it.
    void freeze();
    void thaw();
    [[nodiscard]] bool runs() const noexcept { return process_.has_value(); }

    /// Returns all points of a metric. First waits until there are this many, but no longer than a server needs to process points that
    /// it has read.
    [[nodiscard]] virtual std::vector<StoredPoint> points(std::string_view metric, std::size_t at_least) = 0;

protected:
    /// Throws std::runtime_error if the program is missing.
    explicit RealServer(std::string_view program);

    /// Returns the body of the answer to a request such as `GET /path`; nothing if it is not a 2xx, or without an answer.
    [[nodiscard]] std::optional<std::string> try_to_ask(std::string_view request) const;
    /// The same, but throws.
    [[nodiscard]] std::string ask(std::string_view request) const;
    [[noreturn]] void fail(const std::string& what) const;

    [[nodiscard]] virtual std::vector<std::string> arguments() = 0;
    [[nodiscard]] virtual bool is_ready() const = 0;

    [[nodiscard]] std::filesystem::path home() const { return directory_.path() / "home"; }
    [[nodiscard]] std::uint16_t put_port() const noexcept { return put_port_; }
    [[nodiscard]] std::uint16_t query_port() const noexcept { return query_port_; }
    /// A third port.
    [[nodiscard]] std::uint16_t other_port() const noexcept { return other_port_; }

private:
    void choose_ports();
    [[nodiscard]] bool try_to_start();
    void end(int signal);

    TemporaryDirectory directory_;
    std::filesystem::path program_;
    std::uint16_t put_port_ = 0;
    std::uint16_t query_port_ = 0;
    std::uint16_t other_port_ = 0;
    std::optional<Process> process_;
};

/// Keeps each sample of a second, so that repeated points are visible.
class RealVictoriaMetrics final : public RealServer {
public:
    /// The points of most tests are old; the server's default is a month.
    explicit RealVictoriaMetrics(std::string retention = "100y", std::vector<std::string> more_arguments = {})
        : RealServer{"victoria-metrics"}, retention_{std::move(retention)}, more_arguments_{std::move(more_arguments)} {
        start();
    }

    [[nodiscard]] std::vector<StoredPoint> points(std::string_view metric, std::size_t at_least) override;
    /// Makes it write its points to disk, where a `kill` does not lose them.
    void save();

protected:
    [[nodiscard]] std::vector<std::string> arguments() override;
    [[nodiscard]] bool is_ready() const override;

private:
    std::string retention_;
    std::vector<std::string> more_arguments_;
};

/// Keeps one sample for a series and a time.
class RealInfluxDb final : public RealServer {
public:
    RealInfluxDb() : RealServer{"influxd"} { start(); }

    [[nodiscard]] std::vector<StoredPoint> points(std::string_view metric, std::size_t at_least) override;

protected:
    [[nodiscard]] std::vector<std::string> arguments() override;
    [[nodiscard]] bool is_ready() const override;
};

} // namespace test
