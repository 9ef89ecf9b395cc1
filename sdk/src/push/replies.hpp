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
    illegal_argument, ///< `put: illegal argument: …`: that point is bad
    invalid_value,    ///< `put: invalid value: …`
    unknown_metric,   ///< `put: unknown metric: …`: the metric is not registered and the TSD makes none by itself
    unauthorized,     ///< `put: illegal argument: Unauthorized command: …`
    read_only,        ///< `unknown command: put. …`: no put is taken at all
    throttled,        ///< `Throttling exception`, `Please throttle writes`: come later
    storage,          ///< `put: HBase error: …` and such: the storage failed for a point that was read
    timed_out,        ///< `put: Request timed out: …`
    not_a_tsd,        ///< text that no TSD sends on a telnet port, such as an HTTP response
    other,            ///< an error in words that are not known here: that point is not taken
    remark,           ///< of a TSD, and about no point
};
inline constexpr std::size_t reply_kinds = 12;

/// One or two words, for tags and reports: `unknown_metric`.
[[nodiscard]] std::string_view describe(ReplyKind kind) noexcept;
/// Whether one put was refused for good.
[[nodiscard]] bool refuses_a_point(ReplyKind kind) noexcept;
/// Whether puts fail now that may succeed later.
[[nodiscard]] bool is_transient(ReplyKind kind) noexcept;
/// Whether the receiver takes no put at all.
[[nodiscard]] bool refuses_all(ReplyKind kind) noexcept;
/// The likely sender of a text that no TSD sends: `an SSH server`, or nothing if it is not known.
[[nodiscard]] std::string_view stranger(std::string_view text) noexcept;

/// Cuts the text of a TSD into replies and recognizes their kinds. The texts are those of OpenTSDB 2.x. Answers to `version`
/// include that of InfluxDB, which has no line end, and `unknown command: version`.
///
/// Received text is not trusted: a reply is kept up to `longest` bytes, and the rest of its line is skipped. Empty lines are
/// skipped, too, and so is everything behind a text that no TSD sends.
///
/// Thread safety: none.
class ReplyReader {
public:
    static constexpr std::size_t longest = std::size_t{16} * 1024;

    using Take = std::function<void(ReplyKind kind, std::string_view text)>;

    /// `take` is called for each reply that is complete, in order; `text` is its line without its end, for `version` the
    /// last one.
    void feed(std::string_view bytes, const Take& take);
    /// Call it at the end of the connection. A last text without a line end counts as a reply if no TSD's reply begins like it.
    void end(const Take& take);

private:
    void end_line(const Take& take);

    std::string begun_;
    bool version_begun_ = false; // the first of the two lines has come
    bool is_foreign_ = false;    // the peer is no TSD, so later text has no meaning
};

} // namespace tickertape::push
