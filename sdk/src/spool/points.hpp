// SPDX-License-Identifier: MIT
/// \file
/// Encodes points as the payload of a record.
///
///     point  = kind u8 (1: an integer, 2: a series follows the value), time i64, value u64, [series]
///     series = step i64, flags u8 (1: room for a host tag; merge << 1), metric's size u16, tags' size u16, metric, tags
///
/// A point without a series has the series of the point before it. Everything that makes the text of a point is stored, so that
/// the same bytes are sent again.
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
    std::span<char> record; ///< for Store::append; valid until the encoder is used again
    std::uint32_t points = 0;
};

/// Encodes points as records.
///
/// Thread safety: none.
class Encoder {
public:
    /// Encodes the first of `points` into one record, until it is full; at least one point. Only the first call allocates.
    [[nodiscard]] Encoded encode(std::span<const Point> points);

private:
    std::vector<char> buffer_;
};

/// Reads the output of Encoder.
///
/// Thread safety: none.
class Decoder {
public:
    /// Appends the points of a payload to `points`. Returns false, and appends nothing, if the payload is not valid.
    [[nodiscard]] bool decode(std::string_view payload, std::vector<Point>& points);

private:
    [[nodiscard]] bool read_series(std::string_view& left);

    std::unordered_map<std::string, Series> known_; // by the bytes of the series
    const Series* series_ = nullptr;                // the series of the last point
};

} // namespace tickertape::spool
