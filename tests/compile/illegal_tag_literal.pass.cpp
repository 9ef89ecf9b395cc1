// SPDX-License-Identifier: MIT
#include <tickertape/series.hpp>

tickertape::Series legal() { return tickertape::Series{"legal.metric", {{"key", "value"}}}; }
