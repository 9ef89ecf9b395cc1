// SPDX-License-Identifier: MIT
// Pushing: an application sends points directly to a TSD. Here it is a TSD for tests, which keeps the points.
#include <chrono>
#include <cstdio>
#include <string>

#include <tickertape/testkit/fake_tsd.hpp>
#include <tickertape/tsd_client.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

int main() {
    const testkit::FakeTsd fake;
    const std::string tsd_host = fake.address(); // else "tsd.example:4242", "http://tsd.example:4242"

    // Without check_host it waits for a TSD that is down.
    TsdClient tsd{tsd_host, {.host_tag = HostTag::named("web01"), .check_host = false}};
    tsd.send("shop.queue", 17, {{"site", "lga"}});
    tsd.wait(60s);

    for (const std::string& line : fake.lines()) {
        std::printf("%s\n", line.c_str());
    }
    const Account account = tsd.account();
    std::printf("%llu of %llu acknowledged\n", static_cast<unsigned long long>(account.acked),
                static_cast<unsigned long long>(account.accepted));
}
