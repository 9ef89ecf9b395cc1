// SPDX-License-Identifier: MIT
/// \file
/// inflate: gzip and deflate undone.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tickertape::testkit {

/// Appends to `text`; false if that is no gzip or zlib data, if it is cut short, or if it unpacks to more than `most` bytes.
[[nodiscard]] bool inflate(std::string_view packed, std::size_t most, std::string& text);

} // namespace tickertape::testkit
