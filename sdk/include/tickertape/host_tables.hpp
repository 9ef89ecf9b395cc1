// SPDX-License-Identifier: MIT
/// \file
/// Tables of Linux hosts that several collectors report.
#pragma once

#include <memory>

#include <tickertape/proc/root.hpp>
#include <tickertape/tables.hpp>

namespace tickertape {

/// The table `interrupts` as `proc.interrupts type= cpu=`: named interrupts, and those of network cards by card. `root` is like
/// /proc, `sys` like /sys.
void add_interrupts(Tables& tables, std::shared_ptr<const proc::Root> root, std::shared_ptr<const proc::Root> sys);

/// The table `softirqs` as `proc.softirqs type= cpu=`.
void add_softirqs(Tables& tables, std::shared_ptr<const proc::Root> root);

/// The table `numa` as `sys.numa.* node=`: where memory was allocated.
void add_numa(Tables& tables, std::shared_ptr<const proc::Root> sys);

/// The tables `tcp` and `tcp6` as `net.tcp_state.STATE type=`: the number of sockets in each state.
void add_tcp_states(Tables& tables, const std::shared_ptr<const proc::Root>& root);

} // namespace tickertape
