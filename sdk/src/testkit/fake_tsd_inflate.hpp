// SPDX-License-Identifier: MIT
/// \file
/// inflate: unpacks gzip and deflate.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tickertape::testkit {

/// Appends the unpacked bytes to `text`. Returns false if `packed` is not gzip or zlib data, is incomplete, or unpacks to more
/// than `most` bytes.
[[nodiscard]] bool inflate(std::string_view packed, std::size_t most, std::string& text);

} // namespace tickertape::testkit
