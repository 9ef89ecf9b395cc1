// SPDX-License-Identifier: MIT
// Lines on their way by HTTP: their texts as JSON, so that numbers keep their text.
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "cli/lines/line_shapes.hpp"
#include "cli/push/engine_sink.hpp"
#include "push/tsd_http_engine.hpp"
#include "stage/ledger.hpp"

namespace tickertape::cli::push {

namespace {

using tickertape::push::HttpEngine;

std::unique_ptr<HttpEngine> make_engine(Targets targets, const PushOptions& options,
                                        std::shared_ptr<stage::Ledger> accounts) {
    return std::make_unique<HttpEngine>(tickertape::push::check_tsd_http(std::move(targets), options),
                                        tickertape::push::http_options(options), std::move(accounts));
}

class JsonSink final : public EngineSink<HttpEngine, tickertape::push::PutPoints> {
public:
    JsonSink(Targets targets, SinkOptions sink_options)
        : EngineSink{std::move(sink_options),
                     [&targets](const SinkOptions& options, std::shared_ptr<stage::Ledger> accounts) {
                         return make_engine(std::move(targets),
                                            {.mps = options.mps,
                                             .sync = options.sync,
                                             .credentials = options.credentials,
                                             .tls = options.tls},
                                            std::move(accounts));
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
    /// As PutFormatter writes it, which is how answers are matched with points. Names need no escapes.
    void write(const lines::PutLine& line) {
        object_.assign(R"({"metric":")").append(line.metric).append(R"(","timestamp":)");
        line.append_digits_of_stamp(object_);
        object_.append(R"(,"value":)");
        line.append_value(object_);
        object_.append(R"(,"tags":{")");
        tags_.assign(line.tags);
        if (!line.has_host && !line.has_put && !options().host.empty()) {
            tags_.append(tags_.empty() ? "host=" : " host=").append(options().host);
        }
        for (const char c : lines::sorted_tags(tags_)) {
            if (c == '=') {
                object_.append(R"(":")");
            } else if (c == ' ') {
                object_.append(R"(",")");
            } else {
                object_.push_back(c);
            }
        }
        object_.append(R"("}})");
    }

    std::string object_;
    std::string tags_;
};

} // namespace

std::unique_ptr<PushSink> make_json_sink(Targets targets, SinkOptions options) {
    return std::make_unique<JsonSink>(std::move(targets), std::move(options));
}

} // namespace tickertape::cli::push
