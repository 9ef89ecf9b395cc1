// SPDX-License-Identifier: MIT
/// \file
/// Throughput: what goes through devices in short buckets, and how uneven that is.
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

/// Takes looks at counters of devices, and reports for each device and direction either the bytes in each bucket, or of
/// the buckets of a period the highest, the median and, if they are no longer than 10 ms, the 99th percentile (nearest
/// rank), in bytes per second.
///
/// A bucket ends with a look, and throughput is what was counted since the look before, per second of the steady clock.
/// A look that is late by more than a tenth of a bucket is set right: what was counted is shared out evenly over the
/// time that it came in, and what falls behind the end of the bucket goes into the next. A bucket at whose end nobody
/// looked has no value; the one after it has the mean since the last look. So neither late looks nor missed ones are
/// taken for bursts.
///
/// A device that has just come has no value before the first bucket that was seen from its start; nor has one whose
/// counters were reset. One in which the clock was set has the mean since the last look, or none. A device whose counters
/// all stand at 0 is not reported.
///
/// Thread safety: none; one thread at a time.
class Throughput {
public:
    /// The flags `--every` and `--ms`.
    struct Flags {
        std::string every = "100ms";
        bool each = false;

        /// They set this object, which is to outlive them.
        [[nodiscard]] std::vector<Collector::Flag> flags();
    };

    /// Whose throughput it is, and what that is called.
    struct Options {
        std::string metric;                    ///< of the buckets; `.max`, `.median`, `.p99` of what is made of them
        std::string key;                       ///< the tag that names the device
        std::array<std::string, 2> directions; ///< the values of the tag `direction`
        std::uint64_t unit = 1;                ///< the bytes that a counter counts as one
        /// What a device is called in its tag; nothing to pass it over. Asked when the device comes.
        std::function<std::optional<std::string>(std::string_view device)> name;
    };

    /// Throws UsageError if the flags do not fit to the interval, that of reports unless each bucket is one.
    Throughput(Options options, const Flags& flags, std::chrono::milliseconds interval);

    /// Between two reports.
    [[nodiscard]] std::chrono::milliseconds period() const noexcept { return period_; }

    /// A look, now: `read` calls the object for each device that there is. If it fails, which is said as `attempt`
    /// does, all is as if nobody had looked. Allocates only for devices that are new.
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

    /// Looks and reports until a stop; returns the exit code of the program. `read` is that of `look`.
    template <class Read>
    int run(Collector& self, const Read& read) {
        return self.run_every_n_seconds(
            period_, every_, [this, &self, &read] { look(self.clock().read(), read); },
            [this](Readings& out) { report(out); });
    }

    /// What the looks since the last report have found.
    void report(Readings& out);

private:
    /// What a device was like at the last look that saw it.
    struct Look {
        std::array<std::uint64_t, 2> totals;
        SteadyTime at;
        WallTime due;
        std::chrono::nanoseconds late;              ///< 0 if it does not matter
        std::array<std::uint64_t, 2> bytes_after{}; ///< of those that were counted, what came in that time
        bool begins = late == late.zero();          ///< whether it is known what has been counted since its due time
    };
    struct Device {
        std::string name;
        bool passed_over;
        std::uint64_t seen = 0; ///< the number of the look
        std::optional<Look> last = {};
        std::array<std::vector<double>, 2> buckets = {}; ///< their bytes, or bytes per second
    };

    void begin(const Clock::Reading& now);
    void forget_the_others();
    [[nodiscard]] Device& find_or_make(std::string_view device);
    /// Adds a bucket to `device` if there is one, and returns what the next one needs to know.
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
