// SPDX-License-Identifier: MIT
// Dispersion against scale, on logarithmic axes.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/concat.hpp"
#include "cli/burst/svg.hpp"
#include "cli/page/svg_frame.hpp"
#include "cli/page/text.hpp"

namespace tickertape::cli::burst {

namespace {

constexpr double plot_height = 200;
constexpr int units = 1000;
constexpr std::size_t most_width = 440;

struct Point {
    std::chrono::nanoseconds length; // the length of a block
    double value;
    double band; // the half width of the band for independent events around 1; 0: no band
};

class Axis {
public:
    Axis(double low, double high) : low_{low}, high_{high} {}
    [[nodiscard]] double place(double value) const {
        // Subtracts logarithms, because a quotient may overflow.
        const double part = (std::log(value) - std::log(low_)) / (std::log(high_) - std::log(low_));
        return part > 0 ? std::min(part, 1.0) : 0.0;
    }
    [[nodiscard]] double low() const { return low_; }
    [[nodiscard]] double high() const { return high_; }

private:
    double low_;
    double high_;
};

std::string coordinates(double x, double y) {
    return page::pixels(x * units).append(",").append(page::pixels((1 - y) * units)).append(" ");
}

} // namespace

template <tickertape::burst::Number T>
void write_dispersion(page::HtmlWriter& page, const std::string& id, const tickertape::burst::Report<T>& report) {
    constexpr bool counts = std::is_same_v<T, std::int64_t>;
    const std::string title = counts ? "Dispersion against scale" : "Variation against scale";
    std::vector<Point> points;
    bool any_zero = false;
    for (const tickertape::burst::Scale& scale : report.scales) {
        const auto value = counts ? scale.dispersion : scale.squared_variation;
        any_zero = any_zero || value == 0.0;
        if (value.value_or(0) > 0 && std::isfinite(*value)) {
            points.push_back({.length = report.granularity * static_cast<std::int64_t>(scale.buckets),
                              .value = *value,
                              .band = counts ? tickertape::burst::poisson_band(scale.blocks).value_or(0) : 0});
        }
    }
    page.open("figure").open("figcaption").element("h3", {}, title);
    if (points.empty()) {
        page.close();
        page.element("p", {{"class", "note"}},
                     any_zero ? "0 at all scales, which is constant and has no place on a logarithmic axis."
                              : "n/a: too few blocks, or a mean that is not positive.");
        page.close();
        return;
    }
    page.open("p", {{"class", "legend"}});
    page::write_key(page, "swatch curve", counts ? "dispersion of counts" : "squared variation of readings");
    if (counts) {
        page::write_key(page, "swatch band", "independent events, 2 standard deviations");
    }
    page.close().close();

    double low = 1;
    double high = 1;
    for (const Point& point : points) {
        low = std::min({low, point.value, std::max(1 - point.band, 0.1)});
        high = std::max({high, point.value, 1 + point.band});
    }
    const double room = std::exp((std::log(high) - std::log(low)) * 0.05) * 1.05;
    const Axis up{std::max(low / room, std::numeric_limits<double>::min()),
                  std::min(high * room, std::numeric_limits<double>::max())};
    // Leaves half a step of room on either side.
    const auto first = static_cast<double>(points.front().length.count()) / std::sqrt(2.0);
    const auto last = static_cast<double>(points.back().length.count()) * std::sqrt(2.0);
    const Axis along{first, last};
    const auto x_of = [&](const Point& point) { return along.place(static_cast<double>(point.length.count())); };

    page::open_picture(page, id, plot_height, title,
                       base::concat(title, ": from ", page::short_text(points.front().value), " for blocks of ",
                                    page::length_text(points.front().length), " to ",
                                    page::short_text(points.back().value), " for ",
                                    page::length_text(points.back().length), "."),
                       most_width);
    page::write_value_axis(page, page::logarithmic_ticks(up.low(), up.high(), 6), plot_height);
    if (counts) {
        std::string outline;
        for (const Point& point : points) {
            outline.append(coordinates(x_of(point), up.place(1 + point.band)));
        }
        for (auto point = points.rbegin(); point != points.rend(); ++point) {
            outline.append(coordinates(x_of(*point), point->band < 1 ? up.place(1 - point->band) : 0.0));
        }
        outline.pop_back();
        page::open_plot(page, units, units, plot_height);
        page.lone("polygon", {{"class", "band"}, {"points", outline}}).close();
    }
    page::write_line(page, "one", plot_height * (1 - up.place(1)));
    page::write_line(page, "axis", plot_height);
    std::string line;
    for (const Point& point : points) {
        line.append(coordinates(x_of(point), up.place(point.value)));
    }
    line.pop_back();
    page::open_plot(page, units, units, plot_height);
    page.lone("polyline", {{"class", "curve"}, {"points", line}}).close();
    std::vector<page::Tick> ticks;
    const std::size_t every = (points.size() + 4) / 5;
    for (std::size_t i = 0; i < points.size(); ++i) {
        page.lone("circle", {{"class", "curve"},
                             {"cx", page::percent(x_of(points[i]))},
                             {"cy", page::pixels(plot_height * (1 - up.place(points[i].value)))},
                             {"r", "3.5"}});
        if (i % every == 0) {
            ticks.push_back({.place = x_of(points[i]), .label = page::length_text(points[i].length)});
        }
    }
    page::write_bottom_axis(page, ticks, plot_height);
    page.close();
    std::string note =
        base::concat("Across: length of a block, logarithmic. Up: ",
                     counts ? "variance / mean of the sums of blocks" : "variance / mean² of the sums of blocks");
    note.append(", logarithmic. ");
    note.append(counts ? "1 is chance; growing: bursts cluster." : "Falling like 1 / length is chance.");
    page.element("p", {{"class", "note"}}, note).close();
}

template void write_dispersion(page::HtmlWriter&, const std::string&, const tickertape::burst::Report<std::int64_t>&);
template void write_dispersion(page::HtmlWriter&, const std::string&, const tickertape::burst::Report<double>&);

} // namespace tickertape::cli::burst
