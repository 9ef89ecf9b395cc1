// SPDX-License-Identifier: MIT
/// \file
/// Totals: the kernel's counts since boot, as totals or per second.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <unordered_map>

#include <tickertape/collector.hpp>
#include <tickertape/readings.hpp>
#include <tickertape/time.hpp>

namespace tickertape {

/// Returns the growth of a counter between two readings; nothing if it was reset in between. A smaller number counts as a wrap, at 32 or
/// at 64 bits, if the growth is then at most a quarter of the counter's range; otherwise as a reset. Pure.
[[nodiscard]] std::optional<std::uint64_t> growth(std::uint64_t before, std::uint64_t now) noexcept;

/// The flag `--rate`, which sets `per_second`.
[[nodiscard]] Collector::Flag rate_flag(bool& per_second);

/// The flag `--sys-root`, which sets `sys_root`; its default is the value that `sys_root` has.
[[nodiscard]] Collector::Flag sys_root_flag(std::string& sys_root);

/// Reports counters that only grow: as totals, or per second since the run before. A counter has no rate in its first run, after a run
/// without it, and after a reset.
///
/// Thread safety: none; one thread at a time.
class Totals {
public:
    explicit Totals(bool per_second) noexcept : per_second_{per_second} {}

    /// Begins a run with readings of this time, which go to `out`. Call it first.
    void begin(Readings& out, SteadyTime now);

    /// Reports a counter, each series once a run. Allocates for rates of new series.
    void operator()(Name metric, std::uint64_t total, std::initializer_list<Tag> tags = {}) {
        begin_key(metric);
        for (const Tag& tag : tags) {
            add_to_key(tag.key, tag.value);
        }
        report(metric, total, tags);
    }
    void operator()(Name metric, std::uint64_t total, const Tags& tags) {
        begin_key(metric);
        for (const auto& [key, value] : tags) {
            add_to_key(key, value);
        }
        report(metric, total, tags);
    }

private:
    struct Before {
        std::uint64_t total = 0;
        std::uint64_t run = 0;
    };

    void begin_key(Name metric);
    void add_to_key(Name key, Name value);
    /// The growth per second of the series `key_`, if there is one.
    [[nodiscard]] std::optional<double> rate_of(std::uint64_t total);

    template <class SomeTags>
    void report(Name metric, std::uint64_t total, const SomeTags& tags) {
        if (!per_second_) {
            (*out_)(metric, total, tags);
        } else if (const std::optional<double> rate = rate_of(total)) {
            (*out_)(metric, *rate, tags);
        }
    }

    bool per_second_;
    Readings* out_ = nullptr;
    std::uint64_t run_ = 0;
    SteadyTime now_{};
    double passed_ = 0; // seconds since the run before
    std::unordered_map<std::string, Before> before_;
    std::string key_;
};

} // namespace tickertape
