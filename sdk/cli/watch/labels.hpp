// SPDX-License-Identifier: MIT
/// \file
/// Short names for the rows of a table.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tickertape::cli::watch {

/// Returns a label of at most `width` characters for each name (`metric k=v …`, tags sorted by key), in the same order. From a
/// width of 12 characters on, different names get different labels. If all names of a metric fit, they stay unchanged. Otherwise
/// each label shows the parts in which its name differs:
///
///     proc.net.burst.bytes.max direction=in iface=lo       ~max direction=in iface=lo
///     proc.net.burst.bytes.max direction=out iface=lo      ~max direction=out iface=lo
///
/// Shortening has four steps. Parts of the metric without alternatives become `~`. Tags that all series of the metric share are
/// left out. Then the keys of tags are left out (`~max in lo`), then the middle of the text. Labels that are still equal get a
/// number (`…#2`).
[[nodiscard]] std::vector<std::string> labels_for(std::span<const std::string_view> names, std::size_t width);

/// Returns `text` in at most `width` characters, with a `~` in place of its middle.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t width);

/// Returns the first parts that all metrics share, such as `proc.net.burst.bytes`; empty if they share none.
[[nodiscard]] std::string_view common_parts(std::span<const std::string_view> names);

} // namespace tickertape::cli::watch
