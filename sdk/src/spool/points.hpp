// SPDX-License-Identifier: MIT
/// \file
/// Points as the payload of a record.
///
///     point  = kind u8 (1: an integer, 2: a series stands behind the value), time i64, value u64, [series]
///     series = step i64, flags u8 (1: room for a host tag; merge << 1), metric's size u16, tags' size u16, metric, tags
///
/// A point without a series has that of the one before it. What a point's text is made from stands in full, so that it is
/// sent with the same bytes again.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <tickertape/point.hpp>

#include "spool/format.hpp"

namespace tickertape::spool {

struct Encoded {
    std::span<char> record; ///< for Store::append; until the encoder is used again
    std::uint32_t points = 0;
};

/// Thread safety: none.
class Encoder {
public:
    /// A record of the first of `points`, until it is full; at least one. Does not allocate the second time.
    [[nodiscard]] Encoded encode(std::span<const Point> points);

private:
    std::vector<char> buffer_;
};

/// Reads the output of Encoder.
///
/// Thread safety: none.
class Decoder {
public:
    /// Appends the points of a payload to `points`. False, and nothing is appended, if it makes no sense.
    [[nodiscard]] bool decode(std::string_view payload, std::vector<Point>& points);

private:
    [[nodiscard]] bool read_series(std::string_view& left);

    std::unordered_map<std::string, Series> known_; // by the bytes of the series
    const Series* series_ = nullptr;                // of the last point
};

} // namespace tickertape::spool
