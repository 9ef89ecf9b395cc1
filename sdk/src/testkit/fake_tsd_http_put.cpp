// SPDX-License-Identifier: MIT
#include <testkit/fake_tsd_http_put.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include <testkit/fake_tsd_json.hpp>
#include <testkit/fake_tsd_put.hpp>

#include "base/concat.hpp"
#include "base/whole_number.hpp"
#include "push/put_rules.hpp"

namespace tickertape::testkit {

namespace {

namespace json = boost::json;

constexpr std::string_view json_type = "application/json; charset=UTF-8";

HttpReply json_reply(unsigned status, const json::value& body) {
    return {.status = status, .body = json::serialize(body), .type = std::string{json_type}};
}

/// Returns OpenTSDB's HTTP message for an error of the put rules.
std::string http_words(std::string wrong) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 5> translations{{
        {"illegal argument: empty metric name", "Metric name was empty"},
        {"illegal argument: invalid timestamp", "Invalid timestamp"},
        {"illegal argument: empty value", "Empty value"},
        {"illegal argument: Need at least one tag", "Missing tags"},
        {"invalid value: ", "Unable to parse value to a number"},
    }};
    for (const auto& [telnet, translation] : translations) {
        if (wrong.starts_with(telnet)) {
            return std::string{translation};
        }
    }
    constexpr std::string_view prefix = "illegal argument: ";
    return wrong.starts_with(prefix) ? wrong.substr(prefix.size()) : wrong;
}

struct Failure {
    const PutParts* point;
    std::string error;
};

/// Returns the echo of a point. Missing parts are left out, except the timestamp.
json::object echo_of(const PutParts& parts) {
    json::object point;
    if (parts.metric) {
        point["metric"] = *parts.metric;
    }
    std::string_view timestamp = parts.timestamp;
    point["timestamp"] = base::take_whole_number<std::int64_t>(timestamp).value_or(0);
    if (parts.value) {
        point["value"] = *parts.value;
    }
    if (parts.tags) {
        json::object tags;
        for (const auto& [key, value] : *parts.tags) {
            tags[key] = value;
        }
        point["tags"] = std::move(tags);
    }
    return point;
}

HttpReply summary(unsigned status, bool details, std::size_t points, const std::vector<Failure>& failures) {
    json::object body{{"success", points - failures.size()}, {"failed", failures.size()}};
    if (details) {
        json::array errors;
        for (const Failure& failure : failures) {
            errors.push_back(json::object{{"datapoint", echo_of(*failure.point)}, {"error", failure.error}});
        }
        body["errors"] = std::move(errors);
    }
    return json_reply(status, body);
}

/// Returns whether the query has the flag, with or without a value.
bool has_flag(std::string_view target, std::string_view flag) {
    const std::size_t question = target.find('?');
    std::string_view rest = question == std::string_view::npos ? std::string_view{} : target.substr(question + 1);
    while (!rest.empty()) {
        const std::size_t end = rest.find('&');
        const std::string_view parameter = rest.substr(0, end);
        if (parameter.substr(0, parameter.find('=')) == flag) {
            return true;
        }
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    }
    return false;
}

class Answer {
public:
    Answer(const HttpRequest& request, Conversation& conversation, std::vector<PutParts> points)
        : points_{std::move(points)}, conversation_{conversation}, details_{has_flag(request.target, "details")},
          summary_{details_ || has_flag(request.target, "summary")}, sync_{has_flag(request.target, "sync")} {}

    HttpReply by_fault() const {
        const HttpFault& fault = conversation_.faults->http;
        std::vector<Failure> failures;
        for (const PutParts& point : points_) {
            refuse(point);
            failures.push_back({&point, "Storage exception: the region server is gone"});
        }
        HttpReply answer = fault.status == 200   ? summary(200, details_, points_.size(), failures)
                           : fault.status == 204 ? HttpReply{}
                                                 : error_reply(fault.status, "");
        if (fault.retry_after) {
            answer.headers.append("Retry-After: ").append(std::to_string(fault.retry_after->count())).append("\r\n");
        }
        return answer;
    }

