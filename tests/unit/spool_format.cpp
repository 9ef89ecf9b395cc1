// SPDX-License-Identifier: MIT
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <spool/crc32c.hpp>
#include <spool/points.hpp>
#include <spool/ranges.hpp>

#include "support/catch.hpp"
#include "support/seed.hpp"

namespace {

using namespace std::chrono_literals;
using namespace tickertape;
using namespace tickertape::spool;

std::string_view payload_of(const Encoded& encoded) {
    return std::string_view{encoded.record.data(), encoded.record.size()}.substr(record_header_size);
}

} // namespace

TEST_CASE("checksums are CRC-32C, by table and by instruction") {
    CHECK(crc32c("123456789") == 0xe3069283);
    CHECK(crc32c_by_table("123456789") == 0xe3069283);
    const std::string zeros(32, '\0');
    CHECK(crc32c(zeros) == 0x8a9136aa); // RFC 3720, B.4
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    std::string bytes(300, '\0');
    std::generate(bytes.begin(), bytes.end(), [&random] { return static_cast<char>(random()); });
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
        const std::string_view part{bytes.data(), size};
        REQUIRE(crc32c(part) == crc32c_by_table(part));
        REQUIRE(crc32c(part.substr(size / 3), crc32c(part.substr(0, size / 3))) == crc32c(part));
    }
}

TEST_CASE("ranges are a set of numbers") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    Ranges ranges;
    std::set<std::uint64_t> model;
    for (int i = 0; i < 5'000; ++i) {
        const std::uint64_t from = test::up_to(random, 200);
        const Range range{.from = from, .to = from + test::up_to(random, 20)};
        const bool adds = test::once_in(random, 2);
        std::uint64_t changed = 0;
        for (std::uint64_t number = range.from; number < range.to; ++number) {
            changed += adds ? (model.insert(number).second ? 1 : 0) : model.erase(number);
        }
        REQUIRE((adds ? ranges.add(range) : ranges.remove(range)) == changed);
        REQUIRE(ranges.size() == model.size());
        std::uint64_t end = 0;
        std::uint64_t sum = 0;
        for (const Range& part : ranges.all()) {
            REQUIRE(part.size() > 0);
            REQUIRE((part.from > end || sum == 0)); // they do not touch
            REQUIRE(model.contains(part.from));
            end = part.to;
            sum += part.size();
        }
        REQUIRE(sum == model.size());
    }
}

TEST_CASE("a header is read as it was written") {
    const SegmentHeader header{.spool = UINT64_MAX, .serial = 3, .first = 5, .prior_end = 4, .created = WallTime{7ns}};
    SegmentHeader read;
    CHECK(read_segment_header(to_bytes(header), read) == HeaderKind::good);
    CHECK(read == header);
    CHECK(read_segment_header("", read) == HeaderKind::damaged);
}

TEST_CASE("points come back as they were, with all that their text is made from") {
    const std::vector<Point> points{
        {Series{"a"}, WallTime{1ns}, 1},
        {Series{"a", {{"k", "v"}, {"host", "h"}}, {.step = 15s}}, WallTime{1'600'000'000s}, -5},
        {Series{"a", {{"k", "v"}, {"host", "h"}}, {.step = 15s}}, WallTime{1'600'000'015s}, INT64_MIN},
        {Series{"a", {{"k", "v"}}, {.step = 1ms, .reserve_host_tag = false, .merge = SeriesOptions::Merge::timing}},
         WallTime{-1ns}, 0.1},
        {Series{"b.c/d-e_f", {{"k", "v"}}}, WallTime{5s}, 1e300},
    };
    Encoder encoder;
    const Encoded encoded = encoder.encode(points);
    CHECK(encoded.points == points.size());
    const std::string payload{payload_of(encoded)};
    Decoder decoder;
    std::vector<Point> read;
    CHECK(decoder.decode(payload, read));
    CHECK(read == points);
    CHECK(decoder.decode(payload, read)); // with the series that it remembers
    CHECK(read.size() == 2 * points.size());

    // Checksums guard payloads, but a process that can write the files can make checksums, too.
    for (std::size_t bit = 0; bit < payload.size() * 8; ++bit) {
        std::string odd = payload;
        odd[bit / 8] ^= static_cast<char>(1U << bit % 8);
        read.clear();
        const bool makes_sense = decoder.decode(odd, read);
        REQUIRE(read.size() <= points.size() + 1);
        REQUIRE((makes_sense || read.empty()));
    }
    for (std::size_t size = 0; size < payload.size(); ++size) {
        read.clear();
        const bool makes_sense = decoder.decode(std::string_view{payload}.substr(0, size), read);
        REQUIRE((makes_sense || read.empty()));
        REQUIRE(read.size() < points.size());
    }
}

TEST_CASE("a record holds as many points as fit") {
    const std::string name(700, 'x');
    std::vector<Point> points;
    for (int i = 0; i < 1'000; ++i) {
        points.emplace_back(Series{std::string_view{name}, {{"k", std::string_view{std::to_string(i)}}}}, WallTime{1s},
                            i);
    }
    Encoder encoder;
    Decoder decoder;
    std::vector<Point> read;
    for (std::span<const Point> left{points}; !left.empty();) {
        const Encoded encoded = encoder.encode(left);
        REQUIRE(encoded.points > 0);
        REQUIRE(encoded.record.size() <= record_header_size + max_payload);
        REQUIRE(decoder.decode(payload_of(encoded), read));
        left = left.subspan(encoded.points);
    }
    CHECK(read == points);
}
