// SPDX-License-Identifier: MIT
#include <tickertape/series.hpp>

tickertape::Series legal(bool ok) { return tickertape::Series{"a.metric", {{"key", ok ? "200" : "500"}}}; }
