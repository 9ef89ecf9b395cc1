// SPDX-License-Identifier: MIT
#include "cli/agent/intake.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <utility>

#include <tickertape/name.hpp>

#include "base/concat.hpp"
#include "base/quote.hpp"

namespace tickertape::cli::agent {

namespace {

using lines::LineError;
using lines::LineFault;

constexpr std::string_view other_blanks = "\t\r\v\f";
constexpr std::string_view blanks = " \t\r\v\f";
constexpr std::chrono::seconds end_of_seconds{std::int64_t{1} << 32U}; // OpenTSDB stores seconds in 32 bits
/// A timestamp further in the future is not remembered: otherwise it would make all later points of its series out of order.
constexpr std::chrono::hours plausible{1};

} // namespace

std::string_view describe_refusal(std::size_t refusal) noexcept {
    switch (refusal) {
    case out_of_order: return "out of order";
    case bad_series: return "bad series";
    case bad_time: return "time after 2106";
    case too_many_series: return "too many series";
    case foreign_host: return "another host";
    default: return describe(static_cast<LineFault>(refusal));
    }
}

IntakeCounts& IntakeCounts::operator+=(const IntakeCounts& other) noexcept {
    lines += other.lines;
    points += other.points;
    dropped += other.dropped;
    for (std::size_t why = 0; why < refused.size(); ++why) {
        refused[why] += other.refused[why];
    }
    return *this;
}

std::uint64_t IntakeCounts::all_refused() const noexcept {
    return std::accumulate(refused.begin(), refused.end(), std::uint64_t{0});
}

std::string IntakeCounts::refusals_text() const {
    std::string text;
    for (std::size_t why = 0; why < refused.size(); ++why) {
        if (refused[why] > 0) {
            text.append(base::concat(text.empty() ? "" : ", ", refused[why], " ", describe_refusal(why)));
        }
    }
    return text;
}

bool Intake::take(std::string_view line, WallTime now, std::vector<Point>& points) {
    if (line.find_first_not_of(blanks) == std::string_view::npos) {
        return false;
    }
    ++counts_.lines;
    lines::PutLine fields;
    LineError error = intake_options_->max_line > 0 && line.size() > intake_options_->max_line
                          ? LineError{LineFault::too_long, {}}
                          : read_put_line(line, fields);
    if (error.fault != LineFault::none && line.find_first_of(other_blanks) != std::string_view::npos) {
        squeezed_.assign(line); // tcollector treats these characters as blanks
        std::replace_if(
            squeezed_.begin(), squeezed_.end(), [](char c) { return other_blanks.find(c) != std::string_view::npos; },
            ' ');
        error = read_put_line(squeezed_, fields);
    }
    if (error.fault == LineFault::no_tags && !intake_options_->puts_need_tags) {
        error = {}; // the fields are complete
    }
    if (error.fault != LineFault::none) {
        refuse(static_cast<std::size_t>(error.fault), line, to_string(error));
        return true;
    }
    const WallTime time = fields.time();
    if (time >= WallTime{end_of_seconds}) {
        refuse(bad_time, line, "timestamp after 2106");
        return true;
    }
    Known& known =
        memory_.of(fields, fields.precision() == Series::Precision::seconds ? "s" : "m", [&] { return know(fields); });
    if (!known.series) {
        if (known.why == 0) {
            ++counts_.dropped;
        } else {
            refuse(known.why, line, known.text);
        }
        return true;
    }
    if (intake_options_->checks_order && time <= known.last) {
        refuse(out_of_order, line, "timestamp not after the last one of its series");
        return true;
    }
    if (time <= now + plausible) {
        known.last = time;
    }
    ++counts_.points;
    points.emplace_back(*known.series, time, fields.number());
    return true;
}

void Intake::cut_off(std::string_view line) {
    if (line.find_first_not_of(blanks) != std::string_view::npos) {
        ++counts_.lines;
        refuse(static_cast<std::size_t>(LineFault::cut_off), line, "a last line without an end");
    }
}

void Intake::set_options(std::shared_ptr<const IntakeOptions> options) {
    intake_options_ = std::move(options);
    memory_.clear();
    accepted_.clear();
}

/// Returns false if the line has to be refused for its host tag. Replaces the tag if the options say so.
bool Intake::takes_host_of(Tags& tags) const {
    const std::string* const host = tags.find("host");
    const std::string* const own = intake_options_->tags.find("host");
    if (intake_options_->foreign_host == ForeignHost::keep || host == nullptr || (own != nullptr && *own == *host)) {
        return true;
    }
    if (intake_options_->foreign_host == ForeignHost::replace && own != nullptr) {
        tags.set("host", *own);
        return true;
    }
    return false;
}

Intake::Known Intake::know(const lines::PutLine& line) {
    try {
        std::string metric = base::concat(intake_options_->prefix, line.metric);
        Tags own = lines::tags_of(line);
        if (!takes_host_of(own)) {
            return {.why = foreign_host, .text = "the host tag of another host"};
        }
        Tags tags = intake_options_->tags.merged_with(own);
        if (!intake_options_->rules.apply(metric, tags)) {
            return {};
        }
        const bool is_seconds = line.precision() == Series::Precision::seconds;
        Series series{Name{metric},
                      tags,
                      {.step = is_seconds ? std::chrono::milliseconds{0} : std::chrono::milliseconds{1},
                       .reserve_host_tag = false}};
        if (tags.empty()) {
            return {.why = static_cast<std::size_t>(LineFault::no_tags), .text = "no tags"};
        }
        if (intake_options_->max_series > 0) {
            const std::size_t hash = std::hash<std::string_view>{}(series.text());
            if (accepted_.size() >= intake_options_->max_series && !accepted_.contains(hash)) {
                return {.why = too_many_series, .text = "more series than --max-series allows"};
            }
            accepted_.insert(hash);
        }
        return {.series = std::move(series)};
    } catch (const UsageError& error) {
        return {.why = bad_series, .text = error.what()};
    }
}

void Intake::refuse(std::size_t why, std::string_view line, std::string text) {
    ++counts_.refused[why];
    if (on_refusal_) {
        on_refusal_({.why = why, .text = std::move(text)}, line);
    }
}

} // namespace tickertape::cli::agent
