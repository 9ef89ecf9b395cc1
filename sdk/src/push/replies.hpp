// SPDX-License-Identifier: MIT
/// \file
/// Replies: the replies of a TSD on a telnet connection.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace tickertape::push {

/// The kind of a reply.
enum class ReplyKind : std::uint8_t {
    version,          ///< the answer to `version`: all lines before it have been read
    illegal_argument, ///< `put: illegal argument: …`: the point is bad
    invalid_value,    ///< `put: invalid value: …`
    unknown_metric,   ///< `put: unknown metric: …`: the metric is not registered, and the TSD does not create it
    unauthorized,     ///< `put: illegal argument: Unauthorized command: …`
    read_only,        ///< `unknown command: put. …`: the TSD accepts no put
    throttled,        ///< `Throttling exception`, `Please throttle writes`: try later
    storage,          ///< `put: HBase error: …` and such: the storage failed for a point that was read
    timed_out,        ///< `put: Request timed out: …`
    not_a_tsd,        ///< text that no TSD sends on a telnet port, such as an HTTP response
    other,            ///< an error in unknown words: the point is not accepted
    remark,           ///< text of a TSD that is about no point
};
inline constexpr std::size_t reply_kinds = 12;

/// Returns one or two words for tags and messages: `unknown_metric`.
[[nodiscard]] std::string_view describe(ReplyKind kind) noexcept;
/// Returns whether the reply refuses one put for good.
[[nodiscard]] bool refuses_a_point(ReplyKind kind) noexcept;
/// Returns whether puts fail now that may succeed later.
[[nodiscard]] bool is_transient(ReplyKind kind) noexcept;
/// Returns whether the receiver accepts no put at all.
[[nodiscard]] bool refuses_all(ReplyKind kind) noexcept;
/// Returns the likely sender of a text that no TSD sends, such as `an SSH server`; empty if it is unknown.
[[nodiscard]] std::string_view stranger(std::string_view text) noexcept;

/// Splits the text of a TSD into replies and recognizes their kinds. The texts are those of OpenTSDB 2.x. Answers to `version`
/// include that of InfluxDB, which has no line end, and `unknown command: version`.
///
/// Received text is not trusted: a reply is kept up to `longest` bytes, and the rest of its line is skipped. Empty lines are
/// skipped, and so is everything after a text that no TSD sends.
///
/// Thread safety: none.
class ReplyReader {
public:
    static constexpr std::size_t longest = std::size_t{16} * 1024;

    using Take = std::function<void(ReplyKind kind, std::string_view text)>;

    /// Calls `take` for each complete reply, in order. `text` is its line without its end; for `version` it is the last line.
    void feed(std::string_view bytes, const Take& take);
    /// Call it at the end of the connection. A last text without a line end counts as a reply, unless it is the beginning of a
    /// TSD's reply.
    void end(const Take& take);

private:
    void end_line(const Take& take);

    std::string begun_;
    bool version_begun_ = false; // the first of its two lines has come
    bool is_foreign_ = false;    // the peer is no TSD, so later text has no meaning
};

} // namespace tickertape::push
