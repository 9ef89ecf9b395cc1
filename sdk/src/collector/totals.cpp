// SPDX-License-Identifier: MIT
#include <tickertape/totals.hpp>

#include <chrono>
#include <utility>

namespace tickertape {

std::optional<std::uint64_t> growth(std::uint64_t before, std::uint64_t now) noexcept {
    if (now >= before) {
        return now - before;
    }
    constexpr std::uint64_t range32 = std::uint64_t{1} << 32U;
    constexpr std::uint64_t quarter64 = std::uint64_t{1} << 62U;
    if (before < range32 && range32 - before + now <= range32 / 4) {
        return range32 - before + now;
    }
    if (now - before <= quarter64) { // the difference is modulo 2^64
        return now - before;
    }
    return std::nullopt;
}

Collector::Flag rate_flag(bool& per_second) {
    return {.name = "--rate",
            .help = "Report totals as rates per second",
            .kind = "",
            .chosen = &per_second,
            .differences = true};
}

Collector::Flag sys_root_flag(std::string& sys_root) {
    return {.name = "--sys-root",
            .help = "Read the files of /sys in this directory",
            .kind = "DIRECTORY",
            .target = &sys_root};
}

void Totals::begin(Readings& out, SteadyTime now) {
    out_ = &out;
    passed_ = std::chrono::duration<double>(now - now_).count();
    now_ = now;
    if (per_second_) {
        std::erase_if(before_, [this](const auto& entry) { return entry.second.run < run_; });
    }
    ++run_;
}

void Totals::begin_key(Name metric) {
    if (per_second_) {
        key_.assign(metric.text());
    }
}

void Totals::add_to_key(Name key, Name value) {
    constexpr char separator = '\n'; // no legal text contains it
    if (per_second_) {
        ((key_ += separator).append(key.text()) += separator).append(value.text());
    }
}

std::optional<double> Totals::rate_of(std::uint64_t total) {
    const auto [found, is_new] = before_.try_emplace(key_);
    if (found->second.run == run_) { // a second reading of the same series: the first one counts
        return std::nullopt;
    }
    const Before before = std::exchange(found->second, {total, run_});
    if (is_new || before.run + 1 != run_ || passed_ <= 0) {
        return std::nullopt;
    }
    const std::optional<std::uint64_t> grown = growth(before.total, total);
    return grown ? std::optional{static_cast<double>(*grown) / passed_} : std::nullopt;
}

} // namespace tickertape
