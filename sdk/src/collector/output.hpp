// SPDX-License-Identifier: MIT
/// \file
/// Output: the one way by which all points leave a collector.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <tickertape/accounts.hpp>
#include <tickertape/clock.hpp>
#include <tickertape/put_lines.hpp>
#include <tickertape/stop.hpp>
#include <tickertape/transmitter.hpp>

#include "clock/alarm.hpp"
#include "collector/command_line.hpp"
#include "collector/readings_tick.hpp"
#include "collector/throttle.hpp"

namespace tickertape::collector {

/// The only writer of stdout, or the queue of pushed points. The dumps of a collector and its self-metrics share it. Under
/// tcollector it keeps to tcollector's limit of lines. Requests a stop when the reader of stdout has gone.
///
/// Thread safety: all members may be called from any thread.
class Output final : public clock::Alarm, public std::enable_shared_from_this<Output> {
public:
    /// `clock` is borrowed.
    Output(const Settings& settings, std::string collector, Stop& stop, Clock& clock = Clock::system());

    /// Returns a last stage that writes here, and shares this object.
    [[nodiscard]] AnyTransmitter stage(const Settings& settings);

    /// Adds these counts to the self-metrics, as part of a sum.
    void watch(std::shared_ptr<const ReadingsLosses> losses);

    /// Returns how many lines may be written now. Does not wait for a write in progress.
    [[nodiscard]] Readings::Room room() const;

    /// Starts the reports of self-metrics, if they are configured.
    void start();
    /// Waits for a report in progress.
    void stop();

    [[nodiscard]] SteadyTime due() const override;
    void ring(const Clock::Reading& now) override;
    [[nodiscard]] const void* writer() const noexcept override { return this; }

private:
    class End;
    /// A destination of pushed points.
    struct Pushed {
        std::shared_ptr<stage::Ledger> accounts;
        std::string copy; // the value of the tag `copy`; empty for the first one
    };

    Outcome publish(std::span<const Point> points);
    bool flush(SteadyTime deadline);
    void report_on_itself(WallTime timestamp);
    [[nodiscard]] double sum_of(std::atomic<std::uint64_t> ReadingsLosses::* count) const;
    void report_on_pushing(std::vector<Point>& points, WallTime timestamp, const Pushed& pushed);
    void add(std::vector<Point>& points, WallTime timestamp, const std::string& metric, double value,
             const std::string& copy = {});

    Settings settings_;
    std::string collector_;
    std::chrono::seconds period_; // between reports of self-metrics; 0: none
    Stop& stop_;
    Clock& clock_;

    mutable std::mutex mutex_;
    AnyTransmitter out_;
    Throttle* throttle_ = nullptr; // a part of out_, or null; set only by the constructor
    std::vector<Pushed> pushed_;   // empty if nothing is pushed
    std::map<std::pair<std::string, std::string>, Series> series_; // by metric and copy
    std::vector<std::shared_ptr<const ReadingsLosses>> losses_;    // of each collector that reports readings
    ReadingsLosses losses_of_ended_;                               // of collectors that have ended
    SteadyTime next_report_ = clock::never;
    SteadyTime drain_at_ = clock::never; // not postponed by other alarms of the thread
    std::uint64_t reanchored_before_ = clock_.stats().reanchored;
    Clock::Reading last_report_{}; // the last due report, even if nothing was written
    WallTime last_timestamp_ = WallTime::min();
};

/// Returns the options of PutLines for these settings.
[[nodiscard]] PutLinesOptions put_lines_options(const Settings& settings);

} // namespace tickertape::collector
