// SPDX-License-Identifier: MIT
/// \file
/// EngineSink: the common part of the sinks that hand lines to a push engine.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "cli/push/sink.hpp"
#include "push/put_body.hpp"
#include "push/telnet_connection.hpp"
#include "stage/ledger.hpp"

namespace tickertape::cli::push {

[[nodiscard]] inline std::size_t points_in(const tickertape::push::LineBatch& batch) { return batch.lines; }
[[nodiscard]] inline std::size_t points_in(const tickertape::push::PutPoints& batch) { return batch.size(); }
[[nodiscard]] inline std::size_t bytes_in(const tickertape::push::LineBatch& batch) { return batch.bytes.size(); }
[[nodiscard]] inline std::size_t bytes_in(const tickertape::push::PutPoints& batch) { return batch.text.size() + 1; }

/// A sink adds lines to a batch of the engine's kind.
///
/// Thread safety: none.
template <class Engine, class Batch>
class EngineSink : public PushSink {
public:
    bool send() override {
        if (points_in(batch_) == 0) {
            return true;
        }
        while (!engine_->wait_for_room(bytes_in(batch_), in_a_while())) {
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
        while (is_out && !(all = engine_->flush(in_a_while())) && options_.go_on()) {
        }
        accounts_->drop_new(points_in(std::exchange(batch_, {})), Account::Loss::shutdown);
        last_status_ = engine_->status();
        engine_ = nullptr; // settles the rest
        return all;
    }

    [[nodiscard]] std::uint64_t progress() const override { return accounts_->now().acked; }
    [[nodiscard]] Account account() const override { return accounts_->now(); }
    [[nodiscard]] PushStatus status() const override { return engine_ ? engine_->status() : last_status_; }
    [[nodiscard]] std::string example_of(Reason reason) const override {
        return reason == Reason::refused ? PushSink::example_of(reason) : refused_.example_of(reason);
    }

protected:
    /// `make` gets the options and the ledger, and returns the engine.
    template <class Make>
    EngineSink(SinkOptions options, Make make) : options_{std::move(options)}, engine_{make(options_, accounts_)} {
        accounts_->keep_quiet(); // the command shows them
    }

    /// Returns whether the line cannot be sent, and counts it then.
    bool refuse(const lines::PutLine& line, std::string_view raw) {
        const std::optional<Reason> reason = refusal_of(line);
        if (reason) {
            accounts_->refuse(1, *reason);
            refused_.note(*reason, raw);
        }
        return reason.has_value();
    }
    /// Sends the batch if `is_full`. Returns false if it cannot be sent; the next line is then dropped.
    bool make_room(bool is_full) {
        if (is_full && !send()) {
            accounts_->drop_new(1, Account::Loss::shutdown);
            return false;
        }
        return true;
    }
    [[nodiscard]] const SinkOptions& options() const { return options_; }
    [[nodiscard]] const Engine& engine() const { return *engine_; }
    [[nodiscard]] Batch& batch() { return batch_; }

private:
    static std::chrono::steady_clock::time_point in_a_while() {
        constexpr std::chrono::milliseconds ask_each{100};
        return std::chrono::steady_clock::now() + ask_each;
    }

    SinkOptions options_;
    std::shared_ptr<stage::Ledger> accounts_ = std::make_shared<stage::Ledger>();
    std::unique_ptr<Engine> engine_; // null when it is over
    Batch batch_;
    PushStatus last_status_;
    RefusedLines refused_;
};

} // namespace tickertape::cli::push
