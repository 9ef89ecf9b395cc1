// SPDX-License-Identifier: MIT
#include "stage/second_cell.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "base/concat.hpp"

namespace tickertape::stage {

SecondCell::SecondCell(const Series& series, std::int64_t next) : merge_{series.merge()}, next_{next} {
    if (merge_ != SeriesOptions::Merge::timing) {
        series_[0] = series;
        return;
    }
    SeriesOptions options = series.options();
    options.merge = SeriesOptions::Merge::none;
    const Tags tags = series.tags();
    const auto named = [&](std::string_view end) { return Series{base::concat(series.metric(), end), tags, options}; };
    series_ = {named(".count"), named(".sum"), named(".max")};
}

SecondCell::Taken SecondCell::take(WallTime time, Value value, std::vector<Point>& out) {
    const std::int64_t second = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
    if (is_open() && second > second_) {
        close(out);
    }
    const std::int64_t earliest = is_open() ? second_ : next_;
    if (second >= earliest) {
        if (is_open()) {
            merge(value, false);
        } else {
            open(second, value);
        }
        return Taken::in_time;
    }
    if (earliest - second > most_behind) {
        close(out);
        open(second, value);
        return Taken::reanchored;
    }
    if (is_open()) {
        merge(value, true);
    } else {
        open(earliest, value);
    }
    return Taken::late;
}

void SecondCell::open(std::int64_t second, Value value) {
    second_ = second;
    count_ = 1;
    value_ = value;
    sum_ = value.as_double();
    max_ = sum_;
    is_integer_ = value.is_integer();
}

void SecondCell::merge(Value value, bool is_late) {
    ++count_;
    if (merge_ == SeriesOptions::Merge::last) {
        value_ = is_late ? value_ : value;
        return;
    }
    std::int64_t sum = 0;
    if (is_integer_ && value.is_integer() && !__builtin_add_overflow(value_.integer(), value.integer(), &sum)) {
        value_ = sum;
        sum_ = static_cast<double>(sum);
    } else {
        sum_ = (is_integer_ ? value_.as_double() : sum_) + value.as_double();
        is_integer_ = false;
    }
    max_ = std::max(max_, value.as_double());
}

void SecondCell::close(std::vector<Point>& out) {
    if (!is_open()) {
        return;
    }
    const WallTime timestamp{std::chrono::seconds{second_}};
    const auto emit = [&](std::size_t which, std::optional<Value> value) {
        if (value) {
            out.emplace_back(*series_.at(which), timestamp, *value);
        } else {
            not_finite_ = true;
        }
    };
    const std::optional<Value> sum = is_integer_ ? value_ : Value::checked(sum_);
    switch (merge_) {
    case SeriesOptions::Merge::none:
    case SeriesOptions::Merge::last: emit(0, value_); break;
    case SeriesOptions::Merge::sum: emit(0, sum); break;
    case SeriesOptions::Merge::timing:
        emit(0, Value{count_});
        emit(1, sum);
        emit(2, Value::checked(max_));
        break;
    }
    next_ = second_ + 1;
    count_ = 0;
}

bool SecondCell::was_not_finite() noexcept { return std::exchange(not_finite_, false); }

} // namespace tickertape::stage
