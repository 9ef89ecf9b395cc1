// SPDX-License-Identifier: MIT
// For telegraf and for collectd: the same points in the formats that their plugins execd and exec read.
#include <chrono>
#include <vector>

#include <tickertape/put_lines.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

int main() {
    const Series queue{"shop.queue", {{"site", "lga"}}, {.step = 10s}};
    const WallTime time{1700000000s};
    const std::vector<Point> points{{queue, time, 17}, {queue, time + 10s, 12}};

    PutLines put{{.form = Form::put, .host_tag = HostTag::named("web01")}}; // for a TSD
    put.publish(points);
    PutLines influx{{.form = Form::influx, .host_tag = HostTag::named("web01")}}; // for telegraf
    influx.publish(points);
    PutLines collectd{{.form = Form::collectd, .host_tag = HostTag::named("web01")}};
    collectd.publish(points);
}
