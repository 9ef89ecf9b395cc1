// SPDX-License-Identifier: MIT
/// \file
/// PutServer: lets local applications push to the agent as to a TSD.
#pragma once

#include <sys/types.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <tickertape/point.hpp>

#include "base/diagnostics.hpp"
#include "cli/agent/intake.hpp"
#include "cli/agent/listener.hpp"
#include "cli/agent/put_connection.hpp"
#include "push/put_rules.hpp"

namespace tickertape::cli::agent {

struct PutOptions {
    std::string socket{};                       ///< path of the Unix socket; empty: none
    std::optional<gid_t> group{};               ///< of the socket; nothing: that of the agent
    std::uint16_t port = 0;                     ///< on loopback; 0: none
    std::size_t connections = 256;              ///< at a time; more are closed at once
    std::uint32_t lines_per_second = 20'000;    ///< that are read from a connection; 0: no limit
    std::chrono::milliseconds patience{30'000}; ///< for a line to be complete, and for answers to be read

    [[nodiscard]] bool is_on() const noexcept { return !socket.empty() || port != 0; }
};

/// The counts of a PutServer.
struct PutReport {
    std::size_t open = 0;
    std::uint64_t accepted = 0; ///< connections
    std::uint64_t refused = 0;  ///< connections over the limit
    std::uint64_t pauses = 0;   ///< how often reading paused because a connection wrote too much
    std::uint64_t errors_left_out = 0;
    std::array<std::uint64_t, put_ends> ended{};
    IntakeCounts counts{};
};

/// Listens, and turns the lines of its connections into points.
///
/// Thread safety: none; all on the thread of the loop.
class PutServer final : private PutSink {
public:
    struct Handlers {
        /// See Outlet::publish_all.
        std::function<std::size_t(std::span<const Point>)> publish{};
        /// The number of points that were published so far, by all.
        std::function<std::uint64_t()> taken{};
        /// See Outlet::is_kept.
        std::function<bool(std::uint64_t taken)> is_kept{};
        std::function<void()> wait_until_kept{}; ///< for a short time
        /// The number of published points, by all, that were lost before they were kept.
        std::function<std::uint64_t()> lost{};
        /// Whether more points would displace those of others.
        std::function<bool()> is_crowded{};
        std::function<void(const std::string&)> say{};
    };

    PutServer(boost::asio::io_context& context, Handlers handlers);
    ~PutServer() override;
    PutServer(const PutServer&) = delete;
    PutServer& operator=(const PutServer&) = delete;

    /// Opens new addresses and closes those that are not set any more. Connections stay open.
    void apply(PutOptions options, IntakeOptions intake);
    /// Opens the addresses that are not open: another process had them, or the folder of the path was removed.
    void open();
    /// Takes the lines that have arrived, and closes everything.
    void close();

    [[nodiscard]] const PutOptions& options() const noexcept { return options_; }
    [[nodiscard]] PutReport report() const;

private:
    std::string take(std::string_view line, const PutConnection& from) override;
    void cut_off(std::string_view line, const PutConnection& from) override;
    std::size_t publish() override;
    [[nodiscard]] bool is_crowded() const override { return handlers_.is_crowded(); }
    [[nodiscard]] std::uint64_t taken() const override { return handlers_.taken(); }
    [[nodiscard]] bool is_kept(std::uint64_t taken) const override { return handlers_.is_kept(taken); }
    void wait_until_kept() const override { handlers_.wait_until_kept(); }
    [[nodiscard]] std::uint64_t lost() const override { return handlers_.lost(); }
    [[nodiscard]] std::uint32_t lines_per_second() const override { return options_.lines_per_second; }
    void paused() override { ++report_.pauses; }
    void ended(const PutConnection& connection, PutEnd why) override;

    void open_path();
    void open_port(std::unique_ptr<Listener>& listener, bool is_ipv6);
    Listener::Accept acceptor();
    void accept(Listener::Socket socket);
    bool make_place();
    void watch();
    [[nodiscard]] std::vector<std::shared_ptr<PutConnection>> all() const;
    void complain_about(const Intake::Refusal& refusal, std::string_view line, const PutConnection& from);
    void complain(std::string_view kind, const std::function<std::string()>& sentence);

    boost::asio::io_context& context_;
    Handlers handlers_;
    PutOptions options_{};
    boost::asio::steady_timer watch_;
    bool is_watching_ = false;
    std::unique_ptr<Listener> path_listener_;
    std::unique_ptr<ListeningPath> path_; // is destroyed before the listener
    std::unique_ptr<Listener> ipv4_;
    std::unique_ptr<Listener> ipv6_;
    std::unordered_map<const PutConnection*, std::shared_ptr<PutConnection>> connections_;
    Intake intake_;
    std::optional<Intake::Refusal> refusal_; // of the current line
    push::PutRules rules_;
    std::vector<Point> points_; // of taken lines, not yet queued
    base::SentenceLimit limit_;
    PutReport report_{};
};

} // namespace tickertape::cli::agent
