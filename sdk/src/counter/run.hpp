// SPDX-License-Identifier: MIT
/// \file
/// Run: the run of run_every_n_seconds that a thread is in. counter.hpp only declares it.
#pragma once

#include <tickertape/counter.hpp>

namespace tickertape::counter {

/// A run of run_every_n_seconds.
struct Run {
    const Clock* clock;
    WallTime due;
};

} // namespace tickertape::counter
