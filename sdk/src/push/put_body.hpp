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

/// Points rendered once, each as a JSON object or as a line. The same bytes are sent, and sent again.
struct PutPoints {
    base::PageString text{};           ///< the objects, with a byte between two, which the packer chooses
    std::vector<std::uint32_t> ends{}; ///< where in `text` each object ends
    Receipts receipts{};               ///< if objects of other points are added, their receipts, too

    [[nodiscard]] std::size_t size() const noexcept { return ends.size(); }
    [[nodiscard]] bool empty() const noexcept { return ends.empty(); }
    /// The object of a point.
    [[nodiscard]] std::string_view object(std::size_t index) const noexcept;
    void add(std::string_view object);
    void append(const PutPoints& more);
    /// Takes out the first `count`, at most `size()`.
    [[nodiscard]] PutPoints take_front(std::size_t count);
    /// How many of the first points are at most `bytes` together; at least one, if there is one.
    [[nodiscard]] std::size_t how_many_fit(std::size_t bytes) const noexcept;
};

/// The series of a point's object or line: all but its time and value; in `buffer`.
[[nodiscard]] std::string_view series_of(std::string_view object, HttpDialect dialect, std::string& buffer);
/// Its time in seconds; 0 if there is none to be found.
[[nodiscard]] std::int64_t seconds_of(std::string_view object, HttpDialect dialect) noexcept;

/// Writes points as `{"metric":…,"timestamp":…,"value":…,"tags":{…}}`: the put line of point::LineFormatter in another form. So it
/// refuses the same points, stamps and values are the same, and one point has exactly one text.
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
    /// All of `points`, as an array or as lines. The same points give the same bytes.
    [[nodiscard]] base::PageString pack(const PutPoints& points);

private:
    struct Zip;
    HttpDialect dialect_;
    std::unique_ptr<Zip> zip_;
};

} // namespace tickertape::push
