// SPDX-License-Identifier: MIT
// The labels of rows in `tickertape watch` if names do not fit: different rows look different.
#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <cli/watch/labels.hpp>

#include "support/catch.hpp"
#include "support/seed.hpp"

using test::once_in;
using test::Random;
using test::up_to;
using tickertape::cli::watch::common_parts;
using tickertape::cli::watch::labels_for;
using tickertape::cli::watch::shortened;

namespace {

using Names = std::vector<std::string>;

Names labels(const Names& names, std::size_t width) {
    const std::vector<std::string_view> views{names.begin(), names.end()};
    return labels_for(views, width);
}

std::string part(Random& random) {
    static const Names words{"a", "proc", "net", "bytes", "max", "median", "read_requests", "x"};
    return once_in(random, 8) ? std::string(1 + up_to(random, 90), 'w') : words[random() % words.size()];
}

std::string random_name(Random& random) {
    std::string name = part(random);
    for (std::size_t i = up_to(random, 5); i > 0; --i) {
        name.append(".").append(part(random));
    }
    for (const char* const key : {"cpu", "dev", "mount"}) {
        if (once_in(random, 2)) {
            name.append(" ").append(key).append("=").append(part(random)).append(part(random));
        }
    }
    return name;
}

} // namespace

TEST_CASE("watch: names that fit stay as they are") {
    const Names names{"shop.requests", "shop.queue site=lga"};
    CHECK(labels(names, 19) == names);
    CHECK(labels({}, 10).empty());
}

TEST_CASE("watch: labels keep the parts that distinguish rows") {
    CHECK(labels({"proc.net.burst.bytes.max direction=in iface=lo", "proc.net.burst.bytes.max direction=out iface=lo",
                  "proc.net.burst.bytes.median direction=in iface=lo"},
                 26) == Names{"~max direction=in", "~max direction=out", "~median"});
    CHECK(labels({"proc.net.burst.bytes.max direction=in iface=eth0", "proc.net.burst.bytes.max direction=out iface=lo",
                  "proc.net.burst.bytes.median direction=out iface=lo"},
                 22) == Names{"~max in eth0", "~max out lo", "~median"});
    CHECK(labels({"iostat.disk.read_requests dev=sda", "iostat.disk.read_requests dev=sdb", "proc.loadavg.1min"}, 24) ==
          Names{"iostat~read_requests sda", "iostat~read_requests sdb", "proc.loadavg.1min"});
}

TEST_CASE("watch: labels show a difference in the middle of a long value, and number rows that are still equal") {
    const std::string layer = "/var/lib/docker/overlay2/";
    CHECK(labels({"df.used mount=" + layer + "aaaaaaaaaaaa/merged", "df.used mount=" + layer + "bbbbbbbbbbbb/merged"},
                 24) == Names{"~used /var/~aaaaa/merged", "~used /var/~bbbbb/merged"});
    CHECK(labels({"df.used mount=" + layer + "3f1aaaaaaaaa/merged", "df.used mount=" + layer + "3f2aaaaaaaaa/merged"},
                 24) == Names{"~3f1aaaaaaaaa/merged", "~3f2aaaaaaaaa/merged"});
    const Names numbered =
        labels({"m a=" + std::string(40, 'x') + "1" + std::string(40, 'y'),
                "m a=" + std::string(40, 'x') + "2" + std::string(40, 'y'), "m a=" + std::string(40, 'z')},
               12);
    CHECK(std::set<std::string>{numbered.begin(), numbered.end()}.size() == 3);
}

TEST_CASE("watch: labels of names that differ differ, and fit") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    Random random{seed};
    for (int round = 0; round < 300; ++round) {
        std::set<std::string> all;
        for (std::size_t i = up_to(random, 60); i > 0; --i) {
            all.insert(random_name(random));
        }
        const Names names{all.begin(), all.end()};
        for (const std::size_t width : {1U, 5U, 12U, 26U, 40U}) {
            const Names its = labels(names, width);
            REQUIRE(its.size() == names.size());
            CHECK(std::all_of(its.begin(), its.end(), [&](const auto& label) { return label.size() <= width; }));
            if (width >= 12) {
                CAPTURE(names, its);
                CHECK(std::set<std::string>{its.begin(), its.end()}.size() == names.size());
            }
        }
    }
}

TEST_CASE("watch: the common beginning of metrics ends with a whole part") {
    using Views = std::vector<std::string_view>;
    CHECK(common_parts(Views{"a.b.c x=1", "a.b.d"}) == "a.b");
    CHECK(common_parts(Views{"a.bc", "a.bd"}) == "a");
    CHECK(common_parts(Views{"a.b", "a.b.c"}) == "a.b");
    CHECK(common_parts(Views{"a.b.c", "a.b"}) == "a.b");
    CHECK(common_parts(Views{"a.b", "c.d"}).empty());
    CHECK(common_parts(Views{"a.b", "a.b"}) == "a.b");
    CHECK(common_parts(Views{}).empty());
}

TEST_CASE("watch: a text is shortened in its middle") {
    CHECK(shortened("abcdefgh", 8) == "abcdefgh");
    CHECK(shortened("abcdefgh", 5) == "ab~gh");
    CHECK(shortened("abcdefgh", 1) == "~");
    CHECK(shortened("abcdefgh", 0).empty());
}
