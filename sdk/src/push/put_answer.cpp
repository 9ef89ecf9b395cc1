// SPDX-License-Identifier: MIT
#include "push/put_answer.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/concat.hpp"
#include "base/quote.hpp"
#include "base/whole_number.hpp"
#include "push/replies.hpp"

namespace tickertape::push {

namespace json = boost::json;

namespace {

std::string_view view(const json::string& text) noexcept { return {text.data(), text.size()}; }

/// Identifies a point without its value. The members are in the order of our JSON objects.
struct PointKey {
    std::string key{};
    std::string value{};
};

PointKey key_of(std::string_view object) {
    constexpr std::string_view before_value = R"(,"value":)";
    constexpr std::string_view before_tags = R"(,"tags":)";
    const std::size_t value = object.find(before_value);
    const std::size_t tags = object.find(before_tags, value);
    const std::size_t value_begin = value + before_value.size();
    PointKey key{.key = std::string{object.substr(0, value)},
                 .value = std::string{object.substr(value_begin, tags - value_begin)}};
    key.key.append(object.substr(tags));
    return key;
}

/// Accepts numbers as text, and text as numbers.
std::string text_of(const json::value* value) {
    if (value == nullptr) {
        return {};
    }
    return value->is_string() ? std::string{view(value->get_string())} : json::serialize(*value);
}

/// Returns the key of an echoed point. If a part is missing, the key matches no point.
PointKey key_of(const json::object& echo) {
    std::vector<std::pair<std::string, std::string>> tags;
    if (const json::value* all = echo.if_contains("tags"); all != nullptr && all->is_object()) {
        for (const auto& [name, value] : all->get_object()) {
            tags.emplace_back(std::string{name.data(), name.size()}, text_of(&value));
        }
    }
    std::sort(tags.begin(), tags.end());
    PointKey key{.value = text_of(echo.if_contains("value"))};
    key.key.append(R"({"metric":")").append(text_of(echo.if_contains("metric")));
    key.key.append(R"(","timestamp":)").append(text_of(echo.if_contains("timestamp"))).append(R"(,"tags":{)");
    for (const auto& [name, value] : tags) {
        key.key.append(key.key.back() == '{' ? R"(")" : R"(,")")
            .append(name)
            .append(R"(":")")
            .append(value)
            .append(R"(")");
    }
    key.key.append("}}");
    return key;
}

/// Finds the points of errors. It finds each point once.
class Finder {
public:
    explicit Finder(const PutPoints& sent) {
        for (std::size_t i = 0; i < sent.size(); ++i) {
            PointKey key = key_of(sent.object(i));
            points_[std::move(key.key)].push_back({i, std::move(key.value)});
        }
    }

    [[nodiscard]] std::optional<std::size_t> find(const json::object& echo) {
        const PointKey key = key_of(echo);
        const auto found = points_.find(key.key);
        if (found == points_.end() || found->second.empty()) {
            return std::nullopt;
        }
        std::vector<Candidate>& candidates = found->second;
        auto chosen = std::find_if(candidates.begin(), candidates.end(),
                                   [&](const Candidate& candidate) { return candidate.value == key.value; });
        if (chosen == candidates.end()) {
            chosen = candidates.begin();
        }
        const std::size_t index = chosen->index;
        candidates.erase(chosen);
        return index;
    }

private:
    struct Candidate {
        std::size_t index;
        std::string value;
    };
    std::unordered_map<std::string, std::vector<Candidate>> points_;
};

constexpr std::array<std::pair<std::string_view, ReplyKind>, 9> messages{{
    {"Unknown metric", ReplyKind::unknown_metric},
    {"No such name for 'metrics'", ReplyKind::unknown_metric},
    {"Please throttle", ReplyKind::throttled},
    {"Throttling exception", ReplyKind::throttled},
    {"Storage exception", ReplyKind::storage},
    {"Unexpected exception", ReplyKind::storage},
    {"Timeout exception", ReplyKind::timed_out},
    {"Write timedout", ReplyKind::timed_out},
    {"Unable to parse value", ReplyKind::invalid_value},
}};

ReplyKind kind_of(std::string_view message) noexcept {
    const auto* const found = std::find_if(messages.begin(), messages.end(),
                                           [&](const auto& known) { return message.starts_with(known.first); });
    return found == messages.end() ? ReplyKind::illegal_argument : found->second;
}

bool contains(std::string_view text, std::string_view part) noexcept {
    return text.find(part) != std::string_view::npos;
}

/// Recognizes the words of OpenTSDB, VictoriaMetrics and proxies.
bool complains_of_size(std::string_view body) noexcept {
    return contains(body, "Chunked request not supported") || contains(body, "TooLong") || contains(body, "too big ") ||
           contains(body, "too large") || contains(body, "Too Large");
}

void note(std::vector<PushStatus::Reply>& replies, std::string kind, std::string_view sample) {
    const auto known = std::find_if(replies.begin(), replies.end(),
                                    [&](const PushStatus::Reply& reply) { return reply.kind == kind; });
    if (known != replies.end()) {
        ++known->count;
    } else {
        replies.push_back({std::move(kind), 1, base::quote(sample)});
    }
}

/// Returns `503: 'its text'`.
std::string say(const HttpAnswer& answer) {
    std::string text = std::to_string(answer.status);
    return answer.body.empty() ? text : text.append(": ").append(base::quote(answer.body));
}

/// Returns a count if it is at most `most`.
std::optional<std::uint64_t> count_of(const json::value* value, std::size_t most) noexcept {
    if (value == nullptr || !value->is_int64() || value->get_int64() < 0 ||
        static_cast<std::uint64_t>(value->get_int64()) > most) {
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(value->get_int64());
}

/// Returns whether `success` and `failed` are the points that were sent.
bool read_summary(const json::object& body, const PutPoints& sent, PutAnswer& result) {
    result.is_summary = true;
    const std::uint64_t failed = count_of(body.if_contains("failed"), sent.size()).value_or(0);
    const std::optional<std::uint64_t> success = count_of(body.if_contains("success"), sent.size());
    const bool adds_up = success && *success + failed == sent.size();
    const json::value* const list = body.if_contains("errors");
    const json::array* const errors = list == nullptr ? nullptr : list->if_array();
    std::uint64_t named = 0;
    bool is_sound = true;
    if (errors != nullptr && !errors->empty()) {
        Finder finder{sent};
        for (const json::value& each : *errors) {
            const json::object* const error = each.if_object();
            const json::value* const echo = error == nullptr ? nullptr : error->if_contains("datapoint");
            const std::optional<std::size_t> index =
                echo == nullptr || !echo->is_object() ? std::nullopt : finder.find(echo->get_object());
            const std::string message = error == nullptr ? std::string{} : text_of(error->if_contains("error"));
            const ReplyKind kind = kind_of(message);
            note(result.replies, std::string{describe(kind)}, message);
            if (index) {
                ++named;
                result.results[*index] = is_transient(kind)                  ? PointResult::again
                                         : kind == ReplyKind::unknown_metric ? PointResult::unknown
                                                                             : PointResult::refused;
            }
            // A time-out names the wrong points if other points failed before.
            is_sound = is_sound && index && kind != ReplyKind::timed_out;
        }
    }
    if (failed != named || !is_sound || !adds_up) {
        std::replace(result.results.begin(), result.results.end(), PointResult::stored, PointResult::unsure);
    }
    if (!result.replies.empty()) {
        result.why.append("it says of ")
            .append(std::to_string(failed))
            .append(" of ")
            .append(std::to_string(sent.size()));
        result.why.append(" points ").append(result.replies.front().sample);
    }
    return adds_up;
}

constexpr unsigned no_content = 204;

/// Reads a 2xx or 4xx about the points. Returns false if the answer is not that of a TSD: after storing points a TSD answers 204, or
/// counts all sent points.
bool read_body(const HttpAnswer& answer, const PutPoints& sent, PutAnswer& result) {
    const bool is_good = answer.status < 300;
    result.results.assign(sent.size(), is_good ? PointResult::stored : PointResult::unsure);
    if (answer.body.empty() && !answer.is_cut) {
        return !is_good || answer.status == no_content;
    }
    boost::system::error_code error;
    const json::value body = answer.is_cut ? json::value{} : json::parse(answer.body, error);
    const json::object* const object = error ? nullptr : body.if_object();
    if (object != nullptr && object->contains("failed")) {
        result.results.assign(sent.size(), PointResult::stored);
        if (!read_summary(*object, sent, result) && is_good) {
            return false;
        }
        if (!is_good && result.count(PointResult::stored) == sent.size()) { // the answer contradicts itself
            result.results.assign(sent.size(), PointResult::unsure);
        }
        return true;
    }
    if (answer.is_cut) {
        result.results.assign(sent.size(), PointResult::unsure); // fewer points in a request give a shorter answer
        if (is_good) {
            result.why.append("its answer is longer than what is read of one");
            note(result.replies, base::concat("http_", answer.status), result.why);
        }
        return true;
    }
    return !is_good;
}

/// Returns how many points InfluxDB left out, as in `partial write: … dropped=3`.
std::optional<std::size_t> dropped_of(std::string_view body) noexcept {
    constexpr std::string_view dropped = "dropped=";
    const std::size_t at = body.find(dropped, body.find("partial write: "));
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    body.remove_prefix(at + dropped.size());
    return base::take_whole_number<std::size_t>(body);
}

/// The same for InfluxDB, which answers 204 if it stored all points.
bool read_influx(const HttpAnswer& answer, const PutPoints& sent, PutAnswer& result) {
    const bool is_good = answer.status < 300;
    result.results.assign(sent.size(), is_good ? PointResult::stored : PointResult::unsure);
    if (const std::optional<std::size_t> dropped = dropped_of(answer.body); dropped && !is_good) {
        result.is_from_storage = true;
        if (*dropped == sent.size()) {
            result.results.assign(sent.size(), PointResult::refused);
        }
    }
    return !is_good || answer.status == no_content;
}

bool read_body(const HttpAnswer& answer, const PutPoints& sent, HttpDialect dialect, PutAnswer& result) {
    return dialect == HttpDialect::influx ? read_influx(answer, sent, result) : read_body(answer, sent, result);
}

PutAnswer read(const HttpAnswer& answer, const PutPoints& sent, WallTime now, HttpDialect dialect) {
    PutAnswer result;
    const unsigned status = answer.status;
    if (status >= 200 && status < 300) {
        if (!read_body(answer, sent, dialect, result)) {
            result.kind = AnswerKind::refuses_all;
            result.why.append("it answers, but not as ")
                .append(dialect == HttpDialect::influx ? "InfluxDB" : "a TSD")
                .append(" does that has stored points, with ")
                .append(say(answer))
                .append("; the points are kept");
        }
        return result;
    }
    note(result.replies, base::concat("http_", status), answer.body);
    result.why.append("it answers ").append(say(answer));
    if (status == 101) {
        result.kind = AnswerKind::refuses_all;
        result.why.append(", which nobody asked for; the points are kept");
    } else if (status >= 300 && status < 400) {
        result.kind = AnswerKind::refuses_all;
        result.why.append("; it redirects to ").append(base::quote(answer.location)).append(", which is not followed");
    } else if (status == 401 || status == 403 || status == 404 || status == 405 || status == 407 || status == 415) {
        result.kind = AnswerKind::refuses_all;
        result.is_unauthorized = status == 401 || status == 403;
        result.why.append("; the points are kept");
    } else if (status == 413 || (status == 400 && complains_of_size(answer.body))) {
        result.kind = AnswerKind::too_large;
    } else if (status == 408 || status == 429 || status < 200 || status >= 500) {
        result.kind = AnswerKind::later;
        result.retry_after = read_retry_after(answer.retry_after, now);
        result.is_own_error = status >= 500 && status != 503 && !result.retry_after;
    } else {
        std::string why = std::exchange(result.why, {});
        const std::vector<PushStatus::Reply> by_status = std::exchange(result.replies, {});
        read_body(answer, sent, dialect, result);
        if (result.replies.empty()) {
            result.why = std::move(why);
            result.replies = by_status;
        }
    }
    return result;
}

/// Parses `Sun, 06 Nov 1994 08:49:37 GMT`.
std::optional<WallTime> read_http_date(std::string_view text) noexcept {
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    constexpr std::size_t length = 29;
    if (text.size() != length || text.substr(3, 2) != ", " || text.substr(25) != " GMT") {
        return std::nullopt;
    }
    const auto day = base::whole_number<unsigned>(text.substr(5, 2));
    const std::size_t month = months.find(text.substr(8, 3));
    const auto year = base::whole_number<unsigned>(text.substr(12, 4));
    const auto hour = base::whole_number<unsigned>(text.substr(17, 2));
    const auto minute = base::whole_number<unsigned>(text.substr(20, 2));
    const auto second = base::whole_number<unsigned>(text.substr(23, 2));
    if (!day || month == std::string_view::npos || month % 3 != 0 || !year || !hour || !minute || !second) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*year)},
                                           std::chrono::month{static_cast<unsigned>(month / 3 + 1)},
                                           std::chrono::day{*day}};
    // A WallTime would overflow beyond these years.
    if (!date.ok() || *year < 1970 || *year > 2200 || *hour > 23 || *minute > 59 || *second > 60) {
        return std::nullopt;
    }
    return WallTime{std::chrono::sys_days{date}} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
           std::chrono::seconds{*second};
}

} // namespace

std::size_t PutAnswer::count(PointResult result) const noexcept {
    return static_cast<std::size_t>(std::count(results.begin(), results.end(), result));
}

PutAnswer read_answer(const HttpAnswer& answer, const PutPoints& sent, WallTime now, HttpDialect dialect) {
    try {
        return read(answer, sent, now, dialect);
    } catch (const std::exception& error) { // any exception of Boost.JSON
        PutAnswer result{.kind = AnswerKind::later};
        result.why.append("its answer cannot be read: ").append(error.what());
        return result;
    }
}

std::optional<std::chrono::seconds> read_retry_after(std::string_view text, WallTime now) {
    if (text.empty()) {
        return std::nullopt;
    }
    if (std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
        constexpr std::uint32_t a_year = 365 * 86'400;
        return std::chrono::seconds{std::min(base::whole_number<std::uint32_t>(text).value_or(a_year), a_year)};
    }
    const std::optional<WallTime> date = read_http_date(text);
    if (!date) {
        return std::nullopt;
    }
    return std::max(std::chrono::seconds{0}, std::chrono::ceil<std::chrono::seconds>(*date - now));
}

} // namespace tickertape::push
