// SPDX-License-Identifier: MIT
#include "cli/burst/html.hpp"

#include <algorithm>

#include "base/concat.hpp"
#include "cli/burst/figures.hpp"
#include "cli/burst/html_style.hpp"
#include "cli/burst/largest.hpp"
#include "cli/burst/measures.hpp"
#include "cli/burst/svg.hpp"
#include "cli/page/text.hpp"

namespace tickertape::cli::burst {

namespace {

constexpr std::size_t most_bursts = 20;

std::string section_id(std::size_t index) { return base::concat("s", index); }

// Writes the name of a series, with the part before the first blank in bold.
void write_name(page::HtmlWriter& page, std::string_view name) {
    const std::size_t end = std::min(name.find(' '), name.size());
    page.element("span", {{"class", "metric"}}, name.substr(0, end));
    if (end < name.size()) {
        page.text(" ").element("span", {{"class", "tags"}}, name.substr(end + 1));
    }
}

std::string title_of(const BurstInput& input) {
    std::string title{"Bursts"};
    for (std::size_t i = 0; i < input.sources.size(); ++i) {
        title.append(i == 0 ? " in " : ", ").append(input.sources[i] == "-" ? "standard input" : input.sources[i]);
    }
    return title;
}

template <tickertape::burst::Number T>
class Section {
public:
    Section(const SubjectReport& about, const tickertape::burst::Samples<T>& samples,
            const tickertape::burst::Report<T>& report, std::size_t index, const lines::AnySamples* max)
        : about_{about}, samples_{samples}, report_{report}, id_{section_id(index)}, max_{max} {}

    std::string write() {
        const std::string heading = base::concat(id_, "-name");
        page_.open("section", {{"id", id_}, {"class", "report"}, {"aria-labelledby", heading}});
        page_.open("h2", {{"id", heading}});
        write_name(page_, about_.subject.name);
        page_.close();
        write_highlights();
        if (max_ != nullptr) {
            write_band(page_, base::concat(id_, "-band"), about_.made.samples, *max_);
        }
        if (!samples_.empty()) {
            write_sparkline(page_, base::concat(id_, "-maxima"), samples_, report_);
            write_heat_map(page_, base::concat(id_, "-map"), samples_);
        }
        page_.open("div", {{"class", "curve-and-scales"}});
        write_dispersion(page_, base::concat(id_, "-dispersion"), report_);
        write_scales();
        page_.close();
        page_.open("div", {{"class", "tables"}});
        write_values();
        write_queues();
        write_periods();
        write_bursts();
        write_series();
        page_.close();
        write_largest();
        page_.close().raw("\n");
        return page_.take();
    }

private:
    [[nodiscard]] std::string length(std::size_t buckets) const {
        return page::length_text(report_.granularity * static_cast<std::int64_t>(buckets));
    }
    [[nodiscard]] std::string length(const std::optional<std::size_t>& buckets) const {
        return buckets ? length(*buckets) : "n/a";
    }
    [[nodiscard]] std::string clock(WallTime at) const {
        return page::clock_text(at, report_.granularity < std::chrono::seconds{1});
    }
    [[nodiscard]] std::string with_date(WallTime at) const { return base::concat(page::date_text(at), " ", clock(at)); }
    // Returns a time. The date is left out for series within a day, because the page shows it once.
    [[nodiscard]] std::string time(WallTime at) const {
        const bool one_day =
            page::date_text(samples_.start_of(0)) == page::date_text(samples_.start_of(samples_.size() - 1));
        return one_day ? clock(at) : with_date(at);
    }

    void highlight(std::string_view name, const Figure& figure) {
        page_.open("div").element("dt", {}, name).open("dd");
        write_figure(page_, figure);
        page_.close().close();
    }

    void write_highlights() {
        const auto& bursts = report_.episodes;
        page_.open("dl", {{"class", "highlights"}});
        highlight("burstiness", {"burstiness", report_.burstiness});
        if (!report_.scales.empty()) {
            highlight("peak / mean", {"scales.0.peak_to_mean", report_.scales[0].peak_to_mean});
        }
        if (bursts) {
            highlight("of the time in bursts", share("bursts.share_of_time", bursts->share_of_time));
            highlight("of the volume in bursts", share("bursts.share_of_volume", bursts->share_of_volume));
        }
        highlight("of the buckets hold 90 %", share("ninety_of_volume_in", report_.ninety_in));
        page_.close();
    }

