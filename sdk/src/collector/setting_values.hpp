// SPDX-License-Identifier: MIT
/// \file
/// Parsers of settings' values. A wrong value throws UsageError that quotes it; the caller puts the origin of the value in
/// front.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

#include <tickertape/form.hpp>
#include <tickertape/host_tag.hpp>
#include <tickertape/tags.hpp>
#include <tickertape/target.hpp>

namespace tickertape::collector {

/// `0.5`: the text that reads back as this time.
[[nodiscard]] std::string in_seconds(std::chrono::milliseconds time);

[[noreturn]] void refuse(const std::string& value, const std::string& what);

/// From `least` to a year.
[[nodiscard]] std::chrono::milliseconds duration_of(const std::string& text, std::chrono::milliseconds least);
[[nodiscard]] std::chrono::seconds whole_seconds_of(const std::string& text);
/// A whole number from 0 to 4,294,967,295.
[[nodiscard]] std::uint32_t number_of(const std::string& text);
/// `true`, `false`, `1` or `0`.
[[nodiscard]] bool switch_of(const std::string& text);
[[nodiscard]] Form form_of(const std::string& text);
[[nodiscard]] HostTag host_tag_of(const std::string& text);
/// One without TLS.
[[nodiscard]] Target target_of(const std::string& text);
/// A missing directory is refused, too, because a wrong flag is no failure of the collector. It is not opened, because that may need a
/// privilege.
[[nodiscard]] std::filesystem::path directory_of(const std::string& text);
/// Adds `KEY=VALUE`; each key may be given once.
void add_tag(Tags& tags, const std::string& text);

} // namespace tickertape::collector
