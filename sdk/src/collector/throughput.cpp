// SPDX-License-Identifier: MIT
#include <tickertape/throughput.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

#include <tickertape/totals.hpp>

#include "burst/rank.hpp"
#include "collector/setting_values.hpp"
#include "counter/timeline.hpp"

namespace tickertape {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr milliseconds second{1000};
constexpr milliseconds longest_for_p99{10};         // 100 buckets a second are enough for a 99th percentile
constexpr milliseconds::rep most_buckets = 100'000; // buckets in a report

milliseconds every_of(const std::string& text) {
    const milliseconds every = collector::duration_of(text, milliseconds{1});
    if (every > second || second % every != milliseconds{0}) {
        collector::refuse(text, "does not divide a second, as 10ms, 100ms and 0.5 do");
    }
    return every;
}

/// Returns the share of the bytes counted in `whole` that belongs to `part` of it, in whole bytes.
std::uint64_t share(std::uint64_t bytes, nanoseconds part, nanoseconds whole) {
    if (part >= whole) {
        return bytes;
    }
    const auto exact = static_cast<long double>(bytes) * static_cast<long double>(part.count()) /
                       static_cast<long double>(whole.count());
    return std::min(bytes, static_cast<std::uint64_t>(exact));
}

/// Returns how late a sample may be.
nanoseconds tolerated(nanoseconds every) { return every / 10; }

} // namespace

std::vector<Collector::Flag> Throughput::Flags::flags() {
    return {{.name = "--every",
             .help = "Sample once per DURATION, a part of a second; from 10ms down, report a p99, too",
             .kind = "DURATION",
             .target = &every,
             .check = [](const std::string& text) { static_cast<void>(every_of(text)); }},
            {.name = "--ms",
             .help = "Report the bytes between two samples, with milliseconds; by telnet only OpenTSDB takes them",
             .kind = "",
             .chosen = &each}};
}

Throughput::Throughput(Throughput::Options options, const Throughput::Flags& flags, milliseconds interval)
    : options_{std::move(options)}, every_{every_of(flags.every)}, each_{flags.each},
      period_{flags.each ? every_ : interval}, max_{options_.metric + ".max"}, median_{options_.metric + ".median"},
      p99_{options_.metric + ".p99"} {
    if (period_ % every_ != milliseconds{0}) {
        throw UsageError{"--interval: '" + collector::in_seconds(period_) + "' is no multiple of --every, " +
                         collector::in_seconds(every_) + " s"};
    }
    if (period_ / every_ > most_buckets) {
        throw UsageError{"--interval: '" + collector::in_seconds(period_) + "' makes more than " +
                         std::to_string(most_buckets) + " samples, one --every " + collector::in_seconds(every_) +
                         " s"};
    }
}

void Throughput::begin(const Clock::Reading& now) {
    now_ = now;
    due_ = counter::bucket_start(now.wall, every_);
    ++looks_;
}

Throughput::Device& Throughput::find_or_make(std::string_view device) {
    const auto found = devices_.find(device);
    if (found != devices_.end()) {
        return found->second;
    }
    const std::optional<std::string> name = options_.name(device);
    Device made{.name = name.value_or(""), .passed_over = !name};
    for (auto& buckets : made.buckets) {
        buckets.reserve(name ? static_cast<std::size_t>(period_ / every_) : 0);
    }
    return devices_.emplace(device, std::move(made)).first->second;
}

void Throughput::operator()(std::string_view device, const std::array<std::uint64_t, 2>& totals) {
    Device& its = find_or_make(device);
    its.seen = looks_;
    if (!its.passed_over) {
        its.last = its.last ? next_look(its, *its.last, totals) : first_look(totals);
    }
}

Throughput::Look Throughput::first_look(const std::array<std::uint64_t, 2>& totals) const {
    const nanoseconds late = now_.wall - due_;
    return {.totals = totals, .at = now_.steady, .due = due_, .late = late > tolerated(every_) ? late : late.zero()};
}

Throughput::Look Throughput::next_look(Device& device, const Look& last,
                                       const std::array<std::uint64_t, 2>& totals) const {
    const nanoseconds passed = now_.steady - last.at;
    Look look = first_look(totals);
    std::array<std::uint64_t, 2> bytes{};
    for (std::size_t i = 0; i < totals.size(); ++i) {
        const std::optional<std::uint64_t> grown = growth(last.totals[i], totals[i]);
        if (!grown || passed <= passed.zero()) {
            return look;
        }
        bytes[i] = *grown * options_.unit;
    }
    look.begins = true;
    const nanoseconds time = last.late + passed - look.late; // the time of the ended bucket, unless samples were missed
    const bool next = due_ - last.due == every_ && std::chrono::abs(time - every_) <= 2 * tolerated(every_);
    for (std::size_t i = 0; i < totals.size(); ++i) {
        look.bytes_after[i] = share(bytes[i], look.late, passed);
        if (next && last.begins) {
            device.buckets[i].push_back(value_of(last.bytes_after[i] + bytes[i] - look.bytes_after[i], time));
        } else if (!next && passed >= every_ + look.late) {
            device.buckets[i].push_back(value_of(share(bytes[i], every_, passed), every_));
        }
    }
    return look;
}

double Throughput::value_of(std::uint64_t bytes, nanoseconds time) const {
    const auto number = static_cast<double>(bytes);
    return each_ ? number : std::round(number / std::chrono::duration<double>(time).count());
}

void Throughput::forget_the_others() {
    for (auto& [kernel_name, device] : devices_) {
        if (device.seen != looks_) {
            device.last.reset();
        }
    }
}

void Throughput::report(Readings& out) {
    for (auto& [kernel_name, device] : devices_) {
        const bool used = !device.last || device.last->totals != std::array<std::uint64_t, 2>{};
        for (std::size_t i = 0; i < device.buckets.size(); ++i) {
            if (used && !device.buckets[i].empty()) {
                report(out, device, options_.directions[i], device.buckets[i]);
            }
            device.buckets[i].clear();
        }
    }
    std::erase_if(devices_, [this](const auto& entry) { return entry.second.seen + 1 < looks_ && !entry.second.last; });
}

void Throughput::report(Readings& out, const Device& device, std::string_view direction, std::vector<double>& buckets) {
    const auto tell = [&](const std::string& metric, auto value) {
        out(metric, value, {{options_.key, device.name}, {"direction", direction}});
    };
    if (each_) {
        tell(options_.metric, buckets.back());
        return;
    }
    std::sort(buckets.begin(), buckets.end());
    tell(max_, buckets.back());
    tell(median_, buckets[burst::nearest_rank(buckets.size(), {.part = 50})]);
    if (every_ <= longest_for_p99) {
        tell(p99_, buckets[burst::nearest_rank(buckets.size(), {.part = 99})]);
    }
}

} // namespace tickertape
