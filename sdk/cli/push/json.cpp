// SPDX-License-Identifier: MIT
// Lines on their way by HTTP: their texts as JSON, so that a number is what it is in the line.
#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "cli/lines/line_shapes.hpp"
#include "cli/push/sink.hpp"
#include "push/tsd_http_engine.hpp"
#include "stage/ledger.hpp"

namespace tickertape::cli::push {

namespace {

using tickertape::push::HttpEngine;

constexpr std::chrono::milliseconds ask_each{100};

class JsonSink final : public PushSink {
public:
    JsonSink(Targets targets, SinkOptions options)
        : options_{std::move(options)},
          engine_{make_engine(
              std::move(targets),
              {.mps = options_.mps, .sync = options_.sync, .credentials = options_.credentials, .tls = options_.tls},
              accounts_)} {
        accounts_->keep_quiet(); // the command shows them
    }

    bool add(const lines::PutLine& line, std::string_view raw) override {
        if (const std::optional<Reason> refused = refusal_of(line)) {
            accounts_->refuse(1, *refused);
            refused_.note(*refused, raw);
            return true;
        }
        write(line);
        if (points_.text.size() + object_.size() + 1 > HttpEngine::most_bytes() && !send()) {
            accounts_->drop_new(1, Account::Loss::shutdown);
            return false;
        }
        points_.add(object_);
        return true;
    }

    bool send() override {
        if (points_.empty()) {
            return true;
        }
        while (!engine_->wait_for_room(points_.text.size() + 1, std::chrono::steady_clock::now() + ask_each)) {
            if (!options_.go_on()) {
                return false;
            }
        }
        engine_->give(std::exchange(points_, {}));
        return true;
    }

    bool finish() override {
        bool all = false;
        const bool is_out = send();
        while (is_out && !(all = engine_->flush(std::chrono::steady_clock::now() + ask_each)) && options_.go_on()) {
        }
        accounts_->drop_new(std::exchange(points_, {}).size(), Account::Loss::shutdown);
        last_status_ = engine_->status();
        engine_ = nullptr; // settles what is left
        return all;
    }

    [[nodiscard]] std::uint64_t progress() const override { return accounts_->now().acked; }
    [[nodiscard]] Account account() const override { return accounts_->now(); }
    [[nodiscard]] PushStatus status() const override { return engine_ ? engine_->status() : last_status_; }
    [[nodiscard]] std::string example_of(Reason reason) const override {
        return reason == Reason::refused ? PushSink::example_of(reason) : refused_.example_of(reason);
    }

private:
    static std::unique_ptr<HttpEngine> make_engine(Targets targets, const PushOptions& options,
                                                   std::shared_ptr<stage::Ledger> accounts) {
        return std::make_unique<HttpEngine>(tickertape::push::check_tsd_http(std::move(targets), options),
                                            tickertape::push::http_options(options), std::move(accounts));
    }

    /// As PutFormatter writes it, which is how answers are matched with points. Names need no escapes.
    void write(const lines::PutLine& line) {
        object_.assign(R"({"metric":")").append(line.metric).append(R"(","timestamp":)");
        line.append_digits_of_stamp(object_);
        object_.append(R"(,"value":)");
        line.append_value(object_);
        object_.append(R"(,"tags":{")");
        tags_.assign(line.tags);
        if (!line.has_host && !line.has_put && !options_.host.empty()) {
            tags_.append(tags_.empty() ? "host=" : " host=").append(options_.host);
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

    SinkOptions options_;
    std::shared_ptr<stage::Ledger> accounts_ = std::make_shared<stage::Ledger>();
    std::unique_ptr<HttpEngine> engine_; // null when it is over
    tickertape::push::PutPoints points_;
    std::string object_;
    std::string tags_;
    PushStatus last_status_;
    RefusedLines refused_;
};

} // namespace

std::unique_ptr<PushSink> make_json_sink(Targets targets, SinkOptions options) {
    return std::make_unique<JsonSink>(std::move(targets), std::move(options));
}

} // namespace tickertape::cli::push
