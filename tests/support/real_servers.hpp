// SPDX-License-Identifier: MIT
/// \file
/// Real TSDs of Debian's packages, each on ports and in a directory of its own, to be stopped, killed, frozen and asked what they
/// have stored.
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

/// A point as a server gives it back.
struct StoredPoint {
    std::string series; ///< the value of its tag `cpu`
    std::int64_t ms = 0;
    std::uint64_t value = 0;
};

/// A server that runs as nobody if the test is root's, and ends with the thread that started it. Its ports are free ones of loopback,
/// below those that the kernel hands out, as a client that tries to connect to one of those may meet itself.
///
/// All throw std::runtime_error with what the server said last when it does not do what is asked of it within a minute.
class RealServer {
public:
    RealServer(const RealServer&) = delete;
    RealServer& operator=(const RealServer&) = delete;
    virtual ~RealServer() = default;

    /// Where put lines go: `127.0.0.1:PORT`.
    [[nodiscard]] std::string telnet() const { return "127.0.0.1:" + std::to_string(put_port_); }
    /// Where JSON goes; both servers know one from the other.
    [[nodiscard]] std::string http() const { return "http://" + telnet(); }
    /// Where InfluxDB's lines go, into the database `opentsdb`; VictoriaMetrics takes them too.
    [[nodiscard]] std::string influx(std::string_view database = "opentsdb") const {
        return "influx://127.0.0.1:" + std::to_string(query_port_) + "/" + std::string{database};
    }
    /// The body of the answer to a request like `GET /path`, of InfluxDB as CSV.
    [[nodiscard]] std::string query(std::string_view request) const { return ask(request); }

    /// Starts it with what it has stored so far, and waits until it is ready.
    void start();
    /// In order, by SIGTERM.
    void stop();
    /// By SIGKILL.
    void kill();
    /// Holds it where it is; connections to it are still made, by the kernel.
    void freeze();
    void thaw();
    [[nodiscard]] bool runs() const noexcept { return process_.has_value(); }

    /// All that it has of a metric. First waits until these are so many, but not for longer than it takes a server to look
    /// at what it has read.
    [[nodiscard]] virtual std::vector<StoredPoint> points(std::string_view metric, std::size_t at_least) = 0;

protected:
    /// Throws std::runtime_error if the program is not there.
    explicit RealServer(std::string_view program);

    /// The body of the answer to a request, `GET /path`; nothing if it is no 2xx, or nobody answers.
    [[nodiscard]] std::optional<std::string> try_to_ask(std::string_view request) const;
    /// The same, but throws.
    [[nodiscard]] std::string ask(std::string_view request) const;
    [[noreturn]] void fail(const std::string& what) const;

    [[nodiscard]] virtual std::vector<std::string> arguments() = 0;
    [[nodiscard]] virtual bool is_ready() const = 0;

    [[nodiscard]] std::filesystem::path home() const { return directory_.path() / "home"; }
    [[nodiscard]] std::uint16_t put_port() const noexcept { return put_port_; }
    [[nodiscard]] std::uint16_t query_port() const noexcept { return query_port_; }
    /// A port more than `put_port` and `query_port`.
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

/// Keeps every sample of a second, so that what comes twice shows.
class RealVictoriaMetrics final : public RealServer {
public:
    /// The points of most tests are old; the server's own default is a month.
    explicit RealVictoriaMetrics(std::string retention = "100y", std::vector<std::string> more_arguments = {})
        : RealServer{"victoria-metrics"}, retention_{std::move(retention)}, more_arguments_{std::move(more_arguments)} {
        start();
    }

    [[nodiscard]] std::vector<StoredPoint> points(std::string_view metric, std::size_t at_least) override;
    /// Writes what it has taken so far where a `kill` cannot take it away.
    void save();

protected:
    [[nodiscard]] std::vector<std::string> arguments() override;
    [[nodiscard]] bool is_ready() const override;

private:
    std::string retention_;
    std::vector<std::string> more_arguments_;
};

/// Keeps one sample of a series and a time.
class RealInfluxDb final : public RealServer {
public:
    RealInfluxDb() : RealServer{"influxd"} { start(); }

    [[nodiscard]] std::vector<StoredPoint> points(std::string_view metric, std::size_t at_least) override;

protected:
    [[nodiscard]] std::vector<std::string> arguments() override;
    [[nodiscard]] bool is_ready() const override;
};

} // namespace test
