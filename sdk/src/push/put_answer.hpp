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

/// As it came; nothing of it is trusted.
struct HttpAnswer {
    unsigned status = 0;
    std::string body{};
    bool is_cut = false; ///< the body was longer than the most that is read
    bool keeps_connection = false;
    std::string retry_after{};
    std::string location{};
};

/// The result for one point.
enum class PointResult : std::uint8_t {
    stored,
    refused, ///< named as bad
    unknown, ///< named as of a metric that the receiver does not know
    again,   ///< its storage failed; it may be taken later
    unsure,  ///< at least one of these points is bad, but the answer does not name it; a single one is the bad one
};

enum class AnswerKind : std::uint8_t {
    per_point,   ///< `results` has one for each point
    too_large,   ///< to be sent in smaller requests
    later,       ///< it takes nothing now
    refuses_all, ///< it takes nothing from us, or is no TSD
};

struct PutAnswer {
    AnswerKind kind = AnswerKind::per_point;
    std::vector<PointResult> results{}; ///< of each point, if `per_point`
    bool is_summary = false;            ///< it counted stored and failed points, as OpenTSDB does
    bool is_from_storage = false;       ///< it says how many of the points its storage left out
    bool is_unauthorized = false;       ///< `refuses_all`: other credentials may help
    bool is_own_error = false;          ///< `later`: an error of the receiver's, which may be about these points
    std::optional<std::chrono::seconds> retry_after{}; ///< Retry-After
    std::string why{};                                 ///< for a sentence; empty when all are stored
    std::vector<PushStatus::Reply> replies{};          ///< errors by kind

    [[nodiscard]] std::size_t count(PointResult result) const noexcept;
};

/// Reads the answer to `sent`. Points count as stored if the answer is the one for stored points: 204, or from OpenTSDB counts
/// that add up to the sent points. Any other 2xx refuses all. An error is matched with its point by the echo of the point, because errors
/// come in no fixed order. InfluxDB names no point; if it reports that some points are bad, it has stored the good ones.
/// Never throws, whatever the answer contains.
[[nodiscard]] PutAnswer read_answer(const HttpAnswer& answer, const PutPoints& sent, WallTime now,
                                    HttpDialect dialect = HttpDialect::opentsdb);

/// `Retry-After`: seconds, or a date as HTTP writes it; nothing if it is neither. A date in the past is 0.
[[nodiscard]] std::optional<std::chrono::seconds> read_retry_after(std::string_view text, WallTime now);

} // namespace tickertape::push
