// SPDX-License-Identifier: MIT
// Promises for answers to requests with points, with any text: the answer is parsed, each judged point has a result, messages are
// printable, and no wait is below 0.
//
// An input is a line `STATUS DIALECT CUT`, a line of Retry-After, and the body: `400 o -`; `i` is InfluxDB, `c` cut short.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "push/put_answer.hpp"
#include "require.hpp"

using namespace tickertape;
using namespace tickertape::push;
using fuzz::require;

namespace {

std::string_view take_line(std::string_view& text) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    return line;
}

PutPoints points() {
    PutPoints points;
    points.add(R"({"metric":"m1","timestamp":1700000000,"value":1,"tags":{"cpu":"0","host":"a"}})");
    points.add(R"({"metric":"m2","timestamp":1700000000,"value":2.5,"tags":{"host":"a"}})");
    points.add(R"({"metric":"m1","timestamp":1700000001,"value":1,"tags":{"cpu":"0","host":"a"}})");
    return points;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const PutPoints sent = points();
    constexpr WallTime now{std::chrono::seconds{784'111'777}};        // Sun, 06 Nov 1994 08:49:37 GMT
    std::string_view text{reinterpret_cast<const char*>(data), size}; // NOLINT(*-reinterpret-cast)
    const std::string_view first = take_line(text);
    HttpAnswer answer;
    std::from_chars(first.data(), first.data() + first.size(), answer.status);
    answer.is_cut = first.ends_with('c');
    const auto dialect = first.find('i') != std::string_view::npos ? HttpDialect::influx : HttpDialect::opentsdb;
    answer.retry_after = take_line(text);
    answer.location = answer.retry_after;
    answer.body = text;

    const PutAnswer result = read_answer(answer, sent, now, dialect);
    require(result.kind != AnswerKind::per_point || result.results.size() == sent.size());
    require(!result.retry_after || result.retry_after->count() >= 0);
    const auto retry_after = read_retry_after(answer.retry_after, now);
    require(!retry_after || retry_after->count() >= 0);
    require(fuzz::is_printable(result.why));
    const bool all_stored = result.count(PointResult::stored) == sent.size();
    require(result.why.empty() == result.replies.empty() || all_stored || result.kind != AnswerKind::per_point);
    for (const PushStatus::Reply& reply : result.replies) {
        require(reply.count > 0 && fuzz::is_printable(reply.kind) && fuzz::is_printable(reply.sample));
    }
    return 0;
}
