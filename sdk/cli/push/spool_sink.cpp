// SPDX-License-Identifier: MIT
// The sink for a spool: lines become points on disk.
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <tickertape/buffered.hpp>
#include <tickertape/point.hpp>

#include "base/concat.hpp"
#include "base/log.hpp"
#include "base/quote.hpp"
#include "cli/push/point_maker.hpp"
#include "cli/push/sink.hpp"
#include "push/push_end.hpp"
#include "stage/ledger.hpp"

namespace tickertape::cli::push {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds ask_each{100};
constexpr std::chrono::milliseconds look_each{10};
constexpr std::chrono::seconds say_each{10};
constexpr std::size_t most_points = 1'000; // of a record
constexpr std::size_t queue_size = 50'000;
constexpr std::chrono::milliseconds longest_wait_for_company{10};

SinkOptions with_spool_for(SinkOptions options, const Targets& targets) {
    options.spool = tickertape::push::spool_for(std::move(options.spool), targets);
    return options;
}

class SpoolSink final : public PushSink {
public:
    SpoolSink(Targets targets, SinkOptions options)
        : options_{with_spool_for(std::move(options), targets)},
          end_{tickertape::push::make_push_end(std::move(targets),
                                               {.host_tag = HostTag::none(), // added here, to some lines
                                                .mps = options_.mps,
                                                .resend_unconfirmed = true,
                                                .sync = options_.sync,
                                                .gzip = options_.gzip.value_or(true),
                                                .credentials = options_.credentials,
                                                .tls = options_.tls})},
          accounts_{end_.transmitter->accounts()},
          queue_{std::in_place, AnyTransmitter{std::move(end_.transmitter)},
                 BufferedOptions{.max_buffer_size = queue_size,
                                 .max_flush_interval = longest_wait_for_company,
                                 .overflow = Overflow::block,
                                 .linger = std::chrono::milliseconds{0},
                                 .spool = options_.spool}} {
        accounts_->keep_quiet(); // the command shows them
    }

    bool add(const lines::PutLine& line, std::string_view raw) override {
        if (points_.size() >= most_points && !send()) {
            accounts_->drop_new(1, Account::Loss::shutdown);
            return false;
        }
        try {
            points_.push_back(maker_.make(line));
        } catch (const UsageError&) {
            accounts_->refuse_new(1, Reason::line_too_long);
            too_long_ = too_long_.empty() ? base::quote(raw) : too_long_;
        }
        return true;
    }

    bool send() override {
        // While the spool takes no points, they wait in memory until the target makes room.
        while (is_in_memory_ && queue_->remaining_capacity() < points_.size()) {
            if (!options_.go_on()) {
                return false;
            }
            std::this_thread::sleep_for(look_each);
        }
        const Outcome outcome = queue_->publish(points_);
        is_in_memory_ = outcome.spooled < points_.size();
        points_.clear();
        return true;
    }

    bool finish() override {
        bool all = false;
        const bool is_out = send();
        queue_->close();
        Clock::time_point say_at = Clock::now() + say_each;
        while (is_out && !(all = ask()) && options_.go_on()) {
            if (Clock::now() >= say_at) {
                say_at += say_each;
                // Message: spool: NUMBER points wait: still sending
                // Cause: The input is at its end, and the target has not acknowledged all points.
                // Remedy: None needed. tickertape spool DIR shows how many wait.
                base::log(base::Level::notice,
                          base::concat("spool: ", accounts_->now().spooled, " points wait: still sending"));
            }
        }
        accounts_->drop_new(points_.size(), Account::Loss::shutdown);
        points_.clear();
        last_status_ = end_.status();
        end_.status = [this] { return last_status_; };
        queue_ = std::nullopt; // the spool keeps the rest
        return all;
    }

    [[nodiscard]] std::uint64_t progress() const override { return accounts_->now().acked; }
    [[nodiscard]] Account account() const override { return accounts_->now(); }
    [[nodiscard]] PushStatus status() const override { return end_.status(); }
    [[nodiscard]] std::string example_of(Reason reason) const override {
        return reason == Reason::line_too_long ? too_long_ : PushSink::example_of(reason);
    }

private:
    /// Waits a while and returns whether all points are answered. Points set aside get their last try when no others are left.
    bool ask() {
        const Account account = accounts_->now();
        if (account.queued + account.spooled > 0) {
            std::this_thread::sleep_for(look_each);
            return false;
        }
        return queue_->flush(Clock::now() + ask_each);
    }

    SinkOptions options_;
    tickertape::push::PushEnd end_; // its transmitter is the queue's
    std::shared_ptr<stage::Ledger> accounts_;
    std::optional<Buffered> queue_; // nothing when it is over
    PointMaker maker_{options_.host};
    std::vector<Point> points_;
    std::string too_long_; // a line
    PushStatus last_status_;
    bool is_in_memory_ = false;
};

} // namespace

std::unique_ptr<PushSink> make_spool_sink(Targets targets, SinkOptions options) {
    return std::make_unique<SpoolSink>(std::move(targets), std::move(options));
}

} // namespace tickertape::cli::push
