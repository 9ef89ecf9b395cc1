// SPDX-License-Identifier: MIT
#include <tickertape/name.hpp>

tickertape::Name legal() {
    using namespace tickertape::literals;
    return "a.metric"_name;
}
