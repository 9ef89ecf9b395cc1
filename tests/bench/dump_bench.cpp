// SPDX-License-Identifier: MIT
// Lines through all stages: demand 3.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tickertape/discard.hpp>

#include "line_baselines.hpp"
#include "lines.hpp"
#include "measure.hpp"
#include "report.hpp"
#include "suites.hpp"

namespace bench {

namespace {

constexpr std::size_t series = 10'000;
constexpr std::int64_t timespan = 15;
constexpr std::size_t lines = series * timespan;

/// Returns the shortest text that reads back as the same number, by trying.
std::string slow_text(double number) {
    std::array<char, 64> text{};
    for (int digits = 1; digits <= 17; ++digits) {
        std::snprintf(text.data(), text.size(), "%.*g", digits, number);
        if (std::strpbrk(text.data(), "e") == nullptr && std::strtod(text.data(), nullptr) == number) {
            break;
        }
    }
    return text.data();
}

std::string slow_line(Numbers numbers, std::size_t index, std::int64_t second) {
    return "put " + Dumped::metric(numbers) + " " + std::to_string(second) + " " +
           slow_text(number_of(numbers, index, second)) + " cpu=" + std::to_string(index) + " host=web01\n";
}

/// Returns a sum that does not depend on the order of the lines.
std::uint64_t sum_of(std::string_view text, std::size_t& count) {
    std::uint64_t sum = 0;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n') + 1);
        sum += std::hash<std::string_view>{}(line);
        ++count;
        text.remove_prefix(line.size());
    }
    return sum;
}

/// Throws unless the lines of a dump equal those of the slow renderer.
void check(Numbers numbers) {
    const int fd = memfd_create("lines", MFD_CLOEXEC);
    Dumped dumped{numbers, series, std::chrono::seconds{timespan}, all_stages(fd)};
    for (int i = 0; i < timespan; ++i) {
        dumped.record();
        dumped.pass_second();
    }
    const auto size = static_cast<std::size_t>(lseek(fd, 0, SEEK_END));
    std::string text(size, '\0');
    if (pread(fd, text.data(), size, 0) != static_cast<ssize_t>(size)) {
        throw std::runtime_error{"cannot read what was dumped"};
    }
    std::uint64_t wanted = 0;
    std::size_t count = 0;
    std::size_t wanted_count = 0;
    for (std::size_t i = 0; i < series; ++i) {
        for (std::int64_t second = first_second; second < first_second + timespan; ++second) {
            wanted += sum_of(slow_line(numbers, i, second), wanted_count);
        }
    }
    if (sum_of(text, count) != wanted || count != wanted_count) {
        throw std::runtime_error{"the dump is not what a slow renderer makes of it: " + std::to_string(count) +
                                 " lines of " + std::to_string(wanted_count)};
    }
}

/// Returns the nanoseconds of a dump of all lines into `to`, and of the integer baseline; both are measured in turn.
std::array<double, 2> against_baseline(Numbers numbers, tickertape::AnyTransmitter to) {
    Dumped dumped{numbers, series, std::chrono::seconds{timespan}, std::move(to)};
    LineBaseline baseline{Numbers::integers};
    std::array<std::vector<double>, 2> times;
    for (int round = 0; round < 40; ++round) {
        for (int i = 0; i + 1 < timespan; ++i) {
            dumped.record();
            dumped.pass_second();
        }
        dumped.record();
        const double before = now_ns(CLOCK_THREAD_CPUTIME_ID);
        dumped.pass_second(); // the tick of this second, and the dump of all 15
        const double between = now_ns(CLOCK_THREAD_CPUTIME_ID);
        baseline.run(lines, [&](char* out, std::size_t i) { return baseline.integer(out, i); });
        times[1].push_back(now_ns(CLOCK_THREAD_CPUTIME_ID) - between);
        times[0].push_back(between - before);
    }
    return {quantile(times[0], lowest_few), quantile(times[1], lowest_few)};
}

void say_baselines() {
    LineBaseline whole{Numbers::integers};
    LineBaseline parts{Numbers::decimals};
    LineBaseline reals{Numbers::doubles};
    const auto ns = interleaved(
        20, CLOCK_THREAD_CPUTIME_ID,
        [&] { whole.run(lines, [&](char* out, std::size_t i) { return whole.integer(out, i); }); },
        [&] { parts.run(lines, [&](char* out, std::size_t i) { return parts.real(out, i); }); },
        [&] { reals.run(lines, [&](char* out, std::size_t i) { return reals.real(out, i); }); },
        [&] { whole.run(lines, [&](char* out, std::size_t i) { return whole.print_integer(out, i); }); },
        [&] { reals.run(lines, [&](char* out, std::size_t i) { return reals.print_real(out, i); }); },
        [&] { whole.run(lines, [&](char* out, std::size_t i) { return whole.copy(out, i); }); }
#ifdef TICKERTAPE_BENCH_FMT
        ,
        [&] { whole.run(lines, [&](char* out, std::size_t i) { return whole.format_integer(out, i); }); },
        [&] { reals.run(lines, [&](char* out, std::size_t i) { return reals.format_real(out, i); }); }
#endif
    );
    const std::array<const char*, 8> names{"prefix + to_chars, integers, stamp kept",
                                           "prefix + to_chars, six decimals",
                                           "prefix + to_chars, all digits",
                                           "snprintf, integers",
                                           "snprintf %.17g",
                                           "memcpy of a finished line",
                                           "fmt, compiled, integers",
                                           "fmt, compiled, all digits"};
    for (std::size_t i = 0; i < ns.size(); ++i) {
        say({"", std::string{"baseline: "} + names[i], static_cast<double>(lines) / ns[i] * 1e3, "M/s"});
    }
}

double peak_bytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) * 1024;
}

