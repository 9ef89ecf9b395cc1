// SPDX-License-Identifier: MIT
// The sink for an InfluxDB: lines become points.
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <tickertape/point.hpp>

#include "cli/push/point_maker.hpp"
#include "cli/push/sink.hpp"
#include "push/push_end.hpp"
#include "stage/ledger.hpp"

namespace tickertape::cli::push {

namespace {

constexpr std::chrono::milliseconds ask_each{100};
constexpr std::size_t most_points = 1'000; // of a batch

class PointSink final : public PushSink {
public:
    PointSink(Targets targets, SinkOptions options)
        : options_{std::move(options)},
          end_{tickertape::push::make_push_end(std::move(targets),
                                               {.host_tag = HostTag::none(), // added here, to some lines
                                                .mps = options_.mps,
                                                .gzip = options_.gzip.value_or(true),
                                                .credentials = options_.credentials,
                                                .tls = options_.tls})},
          accounts_{end_.transmitter->accounts()} {
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
            accounts_->refuse(1, Reason::line_too_long); // the only rule in which a series is stricter
            refused_.note(Reason::line_too_long, raw);
        }
        return true;
    }

    bool send() override {
        std::span<const Point> left{points_};
        while (!left.empty()) {
            const Outcome outcome = end_.transmitter->publish(left);
            for (const Outcome::Rejection& rejected : outcome.rejected) {
                refused_.note(rejected.reason, left[rejected.index].series().metric());
            }
            left = left.subspan(outcome.retry_from);
            if (!left.empty() && !options_.go_on()) {
                points_.erase(points_.begin(), points_.end() - static_cast<std::ptrdiff_t>(left.size()));
                return false;
            }
        }
        points_.clear();
        return true;
    }

    bool finish() override {
        bool all = false;
        const bool is_out = send();
        while (is_out && !(all = end_.transmitter->flush(std::chrono::steady_clock::now() + ask_each)) &&
               options_.go_on()) {
        }
        accounts_->drop_new(points_.size(), Account::Loss::shutdown);
        points_.clear();
        last_status_ = end_.status();
        end_.status = [this] { return last_status_; };
        end_.transmitter = nullptr; // destroying it settles the rest
        return all;
    }

    [[nodiscard]] std::uint64_t progress() const override { return accounts_->now().acked; }
    [[nodiscard]] Account account() const override { return accounts_->now(); }
    [[nodiscard]] PushStatus status() const override { return end_.status(); }
    [[nodiscard]] std::string example_of(Reason reason) const override {
        return reason == Reason::refused ? PushSink::example_of(reason) : refused_.example_of(reason);
    }

private:
    SinkOptions options_;
    tickertape::push::PushEnd end_; // without a transmitter when it is over
    std::shared_ptr<stage::Ledger> accounts_;
    PushStatus last_status_;
    RefusedLines refused_;
    std::vector<Point> points_;
    PointMaker maker_{options_.host};
};

} // namespace

std::unique_ptr<PushSink> make_point_sink(Targets targets, SinkOptions options) {
    return std::make_unique<PointSink>(std::move(targets), std::move(options));
}

} // namespace tickertape::cli::push
