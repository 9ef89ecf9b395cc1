// SPDX-License-Identifier: MIT
/// \file
/// BodySize: how large a request may be.
#pragma once

#include <cstddef>

namespace tickertape::push {

/// Finds out how large a body, as it is sent, a server takes. OpenTSDB takes 8192 bytes unless it is told otherwise, so that
/// is where it begins. A body that fills the limit by more than half and is accepted doubles it, up to 1 MiB; one that is
/// refused for its size brings it back to what was accepted before, or to half, and so far it never goes again.
///
/// Thread safety: none.
class BodySize {
public:
    static constexpr std::size_t first = 8192;
    static constexpr std::size_t least = 256;
    static constexpr std::size_t most = std::size_t{1024} * 1024;

    /// The most bytes of the next body. A single point may be more, as it cannot be divided.
    [[nodiscard]] std::size_t limit() const noexcept { return limit_; }
    /// Whether a body of so many bytes is larger than any that has been accepted, and than what any server takes.
    [[nodiscard]] bool is_probe(std::size_t bytes) const noexcept { return bytes > first && bytes > accepted_; }

    void accepted(std::size_t bytes) noexcept;
    /// The server said that it is too large.
    void refused(std::size_t bytes) noexcept;
    /// The connection ended without an answer to a probe. That may have had other reasons, so it has to happen twice.
    void unanswered(std::size_t bytes) noexcept;
    /// The server hangs up again and again, on whatever it is sent: perhaps it takes less at once. What is accepted later
    /// brings the limit back.
    void hung_up() noexcept { limit_ = limit_ / 2 > least ? limit_ / 2 : least; }

private:
    void shrink(std::size_t below) noexcept;

    std::size_t limit_ = first;
    std::size_t accepted_ = 0;       // the largest
    std::size_t refused_ = 2 * most; // the smallest
    unsigned unanswered_ = 0;
};

} // namespace tickertape::push