    void write_scales() {
        Table table{page_,
                    "Scales",
                    {"block", "buckets", "blocks", "peak / mean", "dispersion", "± band", "variation", "Allan"}};
        for (std::size_t i = 0; i < report_.scales.size(); ++i) {
            const tickertape::burst::Scale& scale = report_.scales[i];
            const auto path = [&](std::string_view name) { return base::concat("scales.", i, ".", name); };
            const auto buckets = static_cast<std::int64_t>(scale.buckets);
            table.row({{path("seconds"), std::chrono::duration<double>(report_.granularity * buckets).count(),
                        length(scale.buckets)},
                       {path("buckets"), scale.buckets},
                       {path("blocks"), scale.blocks},
                       {path("peak_to_mean"), scale.peak_to_mean},
                       {path("dispersion"), scale.dispersion},
                       {path("poisson_band"), tickertape::burst::poisson_band(scale.blocks)},
                       {path("squared_variation"), scale.squared_variation},
                       {path("allan"), scale.allan}});
        }
    }

    void write_values() {
        Table table{page_, base::concat("Values per bucket of ", length(1))};
        const auto& p = report_.percentiles;
        const auto& trend = report_.trend;
        table.pair("maximum", {"max", p ? std::optional{p->max} : std::nullopt});
        table.pair("p99", {"p99", p ? std::optional{p->p99} : std::nullopt});
        table.pair("p95", {"p95", p ? std::optional{p->p95} : std::nullopt});
        table.pair("p50, the median", {"p50", p ? std::optional{p->p50} : std::nullopt});
        table.pair("minimum", {"min", p ? std::optional{p->min} : std::nullopt});
        table.pair("mean", {"mean", report_.mean});
        table.pair("mean of the first half",
                   {"mean_of_first_half", trend ? std::optional{trend->first_half} : std::nullopt});
        table.pair("mean of the second half",
                   {"mean_of_second_half", trend ? std::optional{trend->second_half} : std::nullopt});
        table.pair("half of the volume in", share("half_of_volume_in", report_.half_in));
        table.pair("90 % of the volume in", share("ninety_of_volume_in", report_.ninety_in));
    }

    void write_bursts() {
        if (!report_.episodes || !report_.thresholds || !report_.clustering) {
            Table table{page_, "Bursts"};
            table.pair("bursts", {"bursts", std::optional<double>{}});
            table.pair("clustering", {"clustering", std::optional<double>{}});
            return;
        }
        Table table{page_, "Bursts"};
        const tickertape::burst::Episodes<T>& bursts = *report_.episodes;
        table.pair("bursts", {"bursts.count", bursts.list.size()});
        table.pair("a burst begins at", {"bursts.hi", report_.thresholds->hi});
        table.pair("and ends below", {"bursts.lo", report_.thresholds->lo});
        table.pair("length p50", buckets("bursts.length_p50", bursts.length_p50));
        table.pair("length p99", buckets("bursts.length_p99", bursts.length_p99));
        table.pair("length, longest", buckets("bursts.length_max", bursts.length_max));
        table.pair("gap p50", buckets("bursts.gap_p50", bursts.gap_p50));
        table.pair("share of the time", share("bursts.share_of_time", bursts.share_of_time));
        table.pair("share of the volume", share("bursts.share_of_volume", bursts.share_of_volume));
        table.pair("cut by a gap or an end", {"bursts.cut", bursts.cut});
        const tickertape::burst::Clustering& clustering = *report_.clustering;
        table.pair("clustering", {"clustering.ratio", clustering.ratio});
        table.pair("hot after hot", share("clustering.hot_after_hot", clustering.hot_after_hot));
        table.pair("hot after cold", share("clustering.hot_after_cold", clustering.hot_after_cold));
    }

    void write_queues() {
        Table table{page_,
                    report_.stretches > 1 ? "Queue needed, at least (gaps)" : "Queue needed",
                    {"served / s", "queue", "backlog since", "longest at"}};
        for (std::size_t i = 0; i < report_.envelopes.size(); ++i) {
            const tickertape::burst::Envelope& envelope = report_.envelopes[i];
            const auto path = [&](std::string_view name) { return base::concat("queues.", i, ".", name); };
            table.row({{path("service_rate"), envelope.service_rate},
                       {path("queue"), envelope.queue},
                       {path("since_ms"), page::ms_of(envelope.since), time(envelope.since)},
                       {path("at_ms"), page::ms_of(envelope.at), time(envelope.at)}});
        }
        table.none_if_empty("n/a");
    }

