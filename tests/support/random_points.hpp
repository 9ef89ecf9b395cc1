// SPDX-License-Identifier: MIT
/// \file
/// Random names, series, values, times and points, all of them legal, including extremes.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <tickertape/point.hpp>

#include "support/seed.hpp"

namespace test {

std::string random_name(Random& random, std::size_t longest);
tickertape::Tags random_tags(Random& random, std::size_t most, std::size_t longest_text);
/// Any accepted length and number of tags; sometimes with a host tag, sometimes without tags.
tickertape::Series random_series(Random& random);
tickertape::Value random_value(Random& random);
/// Within the range of timestamps in lines.
tickertape::WallTime random_time(Random& random);
std::vector<tickertape::Point> random_points(Random& random, std::size_t count);

} // namespace test
