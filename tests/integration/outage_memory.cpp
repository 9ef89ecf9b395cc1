// SPDX-License-Identifier: MIT
// The memory that a queue took in an outage is given back.
#include <chrono>
#include <string>
#include <thread>

#include <tickertape/testkit/fake_tsd.hpp>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/process.hpp"

namespace {

using namespace std::chrono_literals;
using tickertape::testkit::FakeTsd;

constexpr long long outage_kb = 2'500; // 100,000 points need at least this much
constexpr long long promised_kb = 1'024;

long long tell(test::Process& process, long long points) {
    process.in.write(std::to_string(points) + "\n");
    return std::stoll(process.out.read_line(test::at_some_time).value());
}

} // namespace

TEST_CASE("After an outage a client gives back the memory that its queue took") {
    const std::string scheme = GENERATE("", "http://");
    CAPTURE(scheme);
    FakeTsd tsd;
    test::Process process{
        {.program = test::test_program("outlives_outage"), .arguments = {scheme + tsd.address()}, .in = test::Pipe{}}};
    for (int i = 0; i < 20; ++i) { // until buffers have the size of normal work
        tell(process, 500);
        tell(process, 0);
    }
    const long long before = tell(process, 0);
    tsd.stop();
    const long long during = tell(process, 100'000);
    REQUIRE(during > before + outage_kb);
    tsd.start();
    tell(process, 0);
    long long after = during;
    CHECK(test::eventually([&] {
        std::this_thread::sleep_for(500ms);
        tell(process, 10);
        after = tell(process, 0);
        return after <= before + promised_kb;
    }));
    CAPTURE(before, during, after);
    CHECK(after <= before + promised_kb);
}
