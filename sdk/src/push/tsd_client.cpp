// SPDX-License-Identifier: MIT
#include <tickertape/tsd_client.hpp>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <system_error>
#include <unordered_map>
#include <utility>

#include <tickertape/discard.hpp>

#include "base/concat.hpp"
#include "base/diagnostics.hpp"
#include "base/forks.hpp"
#include "base/quote.hpp"
#include "point/series_key.hpp"
#include "push/inherited.hpp"
#include "push/push_end.hpp"
#include "stage/queue_time.hpp"

namespace tickertape {

namespace {

constexpr std::chrono::seconds check_patience{3};

/// The latest 64 timestamps of a series that were sent.
class RecentStamps {
public:
    /// Notes a timestamp. Returns false if it is known already.
    bool add(std::int64_t stamp) noexcept {
        constexpr std::int64_t most = 64;
        if (seen_ == 0 || stamp > latest_) {
            const std::int64_t ahead = seen_ == 0 ? most : stamp - latest_;
            seen_ = (ahead >= most ? 0 : seen_ << ahead) | 1U;
            latest_ = stamp;
            return true;
        }
        const std::int64_t behind = latest_ - stamp;
        if (behind >= most) {
            return true; // too old: unknown whether it was sent
        }
        const std::uint64_t bit = std::uint64_t{1} << behind;
        const bool is_new = (seen_ & bit) == 0;
        seen_ |= bit;
        return is_new;
    }

    void remove(std::int64_t stamp) noexcept {
        if (const std::int64_t behind = latest_ - stamp; behind >= 0 && behind < 64) {
            seen_ &= ~(std::uint64_t{1} << behind);
        }
    }

private:
    std::int64_t latest_ = 0;
    std::uint64_t seen_ = 0;
};

struct Known {
    std::optional<Series> series{}; // nothing for an illegal series
    RecentStamps stamps{};
};

TsdClientOptions checked(const TsdClientOptions& options) {
    if (options.queue_size == 0) {
        throw UsageError{"the queue_size of TsdClient is 0; it is at least 1, because every queue is bounded"};
    }
    if (options.max_series == 0) {
        throw UsageError{"the max_series of TsdClient is 0; it is at least 1"};
    }
    if (options.flush_interval <= std::chrono::milliseconds{0}) {
        throw UsageError{"the flush_interval of TsdClient is not positive"};
    }
    if (options.port == 0) {
        throw UsageError{"the port of TsdClient is 0; it is from 1 to 65535"};
    }
    return options;
}

TsdClientOptions for_targets(TsdClientOptions options, const Targets& targets) {
    options.spool = push::spool_for(std::move(options.spool), targets);
    return options;
}

/// An exception whose message is only the given sentence.
class NoTarget final : public std::system_error {
public:
    explicit NoTarget(const push::Unreachable& found) : std::system_error{found.error}, sentence_{found.sentence} {}

    [[nodiscard]] const char* what() const noexcept override { return sentence_.what(); }

private:
    std::runtime_error sentence_; // an exception, because copying one cannot fail
};

push::PushEnd make_end(Targets targets, const TsdClientOptions& options) {
    if (options.test_mode) {
        return {.transmitter = std::make_unique<Discard>(), .status = [] { return PushStatus{}; }};
    }
    if (options.check_host) {
        if (const auto found = push::find_unreachable(targets, check_patience)) {
            throw NoTarget{*found};
        }
    }
    return push::make_push_end(std::move(targets),
                               {.host_tag = options.host_tag,
                                .mps = options.mps,
                                .resend_unconfirmed = options.resend_unconfirmed || !options.spool.directory.empty(),
                                .sync = options.sync,
                                .credentials = options.credentials,
                                .tls = options.tls});
}

/// A transmitter that can end before the queue that feeds it does.
///
/// Thread safety: call `end` after the last `publish`.
class EndableEnd final : public Transmitter {
public:
    explicit EndableEnd(push::PushEnd end)
        : inner_{std::move(end.transmitter)}, ask_{std::move(end.status)}, accounts_{inner_->accounts()} {}

    Outcome publish(std::span<const Point> points) override {
        return inner_ ? inner_->publish(points) : Outcome{.closed = true};
    }
    bool flush(SteadyTime deadline) override { return !inner_ || inner_->flush(deadline); }
    [[nodiscard]] std::shared_ptr<stage::Ledger> accounts() const override { return accounts_; }

    /// Ends the inner transmitter, which settles its points.
    void end() {
        const std::lock_guard lock{mutex_};
        last_ = ask_();
        ask_ = [this] { return last_; };
        inner_ = nullptr;
    }
    [[nodiscard]] PushStatus status() const {
        const std::lock_guard lock{mutex_};
        return ask_();
    }

private:
    mutable std::mutex mutex_;
    std::unique_ptr<Transmitter> inner_; // null after the end
    std::function<PushStatus()> ask_;
    PushStatus last_;
    std::shared_ptr<stage::Ledger> accounts_;
};

} // namespace

struct TsdClient::State {
    State(Targets targets, const TsdClientOptions& given)
        : options{for_targets(checked(given), targets)}, adds_host{!options.host_tag.is_none()},
          end{make_end(std::move(targets), options)}, queue{std::ref(end),
                                                            {.max_buffer_size = options.queue_size,
                                                             .max_flush_interval = options.flush_interval,
                                                             .overflow = options.overflow,
                                                             .linger = options.linger,
                                                             .spool = options.spool}} {}

    /// A part of the known series.
    struct Shard {
        std::mutex mutex;
        // One map for each precision.
        std::array<std::unordered_map<std::string, Known, point::SeriesKeyHash, std::equal_to<>>, 2> known;
    };

