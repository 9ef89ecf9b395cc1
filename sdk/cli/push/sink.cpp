// SPDX-License-Identifier: MIT
#include "cli/push/sink.hpp"

#include <chrono>
#include <random>
#include <utility>

#include <tickertape/line.hpp>

#include "base/quote.hpp"
#include "cli/push/engine_sink.hpp"
#include "push/telnet_engine.hpp"

namespace tickertape::cli::push {

namespace {

using tickertape::push::TelnetEngine;

/// Sends the bytes of lines as they came.
class TelnetSink final : public EngineSink<TelnetEngine, tickertape::push::LineBatch> {
public:
    TelnetSink(Targets targets, SinkOptions sink_options)
        : EngineSink{std::move(sink_options),
                     [&targets](const SinkOptions& options, std::shared_ptr<stage::Ledger> accounts) {
                         return std::make_unique<TelnetEngine>(std::move(targets), engine_options(options),
                                                               std::move(accounts));
                     }} {}

    bool add(const lines::PutLine& line, std::string_view raw) override {
        if (refuse(line, raw)) {
            return true;
        }
        const std::size_t longest = raw.size() + options().host.size() + 16;
        if (!make_room(bytes_in(batch()) + longest > TelnetEngine::most_bytes() ||
                       batch().lines >= engine().most_lines())) {
            return false;
        }
        if (line.is_canonical && line.has_put) {
            batch().bytes.append(raw).push_back('\n');
        } else {
            write(line);
        }
        ++batch().lines;
        return true;
    }

    Added add_run(lines::IndexedLines& lines) override {
        const std::size_t used = bytes_in(batch());
        if (used + max_line >= TelnetEngine::most_bytes() || batch().lines >= engine().most_lines()) {
            if (!send()) {
                return {.is_open = false};
            }
        }
        tickertape::push::LineBatch& to = batch();
        const lines::IndexedLines::Run run =
            lines.take_run(TelnetEngine::most_bytes() - to.bytes.size(), engine().most_lines() - to.lines);
        to.bytes.append(run.text);
        to.lines += run.lines;
        return {.run = run};
    }

private:
    static tickertape::push::TelnetOptions engine_options(const SinkOptions& options) {
        return {.lines_per_second = options.mps,
                .resend_unconfirmed = options.resend,
                .dialer = {.seed = std::random_device{}()}};
    }

    // Writes the line as PutLines would, except for the order of the tags.
    void write(const lines::PutLine& line) {
        std::string& bytes = batch().bytes;
        // OpenTSDB keeps the milliseconds of `1700000000.250`, and VictoriaMetrics the second. VictoriaMetrics would drop 13 digits.
        bytes.append("put ").append(line.metric).append(" ").append(line.stamp).append(" ");
        line.append_value(bytes);
        if (!line.has_host && !line.has_put && !options().host.empty()) {
            bytes.append(" host=").append(options().host);
        }
        std::size_t at = 0;
        while (at < line.tags.size()) {
            const std::size_t end = std::min(line.tags.find(' ', at), line.tags.size());
            bytes.append(" ").append(line.tags.substr(at, end - at));
            at = std::min(line.tags.find_first_not_of(' ', end), line.tags.size());
        }
        bytes.push_back('\n');
    }
};

} // namespace

void RefusedLines::note(Reason reason, std::string_view line) {
    std::string& first = first_[static_cast<std::size_t>(reason)];
    if (first.empty()) {
        first = base::quote(line);
    }
}

PushSink::Added PushSink::add_run(lines::IndexedLines& lines) {
    lines::PutLine line;
    const std::optional<std::string_view> raw = lines.take_canonical(line);
    if (!raw) {
        return {};
    }
    return {.run = {.text = {raw->data(), raw->size() + 1}, .lines = 1}, .is_open = add(line, *raw)};
}

std::optional<Reason> refusal_of(const lines::PutLine& line) noexcept {
    constexpr std::chrono::seconds end_of_stamps{std::int64_t{1} << 32U};
    if (line.precision() == Series::Precision::seconds) {
        return std::nullopt; // a timestamp in seconds has at most 32 bits
    }
    return line.time() >= WallTime{end_of_stamps} ? std::optional{Reason::bad_time} : std::nullopt;
}

std::unique_ptr<PushSink> make_sink(Targets targets, SinkOptions options) {
    if (!options.spool.directory.empty()) {
        return make_spool_sink(std::move(targets), std::move(options));
    }
    switch (targets.protocol()) {
    case Target::Protocol::telnet: return std::make_unique<TelnetSink>(std::move(targets), std::move(options));
    case Target::Protocol::http: return make_json_sink(std::move(targets), std::move(options));
    default: return make_point_sink(std::move(targets), std::move(options));
    }
}

} // namespace tickertape::cli::push
