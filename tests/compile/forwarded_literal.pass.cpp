// SPDX-License-Identifier: MIT
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tickertape/counter.hpp>

using namespace tickertape;

void forward(std::vector<MetricCounter<rate>>& counters, std::optional<MetricCounter<stock>>& level,
             std::map<std::string, MetricCounter<rate>>& by_site) {
    counters.emplace_back("web.requests"_name, CounterOptions{.tags = {{"status", "2xx"}}});
    level.emplace("web.queue"_name);
    by_site.try_emplace("lga", "web.hits"_name);
    const auto made = std::make_unique<MetricCounter<rate>>("web.errors"_name);
}