    void write_periods() {
        Table table{page_, "Periods", {"period", "buckets", "correlation"}};
        for (std::size_t i = 0; i < report_.lags.size(); ++i) {
            const tickertape::burst::Lag& lag = report_.lags[i];
            const auto path = [&](std::string_view name) { return base::concat("periods.", i, ".", name); };
            const auto buckets = static_cast<std::int64_t>(lag.buckets);
            table.row({{path("seconds"), std::chrono::duration<double>(report_.granularity * buckets).count(),
                        length(lag.buckets)},
                       {path("buckets"), lag.buckets},
                       {path("correlation"), lag.correlation}});
        }
        table.none_if_empty("none found");
    }

    void write_series() {
        Table table{page_, "Series"};
        table.pair("kind", {"kind", std::is_same_v<T, std::int64_t> ? "counts" : "readings"});
        table.pair(about_.subject.step_is_a_guess ? "a bucket is (a guess)" : "a bucket is",
                   {"step_ms", static_cast<std::int64_t>(about_.subject.step.count()), length(1)});
        const bool any = !samples_.empty();
        const WallTime begin = any ? samples_.start_of(0) : WallTime{};
        const WallTime end = any ? samples_.start_of(samples_.size() - 1) + samples_.granularity() : WallTime{};
        table.pair("from (UTC)", {"from_ms", any ? std::optional{page::ms_of(begin)} : std::nullopt, with_date(begin)});
        table.pair("to (UTC)", {"to_ms", any ? std::optional{page::ms_of(end)} : std::nullopt, with_date(end)});
        table.pair("buckets", {"buckets", report_.buckets});
        table.pair("stretches", {"stretches", report_.stretches});
        table.pair("missing in gaps", {"missing", report_.missing});
        table.pair("filled in (dedup)", {"filled", about_.made.filled});
        table.pair("too close, replaced", {"too_close", about_.made.too_close});
        table.pair("repeated, replaced", {"repeated", about_.subject.repeated});
        table.pair("too old, left out", {"left_out", about_.made.left_out});
        table.pair("series summed up", {"summed_series", about_.subject.members.size()});
    }

    void write_largest() {
        if (!report_.episodes || report_.episodes->list.empty()) {
            return;
        }
        const auto& list = report_.episodes->list;
        const std::vector<std::size_t> largest = largest_bursts(report_, most_bursts);
        Table table{page_,
                    largest.size() < list.size()
                        ? base::concat("The ", largest.size(), " largest of ", list.size(), " bursts, by volume")
                        : "All bursts, by volume",
                    {"begins (UTC)", "length", "peak", "volume", "cut"}};
        for (const std::size_t i : largest) {
            const auto& episode = list[i];
            const auto path = [&](std::string_view name) { return base::concat("bursts.list.", i, ".", name); };
            table.row({{path("begins_ms"), page::ms_of(episode.start), time(episode.start)},
                       {path("buckets"), episode.buckets, length(episode.buckets)},
                       {path("peak"), episode.peak},
                       {path("volume"), episode.volume},
                       {path("cut"), episode.cut ? "true" : "false", episode.cut ? "yes" : "no"}});
        }
    }

    [[nodiscard]] static Figure share(std::string_view path, std::optional<double> part) {
        return {path, part, page::percent_text(part)};
    }
    [[nodiscard]] Figure buckets(std::string_view path, std::optional<std::size_t> count) const {
        return {path, count, length(count)};
    }

