// SPDX-License-Identifier: MIT
#include <tickertape/readings.hpp>

void legal(tickertape::Readings& out) { out("legal.metric", 1, {{"key", "value"}}); }
