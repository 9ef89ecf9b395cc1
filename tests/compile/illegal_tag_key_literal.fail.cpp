// expect: illegal_character_in_name_literal
// SPDX-License-Identifier: MIT
#include <tickertape/series.hpp>

tickertape::Series illegal() { return tickertape::Series{"a.metric", {{"k=y", "value"}}}; }
