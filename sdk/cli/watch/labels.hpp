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

/// A label for each name (`metric k=v …`, tags sorted by key), in order, of at most `width` characters. Names that differ get
/// labels that differ, from a width of 12 characters on. A metric's names stay as they are if all fit; else each label shows the parts in
/// which it differs:
///
///     proc.net.burst.bytes.max direction=in iface=lo       ~max direction=in iface=lo
///     proc.net.burst.bytes.max direction=out iface=lo      ~max direction=out iface=lo
///
/// Parts of a metric that no other one replaces become a `~`, tags that all series of the metric share go, then the keys of
/// tags (`~max in lo`), then the middle. Labels that are still equal get a number (`…#2`).
[[nodiscard]] std::vector<std::string> labels_for(std::span<const std::string_view> names, std::size_t width);

/// `text` in at most `width` characters, with a `~` in place of its middle.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t width);

/// The parts that all metrics begin with, `proc.net.burst.bytes`; empty for none.
[[nodiscard]] std::string_view common_parts(std::span<const std::string_view> names);

} // namespace tickertape::cli::watch
