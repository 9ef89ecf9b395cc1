// SPDX-License-Identifier: MIT
/// \file
/// Compares the real host collectors on this machine with other tools. A value must be between the tool's values before and after
/// it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "support/process.hpp"

namespace test {

/// Returns the output of a shell command; empty if the tool is missing, or prints nothing on this machine.
std::string output_of(const std::string& command);
/// Returns the number that a command prints; nothing if it prints none.
std::optional<double> number_of(const std::string& command);
std::vector<std::string> words_of(const std::string& command);

/// Reads the whole output of a collector.
using Value = std::function<std::optional<double>(const std::string& out)>;

/// Returns the value in a line with this metric and all of these tags.
Value of(std::string metric, std::vector<std::string> tags = {});
Value ratio(const Value& a, const Value& b);
Value times(const Value& value, double factor);

struct CrossCheck {
    std::string collector;
    std::string command; ///< a command that prints the number
    Value ours;
    double rounding = 0;  ///< the unit of the tool
    double tolerance = 0; ///< a share of the value; 0.01 is 1 %
};

/// Skips checks whose tool is missing on this machine. A value may change between the two readings, so each check gets several
/// tries. A wrong value is wrong in each of them.
void check(const std::vector<CrossCheck>& checks);

/// Keeps the machine busy while it lives: processes start and end, and bytes go through TCP on this machine.
class Load {
public:
    Load();

private:
    Process processes_;
    Process connections_;
};

} // namespace test
