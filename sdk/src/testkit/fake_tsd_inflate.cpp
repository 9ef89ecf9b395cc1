// SPDX-License-Identifier: MIT
#include <testkit/fake_tsd_inflate.hpp>

#include <zlib.h>

#include <array>

namespace tickertape::testkit {

bool inflate(std::string_view packed, std::size_t most, std::string& text) {
    z_stream stream{};
    constexpr int any_header = 15 + 32;
    if (inflateInit2(&stream, any_header) != Z_OK) {
        return false;
    }
    std::string input{packed}; // a copy, because older headers of zlib need writable input
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    std::array<char, 65536> part; // NOLINT(*-member-init): written before it is read
    int result = Z_OK;
    while (result == Z_OK && text.size() <= most) {
        stream.next_out = reinterpret_cast<Bytef*>(part.data());
        stream.avail_out = static_cast<uInt>(part.size());
        result = ::inflate(&stream, Z_NO_FLUSH);
        text.append(part.data(), part.size() - stream.avail_out);
    }
    inflateEnd(&stream);
    return result == Z_STREAM_END && text.size() <= most;
}

} // namespace tickertape::testkit