void unchanged(int fd, double scale) {
    constexpr std::size_t many = 100'000;
    Dumped dumped{Numbers::integers, many, std::chrono::seconds{1}, all_stages(fd)};
    std::vector<double> times;
    for (int round = 0; round < 30; ++round) {
        const double before = now_ns(CLOCK_THREAD_CPUTIME_ID);
        dumped.pass_second();
        times.push_back(now_ns(CLOCK_THREAD_CPUTIME_ID) - before);
    }
    const double share = quantile(times, lowest_few) / 1e9;
    say({"3", "100,000 unchanged counters dumped each second, of one core, scaled", 100 * share * scale, "%",
         at_most(3)});
    say({"", "the same, as measured", 100 * share, "%"});
}

void memory_of_a_dump(int fd) {
    constexpr std::size_t many = 100'000;
    Dumped dumped{Numbers::integers, many, std::chrono::seconds{timespan}, all_stages(fd)};
    const auto cycle = [&](bool changes) {
        for (int i = 0; i < timespan; ++i) {
            if (changes) {
                dumped.record();
            }
            dumped.pass_second();
        }
    };
    dumped.record();
    for (int i = 0; i + 1 < timespan; ++i) {
        dumped.pass_second();
        dumped.record();
    }
    const double before = peak_bytes();
    dumped.pass_second();
    // Dedup remembers 100,000 series in it for good, about 150 bytes each.
    const double first = peak_bytes();
    cycle(true);
    say({"3", "memory that the first dump of 1.5 M points needs; Dedup learns of 100,000 series",
         (first - before) / 1e6, "MB"});
    say({"3", "memory that the next one needs beyond that; as a whole it would be 48 MB", (peak_bytes() - first) / 1e6,
         "MB", at_most(4)});
}

} // namespace

void dump_suite() {
    const int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    memory_of_a_dump(fd); // first, because it measures the peak
    say_baselines();
    struct Part {
        Numbers numbers;
        const char* name;
        double wanted; // M/s where the baseline has 40
    };
    for (const Part part : {Part{Numbers::integers, "integers", 20}, Part{Numbers::decimals, "six decimals", 10},
                            Part{Numbers::doubles, "all digits", 6}}) {
        check(part.numbers);
        const auto [ns, baseline] = against_baseline(part.numbers, all_stages(fd));
        say({"3", std::string{"dump through all stages / integer baseline, "} + part.name, baseline / ns, "",
             at_least(part.wanted / 40)});
        say({"", std::string{"dump through all stages, "} + part.name, static_cast<double>(lines) / ns * 1e3, "M/s"});
    }
    const auto say_part = [](const char* what, tickertape::AnyTransmitter to) {
        const auto [ns, baseline] = against_baseline(Numbers::integers, std::move(to));
        say({"", std::string{"of that a line takes, integers: "} + what, ns / static_cast<double>(lines), "ns"});
    };
    say_part("all stages", all_stages(fd));
    say_part("gathering alone", tickertape::Discard{});
    say_part("gathering and Dedup", tickertape::Dedup{tickertape::Discard{}});
    say_part("gathering and PutLines", put_lines(fd));
    unchanged(fd, machine_scale());
    close(fd);
}

} // namespace bench
