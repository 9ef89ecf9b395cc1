// SPDX-License-Identifier: MIT
// Beside prometheus-cpp.
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "beside.hpp"

namespace {

using bench::Beside;

prometheus::Family<prometheus::Counter>& counters_of(prometheus::Registry& registry, const std::string& name) {
    return prometheus::BuildCounter().Name(name).Register(registry);
}

void count(Beside& table) {
    prometheus::Registry registry;
    auto& family = counters_of(registry, "bench_events");
    auto& counter = family.Add({});
    std::vector<prometheus::Counter*> eight;
    for (int i = 0; i < 8; ++i) {
        eight.push_back(&family.Add({{"cpu", std::to_string(i)}}));
    }
    bench::count(
        table, [&counter] { counter.Increment(); }, [&eight](std::size_t i) { eight[i]->Increment(); },
        "prometheus-cpp keeps one total; we keep the count of each second.");
}

void set(Beside& table) {
    prometheus::Registry registry;
    auto& gauge = prometheus::BuildGauge().Name("bench_level").Register(registry).Add({});
    tickertape::MetricCounter<tickertape::stock> level{"bench.level"};
    bench::calls(
        table, "`set` of one reading", [&level] { level.set(17.5); }, [&gauge] { gauge.Set(17.5); },
        "prometheus-cpp keeps the last value; we keep the last one of each second.");
}

void record(Beside& table) {
    prometheus::Histogram histogram{{0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10}};
    bench::record(
        table, [&histogram](double value) { histogram.Observe(value); },
        "prometheus-cpp has 12 fixed buckets; ours give quantiles within 1 %, for each second.");
}

void count_by_tag(Beside& table) {
    prometheus::Registry registry;
    auto& family = counters_of(registry, "bench_events");
    bench::count_by_tag(
        table, [&family] { family.Add({{"page", "cart"}}).Increment(); },
        "prometheus-cpp adds to the total that it finds; our Telemeter queues a point of each call.");
}

void births(Beside& table) {
    auto registry = std::make_unique<prometheus::Registry>();
    prometheus::Family<prometheus::Counter>* family = nullptr;
    bench::births(
        table, 100'000,
        [&] {
            registry = std::make_unique<prometheus::Registry>();
            family = &counters_of(*registry, "bench_births");
        },
        [&](const std::string& name) { family->Add({{"name", name}}); },
        "prometheus-cpp's are one family with a label; ours have names of their own, and rings of seconds.");
}

void dump(Beside& table) {
    constexpr std::size_t many = 10'000;
    prometheus::Registry registry;
    auto& family = counters_of(registry, "sys_cpu_user");
    std::vector<prometheus::Counter*> counters;
    for (std::size_t i = 0; i < many; ++i) {
        counters.push_back(&family.Add({{"cpu", std::to_string(i)}, {"host", "web01"}}));
    }
    const prometheus::TextSerializer serializer;
    bench::dump_of(
        table, many,
        [&] {
            for (prometheus::Counter* const counter : counters) {
                counter->Increment(12'345);
            }
        },
        [&] {
            if (serializer.Serialize(registry.Collect()).size() < 10 * many) {
                throw std::runtime_error{"the exposition is too short"};
            }
        },
        "prometheus-cpp makes one text; we also write it to /dev/null, and compare each value with the last one.");
}

} // namespace

int main(int argc, char** argv) {
    return bench::measure_beside(argc, argv, [](Beside& table) {
        count(table);
        set(table);
        record(table);
        count_by_tag(table);
        births(table);
        dump(table);
    });
}
