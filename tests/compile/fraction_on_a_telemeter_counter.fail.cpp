// expect: a counter counts whole numbers: .*use Telemeter::record, a gauge or a timer
// SPDX-License-Identifier: MIT
#include <tickertape/telemeter.hpp>

void count(const tickertape::TelemeterCounter& gigabytes) { gigabytes.add(0.5F, {{"disk", "sda"}}); }
