// SPDX-License-Identifier: MIT
/// \file
/// A real OpenTSDB on a real HBase, both from Maven's packages. Tests can kill them, and ask for the stored points.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace test {

/// Values by time in milliseconds.
using Stored = std::map<std::int64_t, double>;

/// The first and the last second of queries. Close to 0 and to 2^32 s OpenTSDB finds nothing, because it computes with 32 bits.
inline constexpr std::int64_t first_readable_second = 100'000'000;
inline constexpr std::int64_t last_readable_second = 4'294'000'000;

/// A TSD on a running HBase. It runs as nobody if the test is root's.
///
/// If a call has no effect within a few minutes, it throws std::runtime_error with the end of the log.
class Tsd {
public:
    /// `settings` are lines of its configuration.
    Tsd(std::filesystem::path home, std::uint16_t zookeeper_port, std::vector<std::string> settings);

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] std::string telnet() const { return "127.0.0.1:" + std::to_string(port_); }
    [[nodiscard]] std::string http() const { return "http://" + telnet(); }

    void start();
    void kill();

    /// Returns the answer to `GET path`, without its head; nothing without an answer, or for another status than 200.
    [[nodiscard]] std::optional<std::string> try_to_ask(std::string_view path) const;
    [[nodiscard]] std::string ask(std::string_view path) const;
    /// Returns its answer to a query for all points of `metric`, or of `metric{key=value}`, with timestamps in milliseconds; nothing
    /// if it cannot answer.
    [[nodiscard]] std::optional<std::string> try_to_query(const std::string& series) const;
    /// Makes a metric known.
    void add_metric(const std::string& name) const;
    /// The stored points of a series: `metric`, or `metric{key=value}`; all of them must be of one series.
    [[nodiscard]] Stored stored(const std::string& series) const;

private:
    std::filesystem::path home_;
    std::uint16_t port_;
    std::optional<Process> process_;
};

/// HBase with the tables of OpenTSDB, and a TSD that creates metrics as they come. All tests share one, because it takes half a
/// minute to start. Both end with the thread that started them.
class RealOpenTsdb {
public:
    /// The shared one. It is made at its first use.
    [[nodiscard]] static RealOpenTsdb& instance();

    [[nodiscard]] Tsd& tsd() { return *tsd_; }
    /// Starts another TSD on the same HBase.
    [[nodiscard]] Tsd another(std::vector<std::string> settings);

    void start_hbase();
    void kill_hbase();

private:
    RealOpenTsdb();
    void configure_hbase() const;
    void create_tables() const;

    TemporaryDirectory directory_;
    std::filesystem::path home_;
    std::uint16_t zookeeper_port_;
    std::uint16_t master_port_;
    std::uint16_t region_port_;
    std::optional<Process> hbase_;
    std::optional<Tsd> tsd_;
    int tsds_ = 0;
};

} // namespace test
