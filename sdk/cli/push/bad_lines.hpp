// SPDX-License-Identifier: MIT
/// \file
/// BadLines: lines that cannot be sent.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "cli/lines/line_input.hpp"
#include "cli/lines/put_line.hpp"

namespace tickertape::cli::push {

/// Returns `text` without control characters for a terminal.
[[nodiscard]] std::string printable(std::string text);

/// Counts bad lines, and names the first ones one by one.
///
/// Thread safety: none.
class BadLines {
public:
    /// Without `names_them` bad lines are only counted, because another destination names the same lines.
    explicit BadLines(bool names_them) noexcept : names_them_{names_them} {}

    void add(const lines::LineInput& input, const lines::LineError& error);
    [[nodiscard]] std::uint64_t all() const noexcept { return all_; }
    /// Returns a text such as `2 bad value, 1 no tags`.
    [[nodiscard]] std::string text() const;

private:
    bool names_them_;
    std::array<std::uint64_t, lines::line_faults> counts_{};
    std::uint64_t all_ = 0;
};

} // namespace tickertape::cli::push
