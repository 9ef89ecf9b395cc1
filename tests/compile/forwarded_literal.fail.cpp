// expect: a_forwarded_literal_needs_the_suffix_name|'__args#0' is not a constant expression
// SPDX-License-Identifier: MIT
#include <vector>

#include <tickertape/counter.hpp>

// GCC 12 names neither the constructor nor anything else that is ours.
void forward(std::vector<tickertape::MetricCounter<>>& counters) { counters.emplace_back("web.requests"); }
