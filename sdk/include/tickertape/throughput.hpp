// SPDX-License-Identifier: MIT
/// \file
/// Throughput: the traffic of devices in short buckets, and how bursty it is.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tickertape/attempt.hpp>
#include <tickertape/collector.hpp>
#include <tickertape/readings.hpp>
#include <tickertape/time.hpp>

namespace tickertape {

/// Samples counters of devices. For each device and direction it reports either the bytes in each bucket, or the highest, the median and,
/// if buckets are no longer than 10 ms, the 99th percentile (nearest rank) of the buckets of a period, in bytes per second.
///
/// A bucket ends with a sample. Its throughput is the growth of the counter since the sample before, per second of the steady clock.
/// If a sample is late by more than a tenth of a bucket, the bytes are assumed to have come evenly since the sample before; the part that
/// came after the end of the bucket counts for the next one. A bucket without a sample at its end has no value, and the bucket after it
/// has the mean since the last sample. So late and missed samples do not look like bursts.
///
/// A new device has no value before the first bucket that was observed from its start. The same holds after
/// a reset of its counters. A bucket in which the clock was set has the mean since the last sample, or no value. A device whose counters
/// are all 0 is not reported.
///
/// Thread safety: none; one thread at a time.
class Throughput {
public:
    /// The flags `--every` and `--ms`.
    struct Flags {
        std::string every = "100ms";
        bool each = false;

        /// The flags set this object, so it must outlive them.
        [[nodiscard]] std::vector<Collector::Flag> flags();
    };

    /// The names of metric and tags, and the unit.
    struct Options {
        std::string metric; ///< the metric of buckets; with `.max`, `.median`, `.p99` that of a period
        std::string key;    ///< the tag that names the device
        std::array<std::string, 2> directions; ///< the values of the tag `direction`
        std::uint64_t unit = 1;                ///< bytes per step of a counter
        /// Returns the value of the device's tag, or nothing to leave the device out. Called when the device is new.
        std::function<std::optional<std::string>(std::string_view device)> name;
    };

    /// Throws UsageError if the flags do not fit the interval between reports; with `--ms`, each bucket is a report.
    Throughput(Options options, const Flags& flags, std::chrono::milliseconds interval);

    /// The time between two reports.
    [[nodiscard]] std::chrono::milliseconds period() const noexcept { return period_; }

    /// Takes a sample now: `read` calls the object that it gets for each device. If `read` fails, a message reports that, as with
    /// `attempt`, and the sample counts as missed. Allocates only for new devices.
    template <class Read>
    void look(const Clock::Reading& now, const Read& read) {
        begin(now);
        attempt([&] {
            read();
            forget_the_others();
        });
    }
    /// A device and its counters, one for each direction.
    void operator()(std::string_view device, const std::array<std::uint64_t, 2>& totals);

    /// Samples and reports until a stop; returns the exit code of the program. `read` is as in `look`.
    template <class Read>
    int run(Collector& self, const Read& read) {
        return self.run_every_n_seconds(
            period_, every_, [this, &self, &read] { look(self.clock().read(), read); },
            [this](Readings& out) { report(out); });
    }

    /// Reports the buckets since the last report.
    void report(Readings& out);

private:
    /// The state of a device at its last sample.
    struct Look {
        std::array<std::uint64_t, 2> totals;
        SteadyTime at;
        WallTime due;
        std::chrono::nanoseconds late;              ///< 0 if it does not matter
        std::array<std::uint64_t, 2> bytes_after{}; ///< the part of the counted bytes that came in that time
        bool begins = late == late.zero();          ///< whether the bytes since its due time are known
    };
    struct Device {
        std::string name;
        bool passed_over;
        std::uint64_t seen = 0; ///< the number of its last sample
        std::optional<Look> last = {};
        std::array<std::vector<double>, 2> buckets = {}; ///< their bytes, or bytes per second
    };

    void begin(const Clock::Reading& now);
    void forget_the_others();
    [[nodiscard]] Device& find_or_make(std::string_view device);
    /// Adds a bucket to `device` if there is one, and returns the state that the next bucket needs.
    [[nodiscard]] Look next_look(Device& device, const Look& last, const std::array<std::uint64_t, 2>& totals) const;
    [[nodiscard]] Look first_look(const std::array<std::uint64_t, 2>& totals) const;
    [[nodiscard]] double value_of(std::uint64_t bytes, std::chrono::nanoseconds time) const;
    void report(Readings& out, const Device& device, std::string_view direction, std::vector<double>& buckets);

    Options options_;
    std::chrono::milliseconds every_;
    bool each_;
    std::chrono::milliseconds period_;
    std::string max_;
    std::string median_;
    std::string p99_;
    Clock::Reading now_{};
    WallTime due_{};
    std::uint64_t looks_ = 0;
    std::map<std::string, Device, std::less<>> devices_; // by the kernel's name
};

} // namespace tickertape
