// SPDX-License-Identifier: MIT
/// \file
/// IndexedLines: splits a text into lines, and takes runs of canonical lines at once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "cli/lines/name_mask.hpp"
#include "cli/lines/put_line.hpp"

namespace tickertape::cli::lines {

/// Takes lines off the front of a text. It finds the bytes that no name may hold, 64 at a time, and checks lines by the places of
/// these bytes. It recognizes only canonical lines of the usual form, with `put`; read_put_line would read them in the same way.
/// All other lines are left to read_put_line.
///
/// Thread safety: none.
class IndexedLines {
public:
    /// Canonical lines, each with its newline.
    struct Run {
        std::string_view text{};
        std::uint32_t lines = 0;
    };

    /// `text` is empty, or ends with a newline. It is borrowed.
    explicit IndexedLines(std::string_view text) noexcept
        : rest_{text} {} // NOLINT(*-member-init): places_ is filled in blocks
    IndexedLines(const IndexedLines&) = delete;
    IndexedLines& operator=(const IndexedLines&) = delete;
    ~IndexedLines() = default;

    [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }

    /// Takes canonical lines, at most this number of bytes and lines, up to the first line that may not be canonical. All their
    /// times are before 2097, so every server can store them.
    [[nodiscard]] Run take_run(std::size_t most_bytes, std::uint32_t most_lines) noexcept;
    /// Takes the first line and fills `out` as read_put_line does, if the line is canonical; otherwise returns nothing.
    [[nodiscard]] std::optional<std::string_view> take_canonical(PutLine& out) noexcept;
    /// Takes any first line. Call it only while `empty()` is false. Returns the line without its newline.
    [[nodiscard]] std::string_view take_line() noexcept;

private:
    using Place = std::uint16_t;
    static constexpr std::size_t block_size = 4096; // block and index fit in the L1 cache
    static constexpr std::size_t group = 8;         // places are written in groups of this size

    struct Fields;
    [[nodiscard]] bool has_index() noexcept { return next_ != end_ || (!rest_.empty() && make_index()); }
    [[nodiscard]] bool make_index() noexcept;
    [[nodiscard]] const Place* check(Fields& fields) const noexcept;
    void pass(const Place* newline) noexcept;

    std::string_view rest_;       // not taken yet
    const char* block_ = nullptr; // the indexed text
    const Place* next_ = nullptr; // the first place in `rest_`
    const Place* end_ = nullptr;  // after the last newline of the block
    std::array<Place, block_size + group> places_;
};

} // namespace tickertape::cli::lines