    [[nodiscard]] std::optional<Series> make(const point::SeriesKey& key, Series::Precision precision) const;
    [[nodiscard]] bool is_forked() const noexcept { return forks.is_child(); }
    [[nodiscard]] bool is_usable() const noexcept { return push::can_push_here(forks); }
    [[nodiscard]] Sent refuse() {
        ++invalid;
        return Sent::invalid;
    }

    base::Forks forks;
    TsdClientOptions options;
    bool adds_host;
    std::array<Shard, 16> shards;
    std::atomic<std::uint64_t> invalid{0};
    std::atomic<std::uint64_t> duplicates{0};
    std::atomic<bool> closed{false};
    EndableEnd end;
    Buffered queue; // destroyed before the transmitter that it feeds
};

std::optional<Series> TsdClient::State::make(const point::SeriesKey& key, Series::Precision precision) const {
    const auto refuse = [&](std::string_view why) {
        // Message: metric 'METRIC': REASON: not sent
        // Cause: The metric or a tag has an illegal character, or there are too many tags, or none.
        // Remedy: Correct the names, or give the client a tag for all points.
        base::report(base::concat("metric ", base::quote(key.metric()), ": ", why, ": not sent"));
    };
    try {
        Series series = key.make({}, {.step = precision == Series::Precision::seconds ? std::chrono::nanoseconds{0}
                                                                                      : std::chrono::milliseconds{1},
                                      .reserve_host_tag = adds_host});
        if (series.tag_count() > 0 || adds_host) {
            return series;
        }
        refuse(describe(Reason::no_tag));
    } catch (const UsageError& error) {
        refuse(error.what());
    }
    return std::nullopt;
}

TsdClient::TsdClient(Targets targets, const TsdClientOptions& options)
    : state_{std::make_unique<State>(std::move(targets), options)} {
    base::wake_fork();
}
TsdClient::TsdClient(TsdClient&&) noexcept = default;
TsdClient& TsdClient::operator=(TsdClient&& other) noexcept {
    TsdClient{std::move(other)}.state_.swap(state_);
    return *this;
}
TsdClient::~TsdClient() { base::let_go(std::move(state_)); }

Targets TsdClient::with_port(std::string_view target, std::uint16_t port) {
    // Accepts a bare name, or an address in brackets.
    const std::size_t name_end = target.starts_with('[') ? target.find(']') : 0;
    if (name_end == std::string_view::npos || target.find(':', name_end) != std::string_view::npos) {
        return Targets{target};
    }
    return Targets{base::concat(target, ":", port)};
}

Sent TsdClient::send_at(std::optional<WallTime> time, Name metric, std::optional<Value> value,
                        std::span<const Tag> tags, Series::Precision precision) {
    State& state = *state_;
    if (state.closed.load(std::memory_order_relaxed) || !state.is_usable()) {
        return Sent::closed;
    }
    if (!value) {
        // Message: metric 'METRIC': the value is not finite: not sent
        // Cause: A value is NaN or infinite; no server stores it.
        // Remedy: Correct the program that measures.
        base::report(base::concat("metric ", base::quote(metric.text()), ": the value is not finite: not sent"));
        return state.refuse();
    }
    const WallTime at = time ? *time : WallTime{std::chrono::system_clock::now()};
    point::CallKey key;
    key->set_metric(metric.text());
    for (const Tag& tag : tags) {
        key->add_tag(tag.key.text(), tag.value);
    }
    const std::string_view bytes = key->bytes();
    if (bytes.size() > point::SeriesKey::longest) { // it has no legal series, and is not remembered
        static_cast<void>(state.make(*key, precision));
        return state.refuse();
    }
    const point::HashedBytes hashed{bytes};
    State::Shard& shard = state.shards[hashed.hash % state.shards.size()];
    const std::int64_t stamp = precision == Series::Precision::seconds
                                   ? std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count()
                                   : std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch()).count();
    std::optional<Series> series;
    {
        const std::lock_guard lock{shard.mutex};
        auto& all = shard.known[precision == Series::Precision::seconds ? 0 : 1];
        auto found = all.find(hashed);
        if (found == all.end()) {
            if (all.size() * state.shards.size() >= state.options.max_series) {
                all.clear();
            }
            found = all.emplace(bytes, Known{.series = state.make(*key, precision)}).first;
        }
        Known& known = found->second;
        if (!known.series) {
            return state.refuse();
        }
        if (!known.stamps.add(stamp)) {
            ++state.duplicates;
            return Sent::duplicate;
        }
        series = known.series;
    }
    const Sent sent = state.queue.add(Point{std::move(*series), at, *value});
    if (sent == Sent::dropped) { // the application may send it again
        const std::lock_guard lock{shard.mutex};
        auto& all = shard.known[precision == Series::Precision::seconds ? 0 : 1];
        if (const auto found = all.find(hashed); found != all.end()) {
            found->second.stamps.remove(stamp);
        }
    }
    return sent;
}

void TsdClient::close() {
    if (state_->is_usable()) {
        state_->closed = true;
        state_->queue.close();
    }
}

bool TsdClient::wait(SteadyTime deadline) { return state_->is_usable() && state_->queue.flush(deadline); }

bool TsdClient::wait(std::chrono::milliseconds at_most) {
    return wait(stage::later(std::chrono::steady_clock::now(), at_most));
}

void TsdClient::stop() {
    if (state_->is_usable()) {
        state_->closed = true;
        state_->queue.stop();
        state_->end.end();
    }
}

Account TsdClient::account() const { return state_->is_usable() ? state_->queue.account() : Account{}; }
PushStatus TsdClient::status() const { return state_->is_usable() ? state_->end.status() : PushStatus{}; }
std::uint64_t TsdClient::invalid() const { return state_->invalid; }
std::uint64_t TsdClient::duplicates() const { return state_->duplicates; }

} // namespace tickertape
