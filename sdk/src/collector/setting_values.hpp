// SPDX-License-Identifier: MIT
/// \file
/// Parsers of settings. They throw UsageError that quotes a wrong value; the caller adds the origin of the value.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

#include <tickertape/form.hpp>
#include <tickertape/host_tag.hpp>
#include <tickertape/tags.hpp>
#include <tickertape/target.hpp>

#include "base/log.hpp"

namespace tickertape::collector {

/// Returns a text such as `0.5`, which reads back as this time.
[[nodiscard]] std::string in_seconds(std::chrono::milliseconds time);

[[noreturn]] void refuse(const std::string& value, const std::string& what);

/// Parses a duration from `least` to a year.
[[nodiscard]] std::chrono::milliseconds duration_of(const std::string& text, std::chrono::milliseconds least);
[[nodiscard]] std::chrono::seconds whole_seconds_of(const std::string& text);
/// Parses a whole number from 0 to 4,294,967,295.
[[nodiscard]] std::uint32_t number_of(const std::string& text);
/// Parses `true`, `false`, `1` or `0`.
[[nodiscard]] bool switch_of(const std::string& text);
[[nodiscard]] Form form_of(const std::string& text);
[[nodiscard]] HostTag host_tag_of(const std::string& text);
/// Parses a target that does not use TLS.
[[nodiscard]] Target target_of(const std::string& text);
[[nodiscard]] base::Level log_level_of(const std::string& text);
/// Checks that the directory exists: a missing one is a wrong flag, not a failure of the collector. Does not open it, because
/// that may need a privilege.
[[nodiscard]] std::filesystem::path directory_of(const std::string& text);
/// Adds a tag `KEY=VALUE`; each key may be given once.
void add_tag(Tags& tags, const std::string& text);

} // namespace tickertape::collector
