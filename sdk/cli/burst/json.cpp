// SPDX-License-Identifier: MIT
// Burst reports as JSON.
#include <chrono>
#include <cmath>

#include "cli/burst/output.hpp"
#include "cli/page/text.hpp"

namespace tickertape::cli::burst {

namespace {

double seconds_of(std::chrono::nanoseconds granularity, std::size_t buckets) {
    return std::chrono::duration<double>(granularity).count() * static_cast<double>(buckets);
}

void write_scales(JsonWriter& json, const std::vector<tickertape::burst::Scale>& scales,
                  std::chrono::nanoseconds granularity) {
    json.key("scales").begin_array();
    for (const tickertape::burst::Scale& scale : scales) {
        json.begin_object().field("buckets", scale.buckets).field("seconds", seconds_of(granularity, scale.buckets));
        json.field("blocks", scale.blocks).field("peak_to_mean", scale.peak_to_mean);
        json.field("dispersion", scale.dispersion).field("poisson_band", tickertape::burst::poisson_band(scale.blocks));
        json.field("squared_variation", scale.squared_variation).field("allan", scale.allan).end_object();
    }
    json.end_array();
}

template <tickertape::burst::Number T>
void write_episodes(JsonWriter& json, const tickertape::burst::Report<T>& report) {
    json.key("bursts");
    if (!report.episodes || !report.thresholds) {
        json.null();
        return;
    }
    const tickertape::burst::Episodes<T>& episodes = *report.episodes;
    json.begin_object().field("hi", report.thresholds->hi).field("lo", report.thresholds->lo);
    json.field("count", episodes.list.size()).field("cut", episodes.cut).field("length_p50", episodes.length_p50);
    json.field("length_p99", episodes.length_p99).field("length_max", episodes.length_max);
    json.field("gap_p50", episodes.gap_p50).field("share_of_time", episodes.share_of_time);
    json.field("share_of_volume", episodes.share_of_volume);
    json.key("list").begin_array();
    for (const auto& episode : episodes.list) {
        json.begin_object().field("begins_ms", page::ms_of(episode.start)).field("buckets", episode.buckets);
        json.field("peak", episode.peak).field("volume", episode.volume);
        json.key("cut").boolean(episode.cut).end_object();
    }
    json.end_array().end_object();
}

template <tickertape::burst::Number T>
void write(JsonWriter& json, const tickertape::burst::Report<T>& report) {
    json.field("burstiness", report.burstiness).field("mean", report.mean);
    const auto& p = report.percentiles;
    for (const auto& [name, member] : {std::pair{"min", &tickertape::burst::Percentiles<T>::min},
                                       {"p50", &tickertape::burst::Percentiles<T>::p50},
                                       {"p95", &tickertape::burst::Percentiles<T>::p95},
                                       {"p99", &tickertape::burst::Percentiles<T>::p99},
                                       {"max", &tickertape::burst::Percentiles<T>::max}}) {
        json.key(name);
        p ? json.number((*p).*member) : json.null();
    }
    json.field("mean_of_first_half", report.trend ? std::optional{report.trend->first_half} : std::nullopt);
    json.field("mean_of_second_half", report.trend ? std::optional{report.trend->second_half} : std::nullopt);
    write_scales(json, report.scales, report.granularity);
    write_episodes(json, report);
    json.key("clustering");
    if (report.clustering) {
        json.begin_object().field("ratio", report.clustering->ratio);
        json.field("hot_after_hot", report.clustering->hot_after_hot);
        json.field("hot_after_cold", report.clustering->hot_after_cold).end_object();
    } else {
        json.null();
    }
    json.key("queues").begin_array();
    for (const tickertape::burst::Envelope& envelope : report.envelopes) {
        json.begin_object().field("service_rate", envelope.service_rate).field("queue", envelope.queue);
        json.field("since_ms", page::ms_of(envelope.since)).field("at_ms", page::ms_of(envelope.at)).end_object();
    }
    json.end_array().field("half_of_volume_in", report.half_in).field("ninety_of_volume_in", report.ninety_in);
    json.key("periods").begin_array();
    for (const tickertape::burst::Lag& lag : report.lags) {
        json.begin_object().field("buckets", lag.buckets).field("seconds", seconds_of(report.granularity, lag.buckets));
        json.field("correlation", lag.correlation).end_object();
    }
    json.end_array();
}

} // namespace

std::string json_input(const BurstInput& input) {
    const lines::LineStore& store = input.store;
    JsonWriter json;
    json.begin_object().field("lines", std::size_t{store.lines()}).field("used", std::size_t{store.used()});
    json.field("not_asked_for", std::size_t{store.not_asked_for()});
    json.field("too_old", std::size_t{store.too_old()});
    json.field("forgotten", std::size_t{store.forgotten()}).field("without_room", std::size_t{store.without_room()});
    json.field("series", series_of(input)).field("dedup_ms", static_cast<std::int64_t>(input.dedup.count()));
    json.key("unusable").begin_object();
    for (std::size_t i = 1; i < store.faults().size(); ++i) {
        if (store.faults()[i] > 0) {
            json.field(describe(static_cast<lines::LineFault>(i)), std::size_t{store.faults()[i]});
        }
    }
    json.end_object().key("smeared").begin_array();
    for (const Smeared& smeared : smeared_of(input)) {
        json.begin_object().key("tags").text(smeared.tags).field("buckets", smeared.buckets).end_object();
    }
    json.end_array().end_object();
    return json.result();
}

std::string json_report(const SubjectReport& about) {
    JsonWriter json;
    about.visit([&]<tickertape::burst::Number T>(const tickertape::burst::Samples<T>& samples,
                                                 const tickertape::burst::Report<T>& report) {
        json.begin_object().key("series").text(about.subject.name);
        json.field("summed_series", about.subject.members.size());
        json.key("kind").text(std::is_same_v<T, std::int64_t> ? "counts" : "readings");
        json.field("step_ms", static_cast<std::int64_t>(about.subject.step.count()));
        json.field("buckets", report.buckets).field("stretches", report.stretches).field("missing", report.missing);
        json.key("from_ms");
        samples.empty() ? json.null() : json.number(page::ms_of(samples.start_of(0)));
        json.key("to_ms");
        samples.empty() ? json.null()
                        : json.number(page::ms_of(samples.start_of(samples.size() - 1) + samples.granularity()));
        json.field("filled", about.made.filled).field("too_close", about.made.too_close);
        json.field("left_out", about.made.left_out).field("repeated", about.subject.repeated);
        write(json, report);
        json.end_object();
    });
    return json.result();
}

void JsonWriter::separate() {
    if (std::exchange(needs_comma_, true)) {
        out_ += ',';
    }
}

JsonWriter& JsonWriter::open(char bracket) {
    separate();
    out_ += bracket;
    needs_comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
    out_ += bracket;
    needs_comma_ = true;
    return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
    text(name);
    out_ += ':';
    needs_comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::text(std::string_view text) {
    separate();
    out_ += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out_ += '\\';
        }
        out_ += c >= ' ' && c <= '~' ? c : '?'; // a char may be signed or not
    }
    out_ += '"';
    return *this;
}

JsonWriter& JsonWriter::null() { return raw("null"); }
JsonWriter& JsonWriter::boolean(bool value) { return raw(value ? "true" : "false"); }
JsonWriter& JsonWriter::number(Value value) { return raw(to_string(value)); }
JsonWriter& JsonWriter::number(double number) {
    const auto value = Value::checked(number);
    return value ? this->number(*value) : null();
}

JsonWriter& JsonWriter::raw(std::string_view json) {
    separate();
    out_ += json;
    return *this;
}

} // namespace tickertape::cli::burst
