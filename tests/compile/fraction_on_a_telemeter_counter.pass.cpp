// SPDX-License-Identifier: MIT
#include <tickertape/telemeter.hpp>

void count(const tickertape::TelemeterCounter& bytes) { bytes.add(500, {{"disk", "sda"}}); }
