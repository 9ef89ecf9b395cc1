// SPDX-License-Identifier: MIT
/// \file
/// Kernel files that hold one number, as those below /proc/sys do.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <tickertape/proc/root.hpp>

namespace tickertape::proc {

/// Reads the whole number, with a sign or without, at the beginning of the text; the rest is ignored. Throws
/// ParseError that names `file` and the token. Pure.
[[nodiscard]] std::int64_t parse_number_file(std::string_view text, std::string_view file);

/// Nothing if there is no such file. Throws std::system_error or ParseError that names it.
[[nodiscard]] std::optional<std::int64_t> read_number_file(const Root& root, const char* name);

} // namespace tickertape::proc
