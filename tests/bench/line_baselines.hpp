// SPDX-License-Identifier: MIT
/// \file
/// The baselines for rendering lines.
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#ifdef TICKERTAPE_BENCH_FMT
#include <fmt/compile.h>
#include <fmt/format.h>
#endif

#include "lines.hpp"
#include "measure.hpp"

namespace bench {

/// Writes lines of one prebuilt series with different values into a buffer, again from its start
/// every 64 KiB. The compiler knows neither the texts nor their lengths, as in a real program.
class LineBaseline {
public:
    explicit LineBaseline(Numbers numbers) : numbers_(values), integers_(values), buffer_(std::size_t{64} * 1024) {
        for (std::size_t i = 0; i < values; ++i) {
            numbers_[i] = number_of(numbers, i, first_second);
            integers_[i] = static_cast<std::int64_t>(numbers_[i]);
        }
        asm volatile("" : : "r"(this) : "memory");
    }
    template <class F>
    void run(std::size_t lines, F write) {
        char* out = buffer_.data();
        for (std::size_t i = 0; i < lines; ++i) {
            out = write(out, i % values);
            if (static_cast<std::size_t>(out - buffer_.data()) > buffer_.size() - 1024) {
                clobber();
                out = buffer_.data();
            }
        }
        clobber();
    }

    /// The text of everything except the value is kept, that of the stamp, too.
    char* integer(char* out, std::size_t i) const {
        out = append(append(out, prefix_), stamp_);
        return append(std::to_chars(out, out + 24, integers_[i]).ptr, suffix_);
    }
    char* real(char* out, std::size_t i) const {
        out = append(append(out, prefix_), stamp_);
        return append(std::to_chars(out, out + 24, numbers_[i]).ptr, suffix_);
    }
    char* print_integer(char* out, std::size_t i) const {
        return out + std::snprintf(out, 128, "put %s %ld %ld cpu=%d host=%s\n", metric_.c_str(), second_, integers_[i],
                                   cpu_, host_.c_str());
    }
    char* print_real(char* out, std::size_t i) const {
        return out + std::snprintf(out, 128, "put %s %ld %.17g cpu=%d host=%s\n", metric_.c_str(), second_, numbers_[i],
                                   cpu_, host_.c_str());
    }
    char* copy(char* out, std::size_t /*i*/) const { return append(out, line_); }
#ifdef TICKERTAPE_BENCH_FMT
    char* format_integer(char* out, std::size_t i) const {
        return fmt::format_to(out, FMT_COMPILE("put {} {} {} cpu={} host={}\n"), metric_, second_, integers_[i], cpu_,
                              host_);
    }
    char* format_real(char* out, std::size_t i) const {
        return fmt::format_to(out, FMT_COMPILE("put {} {} {} cpu={} host={}\n"), metric_, second_, numbers_[i], cpu_,
                              host_);
    }
#endif

private:
    static char* append(char* out, std::string_view text) {
        std::memcpy(out, text.data(), text.size());
        return out + text.size();
    }

    static constexpr std::size_t values = 16'384;
    std::string metric_ = "sys.cpu.user";
    std::string host_ = "web01";
    int cpu_ = 1234;
    std::int64_t second_ = first_second;
    std::string prefix_ = "put sys.cpu.user ";
    std::string stamp_ = "1700001000 ";
    std::string suffix_ = " cpu=1234 host=web01\n";
    std::string line_ = "put sys.cpu.user 1700001000 12345 cpu=1234 host=web01\n";
    std::vector<double> numbers_;
    std::vector<std::int64_t> integers_;
    std::vector<char> buffer_;
};

/// Returns the speed of the integer baseline on this machine, in million lines a second.
inline double line_speed() {
    constexpr std::size_t lines = 16'384;
    LineBaseline baseline{Numbers::integers};
    const auto [ns] = interleaved(200, CLOCK_THREAD_CPUTIME_ID, [&] {
        baseline.run(lines, [&](char* out, std::size_t i) { return baseline.integer(out, i); });
    });
    return static_cast<double>(lines) / ns * 1e3;
}

/// Returns the speed of this machine relative to the one for which absolute limits hold, which makes 40 M of these lines a second.
inline double machine_scale() { return line_speed() / 40; }

} // namespace bench
