// SPDX-License-Identifier: MIT
// `tickertape burst` reading lines: from text to readings by series.
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

#include "cli/lines/line_store.hpp"
#include "line_baselines.hpp"
#include "measure.hpp"
#include "report.hpp"
#include "suites.hpp"

namespace bench {

namespace {

constexpr std::size_t series = 1000;
constexpr std::size_t seconds = 100;
constexpr std::size_t lines = series * seconds;

std::string text_of(bool in_order, bool reals) {
    std::string text;
    for (std::size_t i = 0; i < lines; ++i) {
        // If not `in_order`, no line is the one that is expected next.
        const std::size_t which = in_order ? i % series : i * 7919 % series * (i / series % 2 + 1) % series;
        text.append("put sys.cpu.user ").append(std::to_string(1'700'000'000 + i / series)).append(" ");
        text.append(std::to_string(i * 7919 % 100'000)).append(reals ? ".25" : "");
        text.append(" cpu=").append(std::to_string(which)).append(" host=web01\n");
    }
    return text;
}

void read(std::string_view text) {
    tickertape::cli::lines::LineStore store{{}};
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        store.add(line);
        text.remove_prefix(line.size() + 1);
    }
    if (store.used() != lines) {
        throw std::runtime_error{"not all lines were read"};
    }
}

} // namespace

void read_suite() {
    const double scale = machine_scale();
    const std::string counts = text_of(true, false);
    const std::string reals = text_of(true, true);
    const std::string mixed = text_of(false, false);
    const auto ns =
        interleaved(30, CLOCK_THREAD_CPUTIME_ID, [&] { read(counts); }, [&] { read(reals); }, [&] { read(mixed); });
    const auto speed = [&](double time) { return static_cast<double>(lines) / time * 1e3; };
    say({"burst 2", "tickertape burst reads lines of 1,000 series, integers, on one core, scaled", speed(ns[0]) / scale,
         "M/s", at_least(5)});
    say({"", "the same, as measured", speed(ns[0]), "M/s"});
    say({"", "the same, decimals, as measured", speed(ns[1]), "M/s"});
    say({"", "the same, integers, series in changing order, as measured", speed(ns[2]), "M/s"});
}

} // namespace bench
