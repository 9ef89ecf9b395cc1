// expect: empty_name_literal
// SPDX-License-Identifier: MIT
#include <tickertape/series.hpp>

tickertape::Series illegal() { return tickertape::Series{"", {{"key", "some/value"}}}; }
