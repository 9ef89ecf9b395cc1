// SPDX-License-Identifier: MIT
/// \file
/// Options for Choice: the devices, interfaces and mounts of a Linux host, with the patterns that are left out by default.
#pragma once

#include <string>

#include <tickertape/choice.hpp>

namespace tickertape {

/// Block devices, by the names with which they are reported. By default without loop devices, RAM disks and floppies. `sys_root` is read
/// after the flags; it must outlive the Choice.
[[nodiscard]] Choice::Options device_choice(const std::string& sys_root);

/// Network interfaces. By default without bonds, because the bonded interfaces count the same traffic.
[[nodiscard]] Choice::Options interface_choice();

/// Mount points. By default without those of the system and of containers.
[[nodiscard]] Choice::Options mount_choice();

/// Types of file systems. By default without images (always full), overlays, network file systems of any version (each host that
/// mounts one would report it), and types that hold no files.
[[nodiscard]] Choice::Options fs_type_choice();

} // namespace tickertape
