// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <functional>

#include "cli/lint/history.hpp"
#include "cli/lint/series_hash.hpp"

namespace tickertape::cli::lint {

namespace {

constexpr double dedup_seconds = 300;
constexpr double patience_seconds = 600;
constexpr double lines_per_second = 2000;
constexpr double lines_per_sending = 10'001;
constexpr double lines_that_wait = 100'000;
constexpr double start_seconds = 300; // a steady collector has written all its series in this time
constexpr std::size_t many_series = 1000;
constexpr double exact_integers = 9'007'199'254'740'992; // 2^53
constexpr double per_second = 1000;

} // namespace

void TcollectorHistory::add(const LineWords& line, std::vector<Remark>& out) {
    const SeriesHash hash = hash_of(line);
    if (line.tags.size() > 1) {
        const auto order = orders_.find(hash.in_any_order);
        if (!order.known) {
            order.state = hash.as_it_stands;
        } else if (order.state != hash.as_it_stands) {
            out.push_back({Fault::tag_order, line.metric});
        }
    }
    if (line.time.seconds < static_cast<double>(tcollector_last_second)) {
        pass_time(line.time.seconds, out);
    }
    forward(dedup(line, hash.as_it_stands, out), out);
}

std::size_t TcollectorHistory::dedup(const LineWords& line, std::uint64_t key, std::vector<Remark>& out) {
    const bool is_milliseconds = line.time.is_milliseconds;
    const double unit = is_milliseconds ? per_second : 1;
    const bool is_far_ahead = line.time.number >= static_cast<double>(tcollector_last_second) * unit;
    const Series now{.text = std::hash<std::string_view>{}(line.value),
                     .number = line.number.number,
                     .stamp = line.time.number,
                     .is_milliseconds = is_milliseconds};
    const auto [last, known] = series_.find(key);
    if (!known) {
        if (is_far_ahead) {
            out.push_back({Fault::stamp_poison, line.stamp});
        }
        count_new_series(line, out);
        last = now;
        return 1;
    }
    if (now.stamp <= last.stamp) {
        const bool other_unit = last.is_milliseconds && !is_milliseconds;
        out.push_back({other_unit ? Fault::stamp_unit : Fault::stamp_order, line.stamp});
        return 0;
    }
    if (is_far_ahead) {
        out.push_back({Fault::stamp_future, line.stamp});
        return 0;
    }
    const bool window_is_over = now.stamp - last.stamp >= dedup_seconds * unit;
    const bool is_equal = now.text == last.text;
    if (!is_equal && now.number == last.number && std::abs(now.number) < exact_integers) {
        out.push_back({Fault::value_spelling, line.value});
    }
    if (is_equal && !window_is_over) {
        last.repeated = true;
        return 0;
    }
    const bool replays = !is_equal && (last.repeated || window_is_over);
    last = now;
    return replays ? 2 : 1;
}

void TcollectorHistory::count_new_series(const LineWords& line, std::vector<Remark>& out) {
    if (!line.time.is_milliseconds || !(line.time.seconds > first_ + start_seconds)) {
        return;
    }
    if (++late_series_ == many_series) {
        texts_[0] = std::to_string(many_series);
        out.push_back({Fault::churn, texts_[0]});
    }
}

void TcollectorHistory::pass_time(double seconds, std::vector<Remark>& out) {
    if (std::isnan(first_)) {
        first_ = newest_ = seconds;
        return;
    }
    const double passed = seconds - newest_;
    if (passed <= 0) {
        return;
    }
    if (passed >= patience_seconds) {
        texts_[1] = std::to_string(static_cast<std::int64_t>(passed));
        out.push_back({Fault::silence, texts_[1]});
    }
    newest_ = seconds;
    waiting_ = std::max(0.0, waiting_ - passed * lines_per_second);
    is_late_ = is_late_ && waiting_ > lines_per_sending / 2;
    is_full_ = is_full_ && waiting_ > lines_that_wait;
}

void TcollectorHistory::forward(std::size_t lines, std::vector<Remark>& out) {
    waiting_ += static_cast<double>(lines);
    const auto tell = [&](Fault fault) {
        texts_[0] = std::to_string(static_cast<std::int64_t>(waiting_));
        out.push_back({fault, texts_[0]});
    };
    if (waiting_ > lines_per_sending && !std::exchange(is_late_, true)) {
        tell(Fault::rate);
    }
    if (waiting_ > lines_that_wait + lines_per_sending && !std::exchange(is_full_, true)) {
        tell(Fault::queue);
    }
}

} // namespace tickertape::cli::lint
