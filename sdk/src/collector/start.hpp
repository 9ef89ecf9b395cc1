// SPDX-License-Identifier: MIT
/// \file
/// The start of a collector: its settings, and the state of its process.
#pragma once

#include <optional>
#include <variant>

#include "collector/command_line.hpp"

namespace tickertape::collector {

/// Reads the command line, the environment and the config files of this process. `form` is the form of a crew.
[[nodiscard]] std::variant<Settings, Exit> read_settings(int argc, const char* const* argv,
                                                         const Collector::Defaults& defaults,
                                                         std::optional<Form> form = std::nullopt);

/// Opens /dev/null for each closed standard descriptor, so that no later file gets its number. Returns whether stdout was
/// open.
bool fill_standard_descriptors();

} // namespace tickertape::collector