    const SubjectReport& about_;
    const tickertape::burst::Samples<T>& samples_;
    const tickertape::burst::Report<T>& report_;
    std::string id_;
    const lines::AnySamples* max_; // null if there are no maxima
    page::HtmlWriter page_;
};

} // namespace

std::string html_head(const BurstInput& input, const std::vector<Subject>& subjects, std::size_t shown) {
    page::HtmlWriter page;
    page.raw("<!DOCTYPE html>\n").open("html", {{"xmlns", "http://www.w3.org/1999/xhtml"}, {"lang", "en"}});
    page.open("head").lone("meta", {{"charset", "utf-8"}});
    page.lone("meta", {{"http-equiv", "Content-Security-Policy"},
                       {"content", "default-src 'none'; style-src 'unsafe-inline'"}});
    page.lone("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
    page.lone("meta", {{"name", "color-scheme"}, {"content", "light dark"}});
    page.element("title", {}, title_of(input)).open("style").raw(burst_style).close().close().raw("\n");
    page.open("body");
    write_picture_definitions(page);
    page.open("header").element("h1", {}, title_of(input)).open("p", {{"class", "note"}});
    for (const std::string& words : account_of(input)) {
        page.element("span", {{"class", "words"}}, words).text(" ");
    }
    page.close();
    if (const std::string note = dedup_note(input); !note.empty()) {
        page.element("p", {{"class", "note"}}, note);
    }
    page.close().open("main");
    if (subjects.size() != 1) {
        Table table{page, "Series, the burstiest first", {"series", "burstiness"}};
        for (std::size_t i = 0; i < shown; ++i) {
            table.begin_row();
            page.open("th", {{"scope", "row"}}).open("a", {{"href", base::concat("#", section_id(i))}});
            write_name(page, subjects[i].name);
            page.close().close();
            page.open("td");
            write_figure(page, {base::concat("reports.", i, ".burstiness"), subjects[i].burstiness});
            page.close();
        }
        table.none_if_empty("none");
        if (shown < subjects.size()) {
            table.begin_row();
            page.element("td", {{"colspan", "2"}, {"class", "none"}},
                         base::concat(subjects.size() - shown, " more: --top 0"));
        }
    }
    return page.take().append("\n");
}

std::string html_report(const SubjectReport& about, std::size_t index, const lines::AnySamples* max) {
    return about.visit([&]<tickertape::burst::Number T>(const tickertape::burst::Samples<T>& samples,
                                                        const tickertape::burst::Report<T>& report) {
        return Section<T>{about, samples, report, index, max}.write();
    });
}

std::string html_foot(const BurstInput& input) {
    const lines::LineStore& store = input.store;
    page::HtmlWriter page;
    page.raw("</main>").open("footer").open("div", {{"class", "tables"}});
    {
        Table table{page, "Input"};
        table.pair("lines", {"input.lines", store.lines()});
        table.pair("used", {"input.used", store.used()});
        table.pair("series", {"input.series", series_of(input)});
        table.pair("not matched by --metric", {"input.not_asked_for", store.not_asked_for()});
        table.pair("older than --last", {"input.too_old", store.too_old()});
        table.pair("forgotten (--memory)", {"input.forgotten", store.forgotten()});
        table.pair("without room (--memory)", {"input.without_room", store.without_room()});
        for (std::size_t i = 1; i < store.faults().size(); ++i) {
            if (store.faults()[i] > 0) {
                const std::string_view fault = describe(static_cast<lines::LineFault>(i));
                table.pair(base::concat("unusable: ", fault),
                           {base::concat("input.unusable.", fault), store.faults()[i]});
            }
        }
        table.pair("taken for deduped within",
                   {"input.dedup_ms", static_cast<std::int64_t>(input.dedup.count()), page::length_text(input.dedup)});
    }
    if (const std::vector<Smeared> all = smeared_of(input); !all.empty()) {
        Table table{page, "Smeared buckets: shares of what was counted while ticks were late", {"of", "buckets"}};
        for (std::size_t i = 0; i < all.size(); ++i) {
            table.row({{base::concat("input.smeared.", i, ".tags"), all[i].tags.c_str()},
                       {base::concat("input.smeared.", i, ".buckets"), all[i].buckets}});
        }
    }
    page.open("section", {{"class", "reading"}}).element("h2", {}, "How to read this").open("dl");
    for (const Measure& measure : measures) {
        page.element("dt", {}, measure.name).element("dd", {}, measure.meaning);
    }
    page.close();
    page.element(
        "p", {{"class", "note"}},
        "Values are taken as amounts per bucket. A measure without enough data is n/a; a gap is never a zero.");
    page.close().close().close();
    page.raw("</body></html>\n");
    return page.take();
}

} // namespace tickertape::cli::burst
