// SPDX-License-Identifier: MIT
/// \file
/// Counters on a manual clock that are dumped through all stages.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tickertape/autodump.hpp>
#include <tickertape/counter.hpp>
#include <tickertape/dedup.hpp>
#include <tickertape/put_lines.hpp>
#include <tickertape/testkit/manual_clock.hpp>

namespace bench {

/// On a boundary of 15 s.
inline constexpr std::int64_t first_second = 1'700'001'000;

/// The kind of the values of a dump.
enum class Numbers : std::uint8_t { integers, decimals, doubles };

/// Returns the value of a series in a second; no two are the same. It is below 100,000, has up to six decimals, or has all digits.
inline double number_of(Numbers numbers, std::size_t series, std::int64_t second) {
    std::uint64_t bits = (static_cast<std::uint64_t>(series) << 20U) + static_cast<std::uint64_t>(second);
    bits = (bits ^ (bits >> 31U)) * 0x9e37'79b9'7f4a'7c15U;
    bits ^= bits >> 29U;
    const auto whole = static_cast<double>(bits % 99'000 + 1000);
    switch (numbers) {
    case Numbers::integers: return whole;
    case Numbers::decimals: return whole + static_cast<double>(bits / 99'000 % 999'999 + 1) / 1e6;
    case Numbers::doubles: return whole + static_cast<double>(bits >> 11U) * 0x1p-53;
    }
    return 0;
}

inline tickertape::PutLines put_lines(int fd) {
    return tickertape::PutLines{
        {.fd = fd, .form = tickertape::Form::put, .host_tag = tickertape::HostTag::named("web01")}};
}
/// Returns the stages of an autodump without a transmitter.
inline tickertape::AnyTransmitter all_stages(int fd) { return tickertape::Dedup{put_lines(fd)}; }

/// Counters with distinct values each second, dumped every `timespan` seconds to a transmitter.
class Dumped {
public:
    Dumped(Numbers numbers, std::size_t series, std::chrono::seconds timespan, tickertape::AnyTransmitter to)
        : numbers_{numbers} {
        for (std::size_t i = 0; i < series; ++i) {
            const tickertape::CounterOptions options{
                .tags = {{"cpu", std::to_string(i)}}, .timespan = timespan, .clock = &clock_};
            const std::string name = metric(numbers);
            if (numbers == Numbers::integers) {
                rates_.emplace_back(std::string_view{name}, options);
            } else {
                stocks_.emplace_back(std::string_view{name}, options);
            }
        }
        dump_ = std::make_unique<tickertape::autodump>(std::move(to), rates_, stocks_);
    }
    static std::string metric(Numbers numbers) {
        return numbers == Numbers::integers   ? "sys.cpu.user"
               : numbers == Numbers::decimals ? "sys.cpu.part"
                                              : "sys.cpu.load";
    }

    /// Gives each its value of the running second.
    void record() {
        for (std::size_t i = 0; i < rates_.size(); ++i) {
            rates_[i].add(static_cast<std::int64_t>(number_of(numbers_, i, second_)));
        }
        for (std::size_t i = 0; i < stocks_.size(); ++i) {
            stocks_[i].set(number_of(numbers_, i, second_));
        }
    }
    /// Passes a second; at the end of a timespan the dump happens in here.
    void pass_second() {
        clock_.advance(std::chrono::seconds{1});
        ++second_;
    }
    [[nodiscard]] std::int64_t second() const noexcept { return second_; }
    tickertape::autodump::Report finish() { return dump_->finish(); }

private:
    Numbers numbers_;
    std::int64_t second_ = first_second;
    tickertape::testkit::ManualClock clock_{tickertape::WallTime{std::chrono::seconds{first_second}}};
    std::vector<tickertape::MetricCounter<tickertape::rate>> rates_;
    std::vector<tickertape::MetricCounter<tickertape::stock>> stocks_;
    std::unique_ptr<tickertape::autodump> dump_;
};

} // namespace bench
