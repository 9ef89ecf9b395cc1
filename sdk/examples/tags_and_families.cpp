// SPDX-License-Identifier: MIT
// Tags, and a family of series: one metric with different values of a tag.
#include <tickertape/autodump.hpp>
#include <tickertape/put_lines.hpp>
#include <tickertape/testkit/manual_clock.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace tickertape;
using namespace std::chrono_literals;

int main() {
    testkit::ManualClock clock; // so that this example prints the same each time, and at once
    const Tags common{{"service", "checkout"}, {"zone", "eu-1"}};

    // Text that is only known at run time is checked when it is used; sanitize() makes it legal.
    std::vector<MetricCounter<rate>> responses;
    for (const std::string outcome : {"ok", "card refused", "timeout"}) {
        responses.push_back(MetricCounter{
            "shop.responses",
            {.tags = common.merged_with({{"outcome", sanitize(outcome)}}), .timespan = 2s, .clock = &clock}});
    }
    autodump dump{PutLines{{.form = Form::put, .host_tag = HostTag::named("web01")}}, responses};

    responses[0].add(17);
    clock.advance(1s);
    responses[0].add(12);
    responses[1].inc();
} // the end of dump waits for the end of the running bucket, and writes it
