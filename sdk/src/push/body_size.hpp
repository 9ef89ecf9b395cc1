// SPDX-License-Identifier: MIT
/// \file
/// BodySize: the size of requests.
#pragma once

#include <cstddef>

namespace tickertape::push {

/// Finds the largest body that a server accepts, in bytes as sent. It begins with 8192 bytes, OpenTSDB's default limit. If a
/// body of more than half the limit is accepted, the limit doubles, up to 1 MiB. If a body is refused for its size, the limit
/// returns to the last accepted size, or to half, and never grows that far again.
///
/// Thread safety: none.
class BodySize {
public:
    static constexpr std::size_t first = 8192;
    static constexpr std::size_t least = 256;
    static constexpr std::size_t most = std::size_t{1024} * 1024;

    /// Returns the most bytes of the next body. A single point may be larger, because it cannot be divided.
    [[nodiscard]] std::size_t limit() const noexcept { return limit_; }
    /// Returns whether a body of this size is larger than all accepted ones, and larger than the size that every server accepts.
    [[nodiscard]] bool is_probe(std::size_t bytes) const noexcept { return bytes > first && bytes > accepted_; }

    /// Returns whether the server refused such a small body that a request has room for few points only.
    [[nodiscard]] bool is_tight() const noexcept { return refused_ <= tight; }

    void accepted(std::size_t bytes) noexcept;
    /// The server refused a body as too large.
    void refused(std::size_t bytes) noexcept;
    /// The connection ended without an answer to a probe. The size may not be the reason, so it has to happen twice.
    void unanswered(std::size_t bytes) noexcept;
    /// The server hangs up again and again, whatever it gets: it may accept only smaller bodies. Accepted bodies raise the limit
    /// again.
    void hung_up() noexcept { limit_ = limit_ / 2 > least ? limit_ / 2 : least; }

private:
    static constexpr std::size_t tight = 8 * first;

    void shrink(std::size_t below) noexcept;

    std::size_t limit_ = first;
    std::size_t accepted_ = 0;       // the largest accepted size
    std::size_t refused_ = 2 * most; // the smallest refused size
    unsigned unanswered_ = 0;
};

} // namespace tickertape::push
