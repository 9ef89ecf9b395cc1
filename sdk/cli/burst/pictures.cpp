// SPDX-License-Identifier: MIT
// The sparkline, the dispersion curve and the table of bursts.
#include "cli/burst/pictures.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "base/concat.hpp"
#include "cli/burst/columns.hpp"
#include "cli/burst/largest.hpp"
#include "cli/page/text.hpp"
#include "cli/terminal/bars.hpp"

namespace tickertape::cli::burst {

namespace {

constexpr std::size_t margin = 6; // room for `  max `
constexpr std::size_t most_bursts = 5;

std::string padded(std::string text, std::size_t width) {
    return text.size() < width ? text.insert(0, width - text.size(), ' ') : text;
}

std::string in_colour(const terminal::Style& style, int colour, std::string text) {
    if (!style.colour || text.empty()) {
        return text;
    }
    return base::concat("\x1b[38;5;", colour, "m", text, "\x1b[0m");
}

} // namespace

template <tickertape::burst::Number T>
std::string sparkline(const tickertape::burst::Samples<T>& samples, const tickertape::burst::Report<T>& report,
                      const terminal::Style& style) {
    if (samples.empty()) {
        return {};
    }
    const Columns columns = columns_of(samples, report, style.columns - margin);
    std::string maxima;
    std::string medians;
    std::string bursts;
    for (const Column& column : columns.list) {
        maxima.append(column.buckets == 0 ? " " : bar(column.max, columns.low, columns.high, style));
        medians.append(column.buckets == 0 ? " " : bar(column.p50, columns.low, columns.high, style));
        bursts.append(!column.in_burst ? " " : style.utf8 ? "━" : "^");
    }
    bursts.erase(bursts.find_last_not_of(' ') + 1);
    std::string out;
    out.append("  max ").append(in_colour(style, 209, maxima)).append("\n");
    out.append("  p50 ").append(in_colour(style, 74, medians)).append("\n");
    if (!bursts.empty()) {
        out.append("burst ").append(in_colour(style, 196, bursts)).append("\n");
    }
    terminal::append_wrapped(
        out,
        {base::concat("a column: ", page::length_text(columns.column_length())),
         base::concat("scale: ", page::short_text(columns.low), " to ", page::short_text(columns.high)),
         "blank: no data"},
        margin, style.columns, ", ");
    return out;
}

template <tickertape::burst::Number T>
std::string dispersion_curve(const tickertape::burst::Report<T>& report, const terminal::Style& style) {
    constexpr bool counts = std::is_same_v<T, std::int64_t>;
    constexpr std::size_t table = 34;
    const auto measure = [](const tickertape::burst::Scale& scale) {
        return counts ? scale.dispersion : scale.squared_variation;
    };
    const auto logarithm_of = [&](const tickertape::burst::Scale& scale) {
        const double value = measure(scale).value_or(0);
        return value > 0 && std::isfinite(value) ? std::optional{std::log(value)} : std::nullopt;
    };
    double low = 0; // of the logarithms; the axis always includes 1
    double high = 0;
    for (const tickertape::burst::Scale& scale : report.scales) {
        low = std::min(low, logarithm_of(scale).value_or(0));
        high = std::max(high, logarithm_of(scale).value_or(0));
    }
    const std::size_t room = style.columns >= table + 8 ? std::min<std::size_t>(style.columns - table, 60) : 0;
    const auto place = [&](double logarithm) {
        return terminal::step_of(high > low ? (logarithm - low) / (high - low) : 0.0, room);
    };
    std::string out = base::concat("     scale  peak/mean  ", counts ? "dispersion" : " variation", "\n");
    for (const tickertape::burst::Scale& scale : report.scales) {
        if (scale.blocks < tickertape::burst::least_blocks && scale.buckets > 1) {
            break;
        }
        out.append(padded(page::length_text(report.granularity * static_cast<std::int64_t>(scale.buckets)), 10));
        out.append(padded(page::short_text(scale.peak_to_mean), 11))
            .append(padded(page::short_text(measure(scale)), 12));
        if (const auto logarithm = logarithm_of(scale); room > 0 && logarithm) {
            const std::size_t one = place(0);
            const std::size_t point = place(*logarithm);
            out.append(" ");
            for (std::size_t i = 0; i <= std::max(one, point); ++i) {
                out.append(i == point ? in_colour(style, 209, style.utf8 ? "●" : "*")
                           : i == one ? (style.utf8 ? "│" : "|")
                                      : " ");
            }
        }
        out.append("\n");
    }
    return out;
}

template <tickertape::burst::Number T>
std::string burst_table(const tickertape::burst::Report<T>& report, const terminal::Style& style) {
    if (!report.episodes || report.episodes->list.empty()) {
        return {};
    }
    const auto& list = report.episodes->list;
    const std::vector<std::size_t> largest = largest_bursts(report, most_bursts);
    const bool with_ms = report.granularity < std::chrono::seconds{1};
    const bool with_date = page::date_text(list.front().start) != page::date_text(list.back().start);
    const auto begin_text = [&](WallTime start) {
        if (!with_date) {
            return page::clock_text(start, with_ms);
        }
        std::string text = page::date_text(start).append(" ").append(page::clock_text(start, with_ms));
        constexpr std::size_t year = 5;
        constexpr std::size_t to_minutes = 11; // a narrow terminal has room for `11-21 10:04`
        return text.size() + 28 <= style.columns ? text : text.substr(year, to_minutes);
    };
    std::string out = padded("begins", begin_text(list.front().start).size()).append("   length     peak   volume\n");
    for (const std::size_t i : largest) {
        const auto& episode = list[i];
        out.append(begin_text(episode.start));
        out.append(padded(page::length_text(report.granularity * static_cast<std::int64_t>(episode.buckets)), 9));
        out.append(padded(page::narrow_text(static_cast<double>(episode.peak)), 9));
        out.append(padded(page::narrow_text(episode.volume), 9)).append(episode.cut ? "+" : "").append("\n");
    }
    return out;
}

template std::string sparkline(const tickertape::burst::Samples<std::int64_t>&,
                               const tickertape::burst::Report<std::int64_t>&, const terminal::Style&);
template std::string dispersion_curve(const tickertape::burst::Report<std::int64_t>&, const terminal::Style&);
template std::string burst_table(const tickertape::burst::Report<std::int64_t>&, const terminal::Style&);
template std::string sparkline(const tickertape::burst::Samples<double>&, const tickertape::burst::Report<double>&,
                               const terminal::Style&);
template std::string dispersion_curve(const tickertape::burst::Report<double>&, const terminal::Style&);
template std::string burst_table(const tickertape::burst::Report<double>&, const terminal::Style&);

} // namespace tickertape::cli::burst
