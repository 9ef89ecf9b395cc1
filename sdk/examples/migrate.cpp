// SPDX-License-Identifier: MIT
// From one TSD to another, and back: meanwhile each point goes to both, independently.
#include <chrono>
#include <cstdio>

#include <tickertape/buffered.hpp>
#include <tickertape/tee.hpp>
#include <tickertape/testkit/fake_tsd.hpp>
#include <tickertape/tsd_http.hpp>
#include <tickertape/tsd_telnet.hpp>

using namespace std::chrono_literals;
using namespace tickertape;
using testkit::FakeTsd;
using testkit::Personality;

namespace {

Point order(int second) {
    static const Series orders{"shop.orders", {{"site", "lga"}}};
    return {orders, WallTime{std::chrono::seconds{1'700'000'000 + second}}, second};
}

void show(const char* when, const FakeTsd& opentsdb, const FakeTsd& victoria) {
    std::printf("%s: OpenTSDB has %llu points, VictoriaMetrics %llu\n", when,
                static_cast<unsigned long long>(opentsdb.distinct()),
                static_cast<unsigned long long>(victoria.distinct()));
}

} // namespace

int main() {
    const FakeTsd opentsdb; // in real use: two host names
    FakeTsd victoria{{.personality = Personality::victoria_metrics}};
    const auto soon = [] { return std::chrono::steady_clock::now() + 60s; };
    const auto to_opentsdb = [&] { return Buffered{TsdTelnet{opentsdb.address()}}; };
    const auto to_victoria = [&] { return Buffered{TsdHttp{"http://" + victoria.address()}}; };

    // 1. The new TSD gets copies. It is not read yet.
    {
        Tee both{to_opentsdb(), to_victoria()};
        const Point points[] = {order(1), order(2)};
        both.publish(points);
        both.flush(soon());
        show("copied", opentsdb, victoria);
        // 2. It may fail. Only its own points are lost then, and its own account counts them.
        victoria.stop();
        const Point more[] = {order(3)};
        both.publish(more);
        while (both.account(0).acked < 3) {
            both.flush(std::chrono::steady_clock::now() + 100ms);
        }
        std::printf("OpenTSDB acknowledged %llu, VictoriaMetrics %llu of %llu\n",
                    static_cast<unsigned long long>(both.account(0).acked),
                    static_cast<unsigned long long>(both.account(1).acked),
                    static_cast<unsigned long long>(both.account(1).accepted));
        victoria.start();
        both.flush(soon());
        show("caught up", opentsdb, victoria);
    }
    // 3. The new TSD comes first, and the old one gets copies. So you can still go back.
    {
        Tee both{to_victoria(), to_opentsdb()};
        const Point points[] = {order(4)};
        both.publish(points);
        both.flush(soon());
        show("turned round", opentsdb, victoria);
    }
    // 4. The old TSD is not needed any more. To go back, you would have repeated step 1 with exchanged names.
    Buffered alone = to_victoria();
    const Point points[] = {order(5)};
    alone.publish(points);
    alone.flush(soon());
    show("moved", opentsdb, victoria);
}