    HttpReply of_opentsdb() const {
        if (points_.empty()) {
            return error_reply(400, "No datapoints found in content");
        }
        for (const PutParts& point : points_) {
            const Refusal refusal = refusal_of(*conversation_.faults, point.metric.value_or(""));
            if (refusal == Refusal::unauthorized || refusal == Refusal::read_only) {
                refuse_all();
                return refusal == Refusal::unauthorized ? error_reply(401, "Unauthorized command: put")
                                                        : other_path(Personality::opentsdb, "/api/put");
            }
        }
        push::PutRules rules;
        std::vector<Failure> failures;
        bool all_later = true; // only the storage refuses all these points
        for (const PutParts& point : points_) {
            const Refusal refusal = refusal_of(*conversation_.faults, point.metric.value_or(""));
            std::string wrong = rules.check(point.metric.value_or(""), point.timestamp, point.value.value_or(""),
                                            point.tags.value_or(push::PutTags{}));
            if (!wrong.empty()) {
                wrong = http_words(std::move(wrong));
            } else if (refusal == Refusal::unknown_metric) {
                wrong = "Unknown metric";
            } else if (refusal != Refusal::nothing) {
                refuse(point);
                if (sync_) {
                    failures.push_back(
                        {&point, refusal == Refusal::throttle ? "Please throttle" : "Storage exception: HBase error"});
                }
                continue;
            }
            if (wrong.empty()) {
                std::string buffer;
                conversation_.take_line(rules.as_stored(point.line(), buffer), true);
            } else {
                refuse(point);
                failures.push_back({&point, std::move(wrong)});
                all_later = false;
            }
        }
        if (summary_) {
            return summary(all_later ? 200 : 400, details_, points_.size(), failures);
        }
        if (failures.empty()) {
            return {.type = std::string{json_type}};
        }
        return error_reply(400, "One or more data points had errors",
                           "Please see the TSD logs or append \"details\" to the put request");
    }

    HttpReply of_victoria_metrics() const {
        for (const PutParts& point : points_) {
            // VictoriaMetrics accepts milliseconds by HTTP, but not in lines.
            PutParts seconds = point;
            seconds.timestamp.resize(std::min<std::size_t>(seconds.timestamp.size(), 10));
            const bool stored = point.metric && !point.metric->empty() && victoria_metrics_stores(seconds.line()) &&
                                refusal_of(*conversation_.faults, point.metric.value_or("")) == Refusal::nothing;
            conversation_.take_line(point.line(), stored, !stored);
        }
        return {};
    }

    HttpReply of_influxdb() const {
        for (const PutParts& point : points_) {
            if (!point.typed || refusal_of(*conversation_.faults, point.metric.value_or("")) != Refusal::nothing) {
                refuse_all();
                return {.status = 400, .body = "json array decode error\n"};
            }
        }
        return store_all();
    }

    HttpReply store_all() const {
        for (const PutParts& point : points_) {
            conversation_.take_line(point.line(), true);
        }
        return {};
    }

private:
    void refuse(const PutParts& point) const { conversation_.take_line(point.line(), false, true); }
    void refuse_all() const {
        for (const PutParts& point : points_) {
            refuse(point);
        }
    }

    std::vector<PutParts> points_;
    Conversation& conversation_;
    bool details_;
    bool summary_;
    bool sync_;
};

HttpReply unreadable_json(Personality personality, const std::string& body) {
    switch (personality) {
    case Personality::opentsdb:
        return error_reply(400, body.empty()                       ? "Missing request content"
                                : body[0] != '{' && body[0] != '[' ? "The JSON must start as an object or an array"
                                                                   : "Unable to parse the given JSON");
    case Personality::victoria_metrics:
        return {.status = 400, .body = "cannot parse HTTP OpenTSDB json: cannot parse JSON\n"};
    case Personality::influxdb:
        return {.status = 400,
                .body = body.empty()                       ? "peek error: EOF\n"
                        : body[0] != '{' && body[0] != '[' ? "expected JSON array or hash\n"
                                                           : "json array decode error\n"};
    case Personality::silent: break;
    }
    return {};
}

} // namespace

