// SPDX-License-Identifier: MIT
/// \file
/// Keeps a collector's memory small.
#pragma once

namespace tickertape::collector {

/// Makes all threads allocate from one heap. The threads of a collector allocate little, and each further heap takes pages and 64
/// MB of addresses. Call it while there is one thread.
void share_one_heap() noexcept;

/// Gives back the mapped read-only pages of the program and its libraries that are the same as in their files. A page that is
/// used again is mapped again at the first touch, usually from the page cache; pages that only the start needed stay away. Does
/// nothing under a debugger, because it would remove breakpoints. Call it when everything is set up.
void drop_startup_pages();

} // namespace tickertape::collector
