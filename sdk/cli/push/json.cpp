// SPDX-License-Identifier: MIT
// The sink for HTTP: writes lines as JSON, so that numbers keep their text.
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/concat.hpp"
#include "cli/lines/line_memory.hpp"
#include "cli/lines/line_shapes.hpp"
#include "cli/push/engine_sink.hpp"
#include "push/tsd_http_engine.hpp"
#include "stage/ledger.hpp"

namespace tickertape::cli::push {

namespace {

using tickertape::push::HttpEngine;

std::unique_ptr<HttpEngine> make_engine(Targets targets, const PushOptions& options, bool spares_gzip,
                                        std::shared_ptr<stage::Ledger> accounts) {
    tickertape::push::HttpOptions engine_options = tickertape::push::http_options(options);
    engine_options.spares_gzip = spares_gzip;
    return std::make_unique<HttpEngine>(tickertape::push::check_tsd_http(std::move(targets), options),
                                        std::move(engine_options), std::move(accounts));
}

class JsonSink final : public EngineSink<HttpEngine, tickertape::push::PutPoints> {
public:
    JsonSink(Targets targets, SinkOptions sink_options)
        : EngineSink{std::move(sink_options),
                     [&targets](const SinkOptions& options, std::shared_ptr<stage::Ledger> accounts) {
                         return make_engine(std::move(targets),
                                            {.mps = options.mps,
                                             .sync = options.sync,
                                             .gzip = options.gzip.value_or(true),
                                             .credentials = options.credentials,
                                             .tls = options.tls},
                                            !options.gzip, std::move(accounts));
                     }} {}

    bool add(const lines::PutLine& line, std::string_view raw) override {
        if (refuse(line, raw)) {
            return true;
        }
        write(line);
        if (!make_room(bytes_in(batch()) + object_.size() > HttpEngine::most_bytes())) {
            return false;
        }
        batch().add(object_);
        return true;
    }

private:
    /// The parts of an object that are the same for all points of a series.
    struct Frame {
        std::string head{}; ///< up to the timestamp
        std::string tail{}; ///< after the value
    };

    /// Writes the same text as PutFormatter, because answers are matched with points by this text.
    void write(const lines::PutLine& line) {
        const bool adds_host = !line.has_host && !line.has_put && !options().host.empty();
        const Frame& frame = frames_.of(line, adds_host ? "+" : " ", [&] { return frame_of(line, adds_host); });
        object_.assign(frame.head);
        line.append_digits_of_stamp(object_);
        object_.append(R"(,"value":)");
        line.append_value(object_);
        object_.append(frame.tail);
    }

    /// Names need no escapes.
    [[nodiscard]] Frame frame_of(const lines::PutLine& line, bool adds_host) const {
        std::string tags{line.tags};
        if (adds_host) {
            tags.append(tags.empty() ? "host=" : " host=").append(options().host);
        }
        Frame frame{.head = base::concat(R"({"metric":")", line.metric, R"(","timestamp":)"), .tail = R"(,"tags":{")"};
        for (const char c : lines::sorted_tags(tags)) {
            if (c == '=') {
                frame.tail.append(R"(":")");
            } else if (c == ' ') {
                frame.tail.append(R"(",")");
            } else {
                frame.tail.push_back(c);
            }
        }
        frame.tail.append(R"("}})");
        return frame;
    }

    static constexpr std::size_t most_series = 10'000;

    lines::LineMemory<Frame> frames_{most_series};
    std::string object_;
};

} // namespace

std::unique_ptr<PushSink> make_json_sink(Targets targets, SinkOptions options) {
    return std::make_unique<JsonSink>(std::move(targets), std::move(options));
}

} // namespace tickertape::cli::push
