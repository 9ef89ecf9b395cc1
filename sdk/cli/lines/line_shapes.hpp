// SPDX-License-Identifier: MIT
/// \file
/// LineShapes: recognizes lines of known series without reading their names.
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

/// Returns the tags of a PutLine, sorted by key, with a blank between two tags.
[[nodiscard]] std::string sorted_tags(std::string_view tags);

/// A shape is the text of a line without its timestamp and value; it belongs to a series. Shapes usually come in the same order
/// again. A line with the expected shape takes two comparisons and two conversions of numbers. All other lines are left to
/// read_put_line.
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

    /// Returns the line, if it has the shape that is expected next.
    [[nodiscard]] std::optional<Line> expected(std::string_view line);

    /// For any other line, which read_put_line has read into `fields`: returns the series that `learn` got for its shape. From
    /// then on, this shape is expected here.
    [[nodiscard]] std::optional<std::size_t> find(std::string_view line, const PutLine& fields);
    void learn(std::string_view line, const PutLine& fields, std::size_t series);

    /// Fetches the texts of the shape that is expected a few lines from now into the cache. With many series, each line would wait
    /// for them. Returns its series; nothing if no shape is expected there.
    [[nodiscard]] std::optional<std::size_t> fetch_ahead() const noexcept;

    /// Forgets all shapes.
    void clear() noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return shapes_.size(); }
    /// Returns the number of characters that `learn` would keep. It keeps them twice.
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
