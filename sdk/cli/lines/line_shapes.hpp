// SPDX-License-Identifier: MIT
/// \file
/// LineShapes: knows lines of a series again, without reading their names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <tickertape/value.hpp>

#include "cli/lines/put_line.hpp"

namespace tickertape::cli::lines {

/// The tags of a PutLine in order of their keys, a blank between two.
[[nodiscard]] std::string sorted_tags(std::string_view tags);

/// A shape is the text of a line around stamp and value, and belongs to a series. A line whose shape came behind that of
/// the line before the last time, too, costs two comparisons and two conversions of numbers; what is unusual about a line
/// is left to read_put_line.
///
/// Thread safety: one thread at a time.
class LineShapes {
public:
    /// The content of a line. `series` is the value that `learn` was given for its shape.
    struct Line {
        std::size_t series;
        std::int64_t stamp; ///< milliseconds since 1970
        Value value;
    };

    /// The line, if it has the shape that is expected next.
    [[nodiscard]] std::optional<Line> expected(std::string_view line);

    /// Otherwise: what `learn` was given for the shape of `line`, of which read_put_line made `fields`. That shape will be
    /// expected here the next time.
    [[nodiscard]] std::optional<std::size_t> find(std::string_view line, const PutLine& fields);
    void learn(std::string_view line, const PutLine& fields, std::size_t series);

    /// Has the texts of the shape that is expected a few lines from now fetched into the cache: with many series each line
    /// would wait for them. Returns its series, or nothing if no shape is expected there.
    [[nodiscard]] std::optional<std::size_t> fetch_ahead() const noexcept;

    /// Forgets all shapes.
    void clear() noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return shapes_.size(); }
    /// The characters that `learn` would keep, which it does twice.
    [[nodiscard]] static std::size_t size_of(std::string_view line, const PutLine& fields) noexcept;

private:
    struct Shape {
        std::string head; // `put metric `
        std::string tail; // ` k=v`, or nothing
        std::size_t series;
        std::size_t next;
    };
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    void follow(std::size_t shape) noexcept;

    std::vector<Shape> shapes_;
    std::unordered_map<std::string, std::size_t> shape_by_text_;
    std::size_t last_ = none;
};

/// The stamp of a line that read_put_line has read, in milliseconds since 1970.
[[nodiscard]] std::int64_t stamp_in_ms(const PutLine& line) noexcept;

} // namespace tickertape::cli::lines
