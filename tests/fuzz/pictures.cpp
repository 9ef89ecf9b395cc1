// SPDX-License-Identifier: MIT
// Promises for the pictures and reports of `tickertape burst` and `watch` with any values: they end, stay small and within their
// width, and contain only numbers as figures and coordinates.
//
// The first byte decides about the kind of values, the length of a bucket and the start of bursts. Each further byte is a step:
// an extreme value of the type, a value from the next eight bytes, several repetitions of the last value, or a gap.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <type_traits>

#include <tickertape/name.hpp>

#include "../support/no_number.hpp"
#include "cli/burst/html.hpp"
#include "cli/burst/output.hpp"
#include "cli/watch/session.hpp"
#include "require.hpp"

using namespace tickertape;
using namespace std::chrono_literals;
using fuzz::require;

namespace {

constexpr std::size_t most_buckets = 3000;
constexpr std::int64_t begin_ms = 1'700'000'000'000;

template <burst::Number T>
std::span<const T> edges() {
    using Limits = std::numeric_limits<T>;
    if constexpr (std::is_same_v<T, double>) {
        static constexpr std::array<double, 20> all{Limits::max(),
                                                    -Limits::max(),
                                                    Limits::min(),
                                                    Limits::denorm_min(),
                                                    -Limits::denorm_min(),
                                                    0.0,
                                                    -0.0,
                                                    1.0,
                                                    -1.0,
                                                    1.5,
                                                    1e154,
                                                    -1e154,
                                                    1e155,
                                                    1e300,
                                                    1e-300,
                                                    3.4e38,
                                                    3.5e38,
                                                    1e17,
                                                    9007199254740993.0,
                                                    0.1};
        return all;
    } else {
        static constexpr std::array<std::int64_t, 9> all{
            Limits::max(), Limits::min(), Limits::min() + 1, 0, 1, -1, std::int64_t{1} << 53U, 1000, 3'037'000'500};
        return all;
    }
}

template <burst::Number T>
class Show {
public:
    explicit Show(std::chrono::milliseconds granularity) : granularity_{granularity}, samples_{granularity} {
        watch_.set_time(SteadyTime{}, WallTime{std::chrono::milliseconds{begin_ms}});
    }

    void feed(std::span<const std::uint8_t> steps) {
        T last{};
        while (!steps.empty() && buckets_ < most_buckets) {
            const std::uint8_t step = steps.front();
            steps = steps.subspan(1);
            const std::uint8_t kind = step % 8;
            const std::size_t rest = step / 8;
            if (kind < 4) {
                last = edges<T>()[rest % edges<T>().size()];
            } else if (kind == 4 && steps.size() >= sizeof last) {
                std::memcpy(&last, steps.data(), sizeof last);
                steps = steps.subspan(sizeof last);
            } else if (kind == 5) {
                buckets_ += rest * rest; // a gap
            } else if (kind == 6) {
                for (std::size_t i = 0; i < 4 * rest; ++i) {
                    push(last);
                }
            }
            push(last);
        }
    }

    void report(const burst::Options& options) {
        const cli::burst::Subject subject{.name = "a.b", .step = granularity_};
        const cli::burst::SubjectSamples made{.samples = samples_};
        try {
            const cli::burst::SubjectReport report{subject, made, options};
            for (const cli::terminal::Style style :
                 {cli::terminal::Style{.columns = 40, .colour = false, .utf8 = false},
                  cli::terminal::Style{.columns = 200, .colour = true, .utf8 = true}}) {
                check(cli::burst::text_report(report, style, true), 200'000);
            }
            check(cli::burst::json_report(report), 2'000'000);
            check(cli::burst::html_report(report, 0), 4'000'000);
        } catch (const UsageError&) { // for options that make no sense
        }
        for (const cli::terminal::Size size :
             {cli::terminal::Size{.rows = 5, .columns = 40}, cli::terminal::Size{.rows = 5, .columns = 80},
              cli::terminal::Size{.rows = 5, .columns = 300}}) {
            for (const cli::terminal::ScreenLine& line : watch_.frame(size, {.colour = false, .utf8 = false})) {
                require(line.width <= size.columns);
                check(line.text, 1000);
            }
        }
    }

private:
    void push(T value) {
        const std::chrono::milliseconds at{begin_ms + static_cast<std::int64_t>(buckets_++) * granularity_.count()};
        samples_.push(WallTime{at}, value);
        if (std::isfinite(static_cast<double>(value))) {
            std::string line{"a.b "};
            line.append(std::to_string(at.count())).append(" ").append(to_string(Value{value})).append(" c=d");
            watch_.add(line);
        }
    }

    static void check(const std::string& text, std::size_t most) {
        require(text.size() < most);
        require(!test::has_no_number(text));
    }

    std::chrono::milliseconds granularity_;
    burst::Samples<T> samples_;
    cli::watch::WatchSession watch_{{}, {}};
    std::size_t buckets_ = 0;
};

template <burst::Number T>
void show(std::uint8_t how, std::span<const std::uint8_t> steps) {
    constexpr std::array<std::chrono::milliseconds, 4> lengths{1ms, 10ms, 1000ms, 60000ms};
    burst::Options options;
    if ((how & 8U) != 0) {
        options.hi = static_cast<double>(edges<T>()[(how >> 4U) % edges<T>().size()]);
        options.join = how >> 6U;
    } else if ((how & 16U) != 0) {
        options.service_rate = static_cast<double>(edges<T>()[(how >> 5U) % edges<T>().size()]);
    }
    Show<T> all{lengths.at((how >> 1U) % lengths.size())};
    all.feed(steps);
    all.report(options);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 0) {
        const std::span<const std::uint8_t> steps{data + 1, size - 1};
        (data[0] & 1U) != 0 ? show<std::int64_t>(data[0], steps) : show<double>(data[0], steps);
    }
    return 0;
}
