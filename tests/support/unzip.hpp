// SPDX-License-Identifier: MIT
/// \file
/// Bodies of requests without compression.
#pragma once

#include <zlib.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "support/catch.hpp"

namespace test {

/// Returns the uncompressed text, at most four mebibytes. A body that is not compressed is returned as it is.
inline std::string unzip(std::string_view body) {
    if (!body.starts_with("\x1f\x8b")) {
        return std::string{body};
    }
    z_stream stream{};
    REQUIRE(inflateInit2(&stream, 15 + 32) == Z_OK);
    std::string text(std::size_t{4} << 20U, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
    stream.avail_in = static_cast<uInt>(body.size());
    stream.next_out = reinterpret_cast<Bytef*>(text.data());
    stream.avail_out = static_cast<uInt>(text.size());
    REQUIRE(inflate(&stream, Z_FINISH) == Z_STREAM_END);
    text.resize(stream.total_out);
    inflateEnd(&stream);
    return text;
}

} // namespace test