HttpReply error_reply(unsigned status, std::string_view message, std::string_view details) {
    constexpr std::array<std::pair<unsigned, std::string_view>, 8> messages{{
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Endpoint not found"},
        {405, "Method not allowed"},
        {413, "Request Entity Too Large"},
        {429, "Too Many Requests"},
        {503, "Service Unavailable"},
    }};
    for (const auto& [code, usual] : messages) {
        message = message.empty() && code == status ? usual : message;
    }
    json::object error{{"code", status}, {"message", message.empty() ? "Internal Server Error" : message}};
    if (!details.empty()) {
        error["details"] = details;
    }
    return json_reply(status, json::object{{"error", std::move(error)}});
}

HttpReply html_reply(unsigned status, std::string_view title, std::string_view head, std::string_view text) {
    std::string body =
        "<!DOCTYPE html><html><head><meta http-equiv=content-type content=\"text/html;charset=utf-8\"><title>";
    body.append(title).append("</title></head><body><table><tr><td><b>").append(head).append("</b></td></tr></table>");
    body.append("<blockquote><h1>").append(title).append("</h1>").append(text).append("</blockquote></body></html>");
    return {.status = status, .body = std::move(body), .type = "text/html; charset=UTF-8"};
}

HttpReply other_path(Personality personality, std::string_view path) {
    switch (personality) {
    case Personality::opentsdb:
        if (path == "/api/version" || path == "/api/v1/version") {
            return json_reply(200, {{"short_revision", "eb125a342"},
                                    {"repo", "/fake-tsd"},
                                    {"host", "localhost"},
                                    {"version", "BuildData"},
                                    {"full_revision", "eb125a342040376450dd155fe600ff7d4b9c0eec"},
                                    {"repo_status", "MODIFIED"},
                                    {"user", "tickertape"},
                                    {"branch", "master"},
                                    {"timestamp", "1630622094"}});
        }
        return path.starts_with("/api")
                   ? error_reply(404, "Endpoint not found")
                   : html_reply(404, "Page Not Found", "Error 404", "The requested URL was not found on this server.");
    case Personality::victoria_metrics: {
        std::string body = "unexpected path requested on HTTP OpenTSDB server: \"";
        return {.status = 400, .body = body.append(path).append("\"\n")};
    }
    case Personality::influxdb: return {.status = 404, .body = "404 page not found\n"};
    case Personality::silent: break;
    }
    return {};
}

HttpReply not_a_post(Personality personality, std::string_view method) {
    switch (personality) {
    case Personality::opentsdb:
        return error_reply(405, "Method not allowed",
                           base::concat("The HTTP method [", method, "] is not permitted for this endpoint"));
    case Personality::victoria_metrics: return unreadable_json(personality, {});
    case Personality::influxdb: return {.status = 405, .body = "Method Not Allowed\n"};
    case Personality::silent: break;
    }
    return {};
}

HttpReply unreadable_gzip(Personality personality) {
    switch (personality) {
    case Personality::opentsdb: return {.closes = true, .unsaid = true};
    case Personality::victoria_metrics:
        return {.status = 400, .body = "cannot read gzipped http protocol data: unexpected EOF\n"};
    case Personality::influxdb: return {.status = 400, .body = "could not read gzip, unexpected EOF\n"};
    case Personality::silent: break;
    }
    return {};
}

HttpReply answer_put(Personality personality, const HttpRequest& request, Conversation& conversation) {
    // OpenTSDB's reader accepts more than JSON.
    boost::system::error_code error;
    if (personality != Personality::opentsdb) {
        json::parse(request.body, error);
    }
    const bool begins_well = request.body.find_first_of("{[") == request.body.find_first_not_of(" \t\r\n");
    std::optional<std::vector<PutParts>> found = error || !begins_well ? std::nullopt : read_put_parts(request.body);
    const bool readable = found.has_value();
    std::vector<PutParts> points = std::move(found).value_or(std::vector<PutParts>{});
    const Answer answer{request, conversation, std::move(points)};
    if (conversation.common.faults.take_request(*conversation.faults)) {
        return answer.by_fault();
    }
    if (!readable) {
        ++conversation.batch.counts.refused;
        return unreadable_json(personality, request.body);
    }
    switch (personality) {
    case Personality::opentsdb: return answer.of_opentsdb();
    case Personality::victoria_metrics: return answer.of_victoria_metrics();
    case Personality::influxdb: return answer.of_influxdb();
    case Personality::silent: break;
    }
    return answer.store_all();
}

} // namespace tickertape::testkit
