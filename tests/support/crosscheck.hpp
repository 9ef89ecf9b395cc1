// SPDX-License-Identifier: MIT
/// \file
/// The real host collectors on this machine, beside tools that tell the same: a value lies between what the tool says before
/// and after.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "support/process.hpp"

namespace test {

/// Returns the output of a shell command; empty if the tool is missing, or prints nothing on this machine.
std::string output_of(const std::string& command);
/// The one number that a command prints; nothing if it prints none.
std::optional<double> number_of(const std::string& command);
std::vector<std::string> words_of(const std::string& command);

/// From all that a collector has printed.
using Value = std::function<std::optional<double>(const std::string& out)>;

/// The value in a line of this metric that has all of these tags.
Value of(std::string metric, std::vector<std::string> tags = {});
Value ratio(const Value& a, const Value& b);
Value times(const Value& value, double factor);

struct CrossCheck {
    std::string collector;
    std::string command; ///< prints the number
    Value ours;
    double rounding = 0;  ///< of the tool
    double tolerance = 0; ///< a share of the value: 0.01 is 1 %
};

/// Skips checks whose tool this machine lacks. A value may change between the two readings, so each check gets several tries; a
/// wrong value is wrong each time.
void check(const std::vector<CrossCheck>& checks);

/// Keeps the machine busy while it lives: processes come and end, and bytes go through TCP on this machine.
class Load {
public:
    Load();

private:
    Process processes_;
    Process connections_;
};

} // namespace test
