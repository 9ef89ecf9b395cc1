// expect: illegal_character_in_name_literal
// SPDX-License-Identifier: MIT
#include <tickertape/readings.hpp>

void illegal(tickertape::Readings& out) { out("legal.metric", 1, {{"k=y", "value"}}); }
