// expect: illegal_character_in_name_literal
// SPDX-License-Identifier: MIT
#include <tickertape/name.hpp>

tickertape::Name illegal() {
    using namespace tickertape::literals;
    return "a metric"_name;
}
