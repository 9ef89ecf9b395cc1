// SPDX-License-Identifier: MIT
/// \file
/// Body: the work of a collector.
#pragma once

namespace tickertape::collector {

/// The `main` of a collector.
struct Body {
    const char* name;
    int (*main)(int argc, char** argv);
};

} // namespace tickertape::collector
