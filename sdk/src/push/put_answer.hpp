// SPDX-License-Identifier: MIT
/// \file
/// PutAnswer: the results of a request's points, from the answer of /api/put or /write.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tickertape/push_status.hpp>
#include <tickertape/time.hpp>

#include "push/put_body.hpp"

namespace tickertape::push {

/// An answer as received; it is not trusted.
struct HttpAnswer {
    unsigned status = 0;
    std::string body{};
    bool is_cut = false; ///< the body was longer than the limit
    bool keeps_connection = false;
    std::string retry_after{};
    std::string location{};
};

/// The result for one point.
enum class PointResult : std::uint8_t {
    stored,
    refused, ///< the answer names it as bad
    unknown, ///< the answer names it as one of an unknown metric
    again,   ///< the storage failed; the point may be accepted later
    unsure,  ///< at least one of these points is bad, but the answer does not name it; a single point is the bad one
};

enum class AnswerKind : std::uint8_t {
    per_point,   ///< `results` has an entry for each point
    too_large,   ///< send smaller requests
    later,       ///< the receiver accepts nothing now
    refuses_all, ///< the receiver accepts nothing from us, or is no TSD
};

struct PutAnswer {
    AnswerKind kind = AnswerKind::per_point;
    std::vector<PointResult> results{}; ///< an entry for each point, if `per_point`
    bool is_summary = false;            ///< the answer counts stored and failed points, as OpenTSDB's do
    bool is_from_storage = false;       ///< the answer has the number of points that the storage left out
    bool is_unauthorized = false;       ///< `refuses_all`: other credentials may help
    bool is_own_error = false;          ///< `later`: an error within the receiver, which these points may have caused
    std::optional<std::chrono::seconds> retry_after{}; ///< the wait that the receiver asked for
    std::string why{};                                 ///< the reason, for a message; empty if all points are stored
    std::vector<PushStatus::Reply> replies{};          ///< errors by kind

    [[nodiscard]] std::size_t count(PointResult result) const noexcept;
};

/// Reads the answer to `sent`. Points count as stored after the answer for stored points: 204, or counts of OpenTSDB that add up
/// to the sent points. Any other 2xx refuses all. Errors come in no fixed order, so an error is matched with its point by the
/// echo of the point. InfluxDB names no point; if it reports that some points are bad, it has stored the good ones. Never throws,
/// whatever the answer contains.
[[nodiscard]] PutAnswer read_answer(const HttpAnswer& answer, const PutPoints& sent, WallTime now,
                                    HttpDialect dialect = HttpDialect::opentsdb);

/// Parses `Retry-After`: seconds, or a date in HTTP's form. Returns nothing for other texts, and 0 for a date in the past.
[[nodiscard]] std::optional<std::chrono::seconds> read_retry_after(std::string_view text, WallTime now);

} // namespace tickertape::push
