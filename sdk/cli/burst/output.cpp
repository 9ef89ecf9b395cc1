// SPDX-License-Identifier: MIT
// Burst reports for people.
#include "cli/burst/output.hpp"

#include <utility>

#include "base/concat.hpp"
#include "cli/burst/pictures.hpp"
#include "cli/page/text.hpp"

namespace tickertape::cli::burst {

namespace {

constexpr std::size_t indent = 2;

std::string said(std::string_view name, const std::string& what) { return base::concat(name, " ", what); }

template <tickertape::burst::Number T>
class Writer {
public:
    Writer(const SubjectReport& about, const tickertape::burst::Samples<T>& samples,
           const tickertape::burst::Report<T>& report, const terminal::Style& style)
        : about_{about}, samples_{samples}, report_{report}, style_{style} {}

    std::string write(bool pictures) {
        append_title();
        append_extent();
        if (pictures) {
            out_.append(sparkline(samples_, report_, style_));
        }
        append_levels();
        out_.append(dispersion_curve(report_, style_));
        append_bursts();
        append_queues();
        append_rest();
        if (pictures) {
            out_.append(heat_map(samples_, style_));
        }
        return out_;
    }

private:
    void line(const std::vector<std::string>& words) { terminal::append_wrapped(out_, words, indent, style_.columns); }
    [[nodiscard]] std::string length(std::size_t buckets) const {
        return page::length_text(report_.granularity * static_cast<std::int64_t>(buckets));
    }
    template <class U>
    [[nodiscard]] std::string length(const std::optional<U>& buckets) const {
        return buckets ? length(*buckets) : "n/a";
    }

    void append_title() {
        std::vector<std::string> words;
        std::string_view rest = about_.subject.name;
        while (!rest.empty()) {
            const std::string_view word = rest.substr(0, rest.find(' '));
            words.emplace_back(word);
            rest.remove_prefix(std::min(word.size() + 1, rest.size()));
        }
        terminal::append_wrapped(out_, words, 0, style_.columns, " ");
    }

    void append_extent() {
        std::vector<std::string> words{said("burstiness", page::short_text(report_.burstiness)),
                                       std::to_string(report_.buckets)
                                           .append(report_.buckets == 1 ? " bucket of " : " buckets of ")
                                           .append(length(1))};
        if (about_.subject.step_is_a_guess) {
            words.push_back("(a guess: the value never changes)");
        }
        if (!samples_.empty()) {
            const bool with_ms = report_.granularity < std::chrono::seconds{1};
            const WallTime begin = samples_.start_of(0);
            const WallTime end = samples_.start_of(samples_.size() - 1) + samples_.granularity();
            words.push_back(page::date_text(begin));
            if (page::date_text(end) == page::date_text(begin)) {
                words.push_back(page::clock_text(begin, with_ms)
                                    .append(" to ")
                                    .append(page::clock_text(end, with_ms))
                                    .append(" UTC"));
            } else {
                words.push_back(page::clock_text(begin, with_ms).append(" to"));
                words.push_back(page::date_text(end).append(" ").append(page::clock_text(end, with_ms)).append(" UTC"));
            }
        }
        if (report_.stretches > 1) {
            words.push_back(std::to_string(report_.stretches - 1).append(report_.stretches > 2 ? " gaps" : " gap"));
            words.push_back(std::to_string(report_.missing).append(" buckets missing"));
        }
        const auto note = [&](std::size_t count, std::string_view what) {
            if (count > 0) {
                words.push_back(std::to_string(count).append(" ").append(what));
            }
        };
        note(about_.subject.members.size() > 1 ? about_.subject.members.size() : 0, "series summed up");
        note(about_.made.filled, "held back by dedup, filled in");
        note(about_.made.too_close, "less than half a step apart, last kept");
        note(about_.subject.repeated, "at a time seen before, last line kept");
        note(about_.made.left_out, "oldest readings left out");
        line(words);
    }

    void append_levels() {
        if (!report_.percentiles) {
            return;
        }
        const auto& p = *report_.percentiles;
        line({said("max", page::short_text(p.max)), said("p99", page::short_text(p.p99)),
              said("p95", page::short_text(p.p95)), said("p50", page::short_text(p.p50)),
              said("min", page::short_text(p.min)), said("mean", page::short_text(report_.mean)),
              said("first half",
                   page::short_text(report_.trend ? std::optional{report_.trend->first_half} : std::nullopt)),
              said("second half",
                   page::short_text(report_.trend ? std::optional{report_.trend->second_half} : std::nullopt))});
    }

    void append_bursts() {
        if (!report_.episodes || !report_.thresholds) {
            line({"bursts n/a"});
            return;
        }
        const auto& bursts = *report_.episodes;
        std::vector<std::string> words{said("bursts", std::to_string(bursts.list.size())),
                                       said("from", page::short_text(report_.thresholds->hi))
                                           .append(" until below ")
                                           .append(page::short_text(report_.thresholds->lo))};
        if (!bursts.list.empty()) {
            words.push_back(said("length p50", length(bursts.length_p50)));
            words.push_back(said("p99", length(bursts.length_p99)));
            words.push_back(said("max", length(bursts.length_max)));
            words.push_back(said("gap p50", length(bursts.gap_p50)));
            words.push_back(page::percent_text(bursts.share_of_time).append(" of the time"));
            words.push_back(page::percent_text(bursts.share_of_volume).append(" of the volume"));
            if (bursts.cut > 0) {
                words.push_back(std::to_string(bursts.cut).append(" cut by a gap or an end (+)"));
            }
        }
        if (report_.clustering) {
            words.push_back(said("clustering", page::short_text(report_.clustering->ratio)));
        }
        line(words);
        out_.append(burst_table(report_, style_));
    }

    void append_queues() {
        std::vector<std::string> words;
        for (const tickertape::burst::Envelope& envelope : report_.envelopes) {
            words.push_back(page::short_text(envelope.queue)
                                .append(" at ")
                                .append(page::short_text(envelope.service_rate))
                                .append("/s"));
        }
        if (words.empty()) {
            words.emplace_back("n/a");
        }
        words.front().insert(0, "queue needed ");
        if (report_.stretches > 1) {
            words.emplace_back("(at least: gaps)");
        }
        line(words);
    }

    void append_rest() {
        line({page::percent_text(report_.half_in).insert(0, "half of the volume in ").append(" of the buckets,"),
              page::percent_text(report_.ninety_in).insert(0, "90 % in ")});
        std::vector<std::string> words{"periods"};
        for (const tickertape::burst::Lag& lag : report_.lags) {
            words.push_back(length(lag.buckets).append(" (").append(page::short_text(lag.correlation)).append(")"));
        }
        if (report_.lags.empty()) {
            words.emplace_back("none found");
        }
        line(words);
    }

    const SubjectReport& about_;
    const tickertape::burst::Samples<T>& samples_;
    const tickertape::burst::Report<T>& report_;
    const terminal::Style& style_;
    std::string out_;
};

} // namespace

SubjectReport::SubjectReport(const Subject& of, const SubjectSamples& samples,
                             const tickertape::burst::Options& options)
    : subject{of}, made{samples},
      report{std::visit([&](const auto& any) { return AnyReport{tickertape::burst::analyse(any, options)}; },
                        samples.samples)} {}

std::string text_report(const SubjectReport& about, const terminal::Style& style, bool pictures) {
    return about.visit([&]<tickertape::burst::Number T>(const tickertape::burst::Samples<T>& samples,
                                                        const tickertape::burst::Report<T>& report) {
        return Writer<T>{about, samples, report, style}.write(pictures);
    });
}

} // namespace tickertape::cli::burst
