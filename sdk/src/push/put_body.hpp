// SPDX-License-Identifier: MIT
/// \file
/// PutPoints: points as the bytes of a request to /api/put or /write.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tickertape/point.hpp>

#include "base/heap.hpp"
#include "point/line_formatter.hpp"
#include "push/put_request.hpp"
#include "push/receipts.hpp"

namespace tickertape::push {

/// The most bytes of one point.
inline constexpr std::size_t max_put_object = 1200;

/// Points that were rendered once, each as a JSON object or a line. The same bytes are sent, and repeated.
struct PutPoints {
    base::PageString text{};           ///< the objects, with a byte between two of them, which the packer sets
    std::vector<std::uint32_t> ends{}; ///< where in `text` each object ends
    Receipts receipts{};               ///< also those of other points whose objects were added

    [[nodiscard]] std::size_t size() const noexcept { return ends.size(); }
    [[nodiscard]] bool empty() const noexcept { return ends.empty(); }
    /// Returns the object of a point.
    [[nodiscard]] std::string_view object(std::size_t index) const noexcept;
    void add(std::string_view object);
    void append(const PutPoints& more);
    /// Removes and returns the first `count` points, at most `size()`.
    [[nodiscard]] PutPoints take_front(std::size_t count);
    /// Returns how many of the first points fit into `bytes`; at least one, if there is one.
    [[nodiscard]] std::size_t how_many_fit(std::size_t bytes) const noexcept;
};

/// Returns the series of a point's object or line: everything except time and value; uses `buffer`.
[[nodiscard]] std::string_view series_of(std::string_view object, HttpDialect dialect, std::string& buffer);
/// Returns the time of the point in seconds; 0 if none is found.
[[nodiscard]] std::int64_t seconds_of(std::string_view object, HttpDialect dialect) noexcept;

/// Writes points as `{"metric":…,"timestamp":…,"value":…,"tags":{…}}`. It refuses the same points as point::LineFormatter, with
/// the same timestamps and values. Each point has exactly one text.
///
/// Thread safety: none; one object per writing thread.
class PutFormatter {
public:
    /// Throws UsageError when the host tag is no legal name.
    explicit PutFormatter(std::string host_tag);

    [[nodiscard]] static constexpr std::size_t longest() noexcept { return max_put_object; }
    /// Writes the object of `point` at `out`, which has room for `max_put_object` bytes. Does not allocate or block.
    [[nodiscard]] point::LineResult write(const Point& point, char* out) noexcept;

private:
    point::LineFormatter lines_;
};

/// Makes bodies of requests.
///
/// Thread safety: none.
class PutPacker {
public:
    explicit PutPacker(bool gzip, HttpDialect dialect = HttpDialect::opentsdb);
    PutPacker(const PutPacker&) = delete;
    PutPacker& operator=(const PutPacker&) = delete;
    ~PutPacker();

    [[nodiscard]] bool gzip() const noexcept { return zip_ != nullptr; }
    /// Puts all of `points` into one body, as an array or as lines. The same points give the same bytes.
    [[nodiscard]] base::PageString pack(const PutPoints& points);

private:
    struct Zip;
    HttpDialect dialect_;
    std::unique_ptr<Zip> zip_;
};

} // namespace tickertape::push
