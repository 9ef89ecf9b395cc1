// SPDX-License-Identifier: MIT
/// \file
/// HttpSender: the common part of transmitters over HTTP: points become requests.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tickertape/name.hpp>
#include <tickertape/push_status.hpp>
#include <tickertape/transmitter.hpp>

#include "base/forks.hpp"
#include "point/line_formatter.hpp"
#include "push/http_engine.hpp"
#include "push/inherited.hpp"
#include "stage/ledger.hpp"

namespace tickertape::push {

/// Throws UsageError for options that are out of range. `name` is that of the transmitter.
template <class Options>
void check_http_options(std::string_view name, const Options& options) {
    constexpr std::uint32_t most_connections = 64;
    const auto refuse = [name](std::string_view before, std::string_view after) {
        throw UsageError{std::string{before}.append(name).append(after)};
    };
    if (options.patience < std::chrono::milliseconds{0}) {
        refuse("the patience of ", " is negative; it is to be 0 or more");
    }
    if (options.answer_within <= std::chrono::milliseconds{0}) {
        refuse("answer_within of ", " is not positive");
    }
    if (options.connections == 0 || options.connections > most_connections) {
        refuse("the connections of ", " are to be 1 to 64");
    }
}

/// Renders points once by a formatter, and gives them to an engine.
///
/// Thread safety: `publish` and `flush` by one thread at a time, the others by any.
template <class Formatter>
class HttpSender {
public:
    HttpSender(Formatter formatter, Targets targets, HttpOptions options, std::chrono::milliseconds patience)
        : patience_{patience}, formatter_{std::move(formatter)}, buffer_(formatter_.longest()),
          engine_{std::move(targets), std::move(options), accounts_} {}

    [[nodiscard]] bool is_forked() const noexcept { return forks_.is_child(); }

    Outcome publish(std::span<const Point> points) {
        if (!is_usable()) {
            return {.closed = true};
        }
        Outcome outcome;
        const SteadyTime deadline = std::chrono::steady_clock::now() + patience_;
        while (outcome.retry_from < points.size() && engine_.wait_for_room(HttpEngine::most_bytes(), deadline)) {
            PutPoints batch{.receipts = Receipts{accounts_->receipt()}};
            render(points, batch, outcome);
            if (!batch.empty()) {
                engine_.give(std::move(batch));
            }
        }
        return outcome;
    }

    bool flush(SteadyTime deadline) { return is_usable() && engine_.flush(deadline); }
    [[nodiscard]] const std::shared_ptr<stage::Ledger>& accounts() const noexcept { return accounts_; }
    [[nodiscard]] PushStatus status() const { return is_usable() ? engine_.status() : PushStatus{}; }

private:
    [[nodiscard]] bool is_usable() const noexcept { return can_push_here(forks_); }

    /// Renders points until the batch is full.
    void render(std::span<const Point> points, PutPoints& batch, Outcome& outcome) {
        std::size_t& next = outcome.retry_from;
        for (; next < points.size() && batch.text.size() + buffer_.size() < HttpEngine::most_bytes(); ++next) {
            const point::LineResult written = formatter_.write(points[next], buffer_.data());
            if (written.refused) {
                accounts_->refuse(1, *written.refused);
                outcome.rejected.push_back({next, *written.refused});
            } else {
                batch.add({buffer_.data(), written.size});
            }
        }
    }

    base::Forks forks_;
    std::chrono::milliseconds patience_;
    std::shared_ptr<stage::Ledger> accounts_ = std::make_shared<stage::Ledger>();
    Formatter formatter_;
    std::vector<char> buffer_; // room for one point
    HttpEngine engine_;
};

} // namespace tickertape::push
