// SPDX-License-Identifier: MIT
#include <tickertape/tsd_telnet.hpp>

#include <chrono>
#include <random>
#include <string>
#include <utility>

#include <tickertape/name.hpp>

#include "base/concat.hpp"
#include "base/diagnostics.hpp"
#include "base/forks.hpp"
#include "point/line_formatter.hpp"
#include "push/inherited.hpp"
#include "push/telnet_engine.hpp"
#include "stage/ledger.hpp"
#include "stage/queue_time.hpp"

namespace tickertape {

namespace {

push::TelnetOptions engine_options(const PushOptions& options) {
    if (options.patience <= std::chrono::milliseconds{0}) {
        throw UsageError{"the patience of TsdTelnet is not positive"};
    }
    if (options.answer_within <= std::chrono::milliseconds{0}) {
        throw UsageError{"answer_within of TsdTelnet is not positive"};
    }
    return {.lines_per_second = options.mps,
            .resend_unconfirmed = options.resend_unconfirmed,
            .patience = options.answer_within,
            .dialer = {.seed = std::random_device{}()}};
}

Targets only_telnet(Targets targets) {
    if (targets.protocol() != Target::Protocol::telnet) {
        throw UsageError{base::concat("TsdTelnet cannot push to ", targets.all().front().text(),
                                      "; its targets look like host:4242")};
    }
    return targets;
}

} // namespace

struct TsdTelnet::State {
    State(Targets targets, const PushOptions& options)
        : patience{options.patience}, formatter{{.host_tag = options.host_tag.resolve()}},
          engine{only_telnet(std::move(targets)), engine_options(options), accounts} {}

    [[nodiscard]] bool is_forked() const noexcept { return forks.is_child(); }
    /// Renders from `points` on until a batch is full. Returns the number of points that were handled.
    std::size_t render(std::span<const Point> points, std::size_t first, push::LineBatch& batch, Outcome& outcome);

    base::Forks forks;
    std::chrono::milliseconds patience;
    std::shared_ptr<stage::Ledger> accounts = std::make_shared<stage::Ledger>();
    point::LineFormatter formatter;
    bool remarked = false;
    push::TelnetEngine engine;
};

std::size_t TsdTelnet::State::render(std::span<const Point> points, std::size_t first, push::LineBatch& batch,
                                     Outcome& outcome) {
    constexpr std::size_t most = push::TelnetEngine::most_bytes();
    batch.bytes.resize(most);
    std::size_t size = 0;
    std::size_t next = first;
    for (; next < points.size() && size + max_line + 1 <= most && batch.lines < engine.most_lines(); ++next) {
        const point::LineResult line = formatter.write(points[next], batch.bytes.data() + size);
        if (line.refused) {
            accounts->refuse(1, *line.refused);
            outcome.rejected.push_back({next, *line.refused});
            continue;
        }
        if (points[next].series().precision() == Series::Precision::milliseconds && !std::exchange(remarked, true)) {
            // Message: telnet: VictoriaMetrics drops timestamps of milliseconds and InfluxDB misreads them: push by
            //   http:// instead
            // Cause: Points have timestamps of milliseconds (--ms, or buckets below 1 s) and go out by telnet.
            // Remedy: Push to http://HOST:PORT. OpenTSDB takes them as they are.
            base::report("telnet: VictoriaMetrics drops timestamps of milliseconds and InfluxDB misreads them: "
                         "push by http:// instead");
        }
        size += line.size;
        ++batch.lines;
    }
    batch.bytes.resize(size);
    return next - first;
}

TsdTelnet::TsdTelnet(Targets targets, const PushOptions& options)
    : state_{std::make_unique<State>(std::move(targets), options)} {}
TsdTelnet::TsdTelnet(TsdTelnet&&) noexcept = default;
TsdTelnet& TsdTelnet::operator=(TsdTelnet&& other) noexcept {
    TsdTelnet{std::move(other)}.state_.swap(state_);
    return *this;
}
TsdTelnet::~TsdTelnet() { base::let_go(std::move(state_)); }

Outcome TsdTelnet::publish(std::span<const Point> points) {
    if (!push::can_push_here(state_->forks)) {
        return {.closed = true};
    }
    Outcome outcome;
    const SteadyTime deadline = stage::later(std::chrono::steady_clock::now(), state_->patience);
    while (outcome.retry_from < points.size() &&
           state_->engine.wait_for_room(push::TelnetEngine::most_bytes(), deadline)) {
        push::LineBatch batch;
        batch.receipts = push::Receipts{state_->accounts->receipt()};
        outcome.retry_from += state_->render(points, outcome.retry_from, batch, outcome);
        if (batch.lines > 0) {
            batch.bytes.shrink_to_fit();
            state_->engine.give(std::move(batch));
        }
    }
    return outcome;
}

bool TsdTelnet::flush(SteadyTime deadline) {
    return push::can_push_here(state_->forks) && state_->engine.flush(deadline);
}

Account TsdTelnet::account() const { return state_->accounts->now(); }

std::shared_ptr<stage::Ledger> TsdTelnet::accounts() const { return state_->accounts; }

PushStatus TsdTelnet::status() const {
    return push::can_push_here(state_->forks) ? state_->engine.status() : PushStatus{};
}

} // namespace tickertape
