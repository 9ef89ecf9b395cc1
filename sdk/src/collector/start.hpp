// SPDX-License-Identifier: MIT
/// \file
/// The start of a collector: its settings, and the state of its process.
#pragma once

#include <variant>

#include "collector/command_line.hpp"

namespace tickertape::collector {

/// Reads the command line, the environment and the config files of this process.
[[nodiscard]] std::variant<Settings, Exit> read_settings(int argc, const char* const* argv,
                                                         const Collector::Defaults& defaults);

/// Opens /dev/null for each closed standard descriptor, so that no later file gets its number. Returns whether stdout was
/// open.
bool fill_standard_descriptors();

} // namespace tickertape::collector
