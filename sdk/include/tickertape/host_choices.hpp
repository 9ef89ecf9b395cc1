// SPDX-License-Identifier: MIT
/// \file
/// What can be chosen of a Linux host, and what is left out by default: for the constructor of Choice.
#pragma once

#include <string>

#include <tickertape/choice.hpp>

namespace tickertape {

/// Block devices by the names that they are reported with. Not loop devices, RAM disks and floppies. `sys_root` is read when the flags
/// have been; it has to outlive the Choice.
[[nodiscard]] Choice::Options device_choice(const std::string& sys_root);

/// Network interfaces. Not bonds: the interfaces that are bonded count the same.
[[nodiscard]] Choice::Options interface_choice();

/// Directories that file systems are mounted on. Not those of the system and of containers.
[[nodiscard]] Choice::Options mount_choice();

/// Types of file systems. Not images, which are always full, overlays, network file systems of any version, which each host that
/// mounts them would report, and what holds no files.
[[nodiscard]] Choice::Options fs_type_choice();

} // namespace tickertape
