// SPDX-License-Identifier: MIT
/// \file
/// Keeps a collector's memory small.
#pragma once

namespace tickertape::collector {

/// Makes all threads allocate from one heap: a collector's allocate little, and each heap of its own takes pages, and
/// 64 MB of addresses. To be called while there is one thread.
void share_one_heap() noexcept;

/// Gives the mapped pages of the program and its libraries back, read-only ones that are the same as in their files: what
/// is used again is mapped again at the first touch, from the page cache as a rule, and what only the start needed is not.
/// Does nothing while a debugger looks on, whose breakpoints would be lost. To be called when all is set up.
void drop_startup_pages();

} // namespace tickertape::collector
