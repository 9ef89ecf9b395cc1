// SPDX-License-Identifier: MIT
// For users of the Python library potsdb: its calls whose names or values differ here. The TSD is one for tests.
#include <chrono>
#include <iostream>
#include <string>

#include <tickertape/testkit/fake_tsd.hpp>
#include <tickertape/tsd_client.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

int main() {
    const testkit::FakeTsd fake;
    const WallTime time{1700000000s};
    TsdClient client{fake.address(), {.host_tag = HostTag::named("web01"), .check_host = false}};

    // client.send('shop.price', '12.5', timestamp=1700000000, site='lga'): a numeric string
    const std::string price = "12.5";
    client.send_at(time, "shop.price", std::stod(price), {{"site", "lga"}});
    // client.send('shop.queue', 17.0, …): an integral float becomes an integer
    client.send_at(time, "shop.queue", 17.0, {{"site", "lga"}});
    // the same again in this second: a duplicate
    const bool is_duplicate = client.send_at(time, "shop.queue", 18, {{"site", "lga"}}) == Sent::duplicate;
    // an illegal name, which potsdb raises for
    const std::string name = "shop queue";
    const bool is_invalid = client.send_at(time, name, 1) == Sent::invalid;
    // client.wait()
    client.wait(60s);
    // client.queued
    std::cout << "queued: " << client.account().accepted << '\n';
    std::cout << "duplicate: " << is_duplicate << ", invalid: " << is_invalid << '\n';

    for (const std::string& line : fake.lines()) {
        std::cout << line << '\n';
    }
}
