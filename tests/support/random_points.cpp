// SPDX-License-Identifier: MIT
#include "support/random_points.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>

namespace test {

using namespace std::chrono_literals;

std::string random_name(Random& random, std::size_t longest) {
    static constexpr std::string_view legal = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./";
    std::string name(1 + up_to(random, longest - 1), ' ');
    std::generate(name.begin(), name.end(), [&] { return legal[up_to(random, legal.size() - 1)]; });
    return name;
}

tickertape::Tags random_tags(Random& random, std::size_t most, std::size_t longest_text) {
    tickertape::Tags tags;
    const std::size_t count = up_to(random, most);
    if (count == 0) {
        return tags;
    }
    const std::size_t longest = std::max<std::size_t>(longest_text / count / 2 - 1, 1);
    for (std::size_t i = 0; i < count; ++i) {
        tags.set(random_name(random, longest), random_name(random, longest));
    }
    return tags;
}

tickertape::Series random_series(Random& random) {
    const bool reserve = !once_in(random, 4);
    std::string metric = random_name(random, once_in(random, 4) ? 150 : 20);
    tickertape::Tags tags = random_tags(random, reserve ? 7 : 8, once_in(random, 4) ? 640 : 100);
    if (once_in(random, 4) && tags.size() < 7) {
        tags.set("host", random_name(random, 10));
    }
    const std::chrono::nanoseconds step = once_in(random, 3) ? 250ms : once_in(random, 2) ? 0ns : 15s;
    return tickertape::Series{metric, tags, {.step = step, .reserve_host_tag = reserve}};
}

tickertape::Value random_value(Random& random) {
    switch (up_to(random, 5)) {
    case 0: return std::bit_cast<std::int64_t>(random());
    case 1: return static_cast<std::int64_t>(up_to(random, 2000)) - 1000;
    case 2:
        return once_in(random, 2) ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min();
    case 3: return std::ldexp(static_cast<double>(random() >> 11U), static_cast<int>(up_to(random, 40)) - 20);
    case 4: return static_cast<double>(up_to(random, 2000)) / 100;
    default: break;
    }
    while (true) { // any bit pattern
        if (const auto value = tickertape::Value::checked(std::bit_cast<double>(random()))) {
            return *value;
        }
    }
}

tickertape::WallTime random_time(Random& random) {
    const std::uint64_t first = 1'000'000'000'000'000'000;
    const std::uint64_t last = 4'294'967'295'999'999'999;
    const std::uint64_t time = once_in(random, 50)   ? first
                               : once_in(random, 50) ? last
                                                     : first + random() % (last - first);
    return tickertape::WallTime{std::chrono::nanoseconds{static_cast<std::int64_t>(time)}};
}

std::vector<tickertape::Point> random_points(Random& random, std::size_t count) {
    std::vector<tickertape::Point> points;
    points.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        points.emplace_back(random_series(random), random_time(random), random_value(random));
    }
    return points;
}

} // namespace test
