// SPDX-License-Identifier: MIT
/// \file
/// IndexedLines: the lines of a text, whole runs of canonical ones at once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "cli/lines/name_mask.hpp"
#include "cli/lines/put_line.hpp"

namespace tickertape::cli::lines {

/// Takes lines off the front of a text. It looks for the bytes that no name may hold, 64 at a time, and checks lines by the places of these.
/// So it accepts only lines of the usual form, with `put`; about each of them read_put_line says the same. Whatever is unusual is left to
/// read_put_line.
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

    /// Takes canonical lines off the front, until one is not surely so, or the run is about to have more than so many bytes or lines. No
    /// line of it is of a time from 2096 on, which some server cannot store.
    [[nodiscard]] Run take_run(std::size_t most_bytes, std::uint32_t most_lines) noexcept;
    /// Takes the first line off and fills `out` as read_put_line does, if it is such a line; else returns nothing.
    [[nodiscard]] std::optional<std::string_view> take_canonical(PutLine& out) noexcept;
    /// Takes the first line off, whatever it is. `empty()` is false. Without its newline.
    [[nodiscard]] std::string_view take_line() noexcept;

private:
    using Place = std::uint16_t;
    static constexpr std::size_t block_size = 4096; // so that block and index stay in the nearest cache
    static constexpr std::size_t group = 8;         // places are written so many at a time

    struct Fields;
    [[nodiscard]] bool has_index() noexcept { return next_ != end_ || (!rest_.empty() && make_index()); }
    [[nodiscard]] bool make_index() noexcept;
    [[nodiscard]] const Place* check(Fields& fields) const noexcept;
    void pass(const Place* newline) noexcept;

    std::string_view rest_;       // not taken yet
    const char* block_ = nullptr; // the text that has an index
    const Place* next_ = nullptr; // the first place in `rest_`
    const Place* end_ = nullptr;  // behind the last newline of the block
    std::array<Place, block_size + group> places_;
};

} // namespace tickertape::cli::lines
