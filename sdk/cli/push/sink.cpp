// SPDX-License-Identifier: MIT
#include "cli/push/sink.hpp"

#include <chrono>
#include <random>
#include <utility>

#include "base/quote.hpp"
#include "push/telnet_engine.hpp"
#include "stage/ledger.hpp"

namespace tickertape::cli::push {

namespace {

constexpr std::chrono::milliseconds ask_each{100};

/// Sends the bytes of lines as they came.
class TelnetSink final : public PushSink {
public:
    TelnetSink(Targets targets, SinkOptions options)
        : options_{std::move(options)}, accounts_{std::make_shared<stage::Ledger>()},
          engine_{std::make_unique<tickertape::push::TelnetEngine>(std::move(targets), engine_options(options_),
                                                                   accounts_)} {
        accounts_->keep_quiet(); // the command shows them
    }

    bool add(const lines::PutLine& line, std::string_view raw) override {
        if (const std::optional<Reason> refused = refusal_of(line)) {
            accounts_->refuse(1, *refused);
            refused_.note(*refused, raw);
            return true;
        }
        const bool is_full = batch_.bytes.size() + raw.size() + options_.host.size() + 16 >
                                 tickertape::push::TelnetEngine::most_bytes() ||
                             batch_.lines >= engine_->most_lines();
        if (is_full && !send()) {
            accounts_->drop_new(1, Account::Loss::shutdown);
            return false;
        }
        std::string& bytes = batch_.bytes;
        if (line.is_canonical && line.has_put) {
            bytes.append(raw).push_back('\n');
        } else {
            write(line);
        }
        ++batch_.lines;
        return true;
    }

    bool send() override {
        if (batch_.lines == 0) {
            return true;
        }
        while (!engine_->wait_for_room(batch_.bytes.size(), std::chrono::steady_clock::now() + ask_each)) {
            if (!options_.go_on()) {
                return false;
            }
        }
        engine_->give(std::exchange(batch_, {}));
        return true;
    }

    bool finish() override {
        bool all = false;
        const bool is_out = send();
        while (is_out && !(all = engine_->flush(std::chrono::steady_clock::now() + ask_each)) && options_.go_on()) {
        }
        accounts_->drop_new(std::exchange(batch_, {}).lines, Account::Loss::shutdown);
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
    static tickertape::push::TelnetOptions engine_options(const SinkOptions& options) {
        return {.lines_per_second = options.mps,
                .resend_unconfirmed = options.resend,
                .dialer = {.seed = std::random_device{}()}};
    }

    // As one that PutLines would have written, but for the order of the tags.
    void write(const lines::PutLine& line) {
        std::string& bytes = batch_.bytes;
        // Of `1700000000.250` OpenTSDB keeps the milliseconds, and VictoriaMetrics the second: 13 digits it would drop.
        bytes.append("put ").append(line.metric).append(" ").append(line.stamp).append(" ");
        line.append_value(bytes);
        if (!line.has_host && !line.has_put && !options_.host.empty()) {
            bytes.append(" host=").append(options_.host);
        }
        std::size_t at = 0;
        while (at < line.tags.size()) {
            const std::size_t end = std::min(line.tags.find(' ', at), line.tags.size());
            bytes.append(" ").append(line.tags.substr(at, end - at));
            at = std::min(line.tags.find_first_not_of(' ', end), line.tags.size());
        }
        bytes.push_back('\n');
    }

    SinkOptions options_;
    std::shared_ptr<stage::Ledger> accounts_;
    std::unique_ptr<tickertape::push::TelnetEngine> engine_; // null when it is over
    tickertape::push::LineBatch batch_;
    PushStatus last_status_;
    RefusedLines refused_;
};

} // namespace

void RefusedLines::note(Reason reason, std::string_view line) {
    std::string& first = first_[static_cast<std::size_t>(reason)];
    if (first.empty()) {
        first = base::quote(line);
    }
}

std::optional<Reason> refusal_of(const lines::PutLine& line) noexcept {
    constexpr std::chrono::seconds end_of_stamps{std::int64_t{1} << 32U};
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
