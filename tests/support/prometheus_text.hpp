// SPDX-License-Identifier: MIT
/// \file
/// A strict parser of Prometheus' text format 0.0.4. It shares no code with the writer.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace test {

struct PrometheusSample {
    std::string name;
    std::map<std::string, std::string> labels;
    double value = 0;
};

struct PrometheusFamily {
    std::string help;
    std::string type;
    std::vector<PrometheusSample> samples;
};

/// Returns the families by name. Throws std::runtime_error that names the line and its fault: a family in two places, HELP or TYPE
/// twice or after a sample, a sample of another family, an illegal name or escape, a series twice, a counter below 0, a
/// histogram whose buckets do not ascend or do not end with +Inf and its count.
std::map<std::string, PrometheusFamily> parse_prometheus(std::string_view text);

} // namespace test
