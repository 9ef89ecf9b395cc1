// SPDX-License-Identifier: MIT
/// \file
/// `tickertape push`, and the lines that tests send with it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tickertape/testkit/fake_tsd.hpp>

#include "support/long_time.hpp"
#include "support/process.hpp"

namespace test {

inline Command tickertape_command(std::vector<std::string> arguments, Stream in = Pipe{}) {
    return {.program = collector("tickertape"), .arguments = std::move(arguments), .in = std::move(in)};
}

inline Command push_command(std::vector<std::string> arguments, Stream in = Pipe{}) {
    arguments.insert(arguments.begin(), "push");
    return tickertape_command(std::move(arguments), std::move(in));
}

inline Result push(std::vector<std::string> arguments, std::string_view input = {}) {
    return run(push_command(std::move(arguments)), input, long_time);
}

/// Returns put lines a second apart, with values from `begin` to below `end`.
inline std::string put_lines(std::size_t begin, std::size_t end) {
    std::string text;
    for (std::size_t i = begin; i < end; ++i) {
        text += "put m " + std::to_string(1'700'000'000 + i) + " " + std::to_string(i) + " host=h\n";
    }
    return text;
}

/// Returns all lines that a TSD got, as a text.
inline std::string received(const tickertape::testkit::FakeTsd& tsd) {
    std::string text;
    for (const std::string& line : tsd.lines()) {
        text += line + "\n";
    }
    return text;
}

} // namespace test
