// SPDX-License-Identifier: MIT
// A file that an earlier version of this program wrote: every later version reads it.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <point/line_formatter.hpp>
#include <spool/points.hpp>
#include <spool/store.hpp>

#include "support/catch.hpp"
#include "support/memory_disk.hpp"
#include "support/spools.hpp"

namespace {

using namespace tickertape;
using namespace tickertape::spool;

std::string bytes_of(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes.push_back(static_cast<char>(std::stoi(std::string{hex.substr(i, 2)}, nullptr, 16)));
    }
    return bytes;
}

/// The points as put lines.
std::string text_of(const std::vector<Point>& points) {
    point::LineFormatter formatter{{}};
    std::string text;
    std::vector<char> line(max_line + 1);
    for (const Point& point : points) {
        text.append(line.data(), formatter.write(point, line.data()).size);
    }
    return text;
}

// Written by `tickertape push` of November 2026.
constexpr std::string_view version_1 = "545453504f4f4c0a0100000064e88798838d7c57beac41ec0000000000000000"
                                       "00000000000000000000000000000000f35e0a57307cec18cbaaa37500000000"
                                       "545452317d000000000000000000000003000000cb2e4e28c37088060300cac4"
                                       "71fe9c971707000000000000000000000000000000000a00130073686f702e71"
                                       "75657565686f73743d776562303120736974653d6c67610100945fadfe9c9717"
                                       "080000000000000002804646bcfe9c9717000000000000e03f40420f00000000"
                                       "000009000a0073686f702e6c6f6164686f73743d7765623031";

} // namespace

TEST_CASE("a spool's file of version 1 is read") {
    test::MemoryDisk disk;
    disk.put("/spool/0000000000000000.seg", bytes_of(version_1));
    const auto store = test::open_store(disk);
    REQUIRE(store);
    CHECK(store->counts().recovered == 3);
    const auto taken = store->take();
    REQUIRE(taken);
    Decoder decoder;
    std::vector<Point> points;
    REQUIRE(decoder.decode(taken->payload, points));
    CHECK(text_of(points) == "put shop.queue 1700000001 7 host=web01 site=lga\n"
                             "put shop.queue 1700000002 8 host=web01 site=lga\n"
                             "put shop.load 1700000002250 0.5 host=web01\n");
    CHECK_FALSE(store->take());
}
