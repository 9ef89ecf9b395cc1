// SPDX-License-Identifier: MIT
#include <algorithm>
#include <deque>
#include <functional>
#include <set>
#include <string>
#include <utility>

#include <push/refusals.hpp>
#include <support/catch.hpp>
#include <support/seed.hpp>

using namespace tickertape::push;

namespace {

PutPoints numbered(std::size_t count) {
    PutPoints points;
    for (std::size_t i = 0; i < count; ++i) {
        points.add("{" + std::to_string(i) + "}");
    }
    return points;
}

/// A server, and the results of sending all of `points` to it, one request after the other, until nothing is left to send.
struct Run {
    explicit Run(PutPoints points) : all{points.size()} { waiting.push_back({.points = std::move(points)}); }

    void go(const std::function<std::vector<PointResult>(const PutPoints&)>& server) {
        std::move(suspended.begin(), suspended.end(), std::back_inserter(waiting));
        suspended.clear();
        while (!waiting.empty()) {
            PutWork work = std::move(waiting.front());
            waiting.pop_front();
            ++requests;
            const std::vector<PointResult> results = server(work.points);
            Settlement settlement = refusals.settle(std::move(work), results, stored > 0);
            stored += settlement.stored;
            for (std::size_t i = 0; i < settlement.rejected.size(); ++i) {
                rejected.insert(std::string{settlement.rejected.object(i)});
            }
            auto& list = settlement.is_wholesale ? suspended : waiting;
            list.insert(list.begin(), std::make_move_iterator(settlement.again.begin()),
                        std::make_move_iterator(settlement.again.end()));
            if (settlement.stored > 0) {
                std::move(suspended.begin(), suspended.end(), std::back_inserter(waiting));
                suspended.clear();
            }
            // None is lost on the way.
            std::size_t kept = refusals.held();
            for (const auto* each : {&waiting, &suspended}) {
                for (const PutWork& one : *each) {
                    kept += one.points.size();
                }
            }
            REQUIRE(stored + rejected.size() + kept == all);
        }
    }

    Refusals refusals;
    std::deque<PutWork> waiting;
    std::size_t all;
    std::size_t stored = 0;
    std::multiset<std::string> rejected;
    std::size_t requests = 0;
    std::deque<PutWork> suspended; // until the server accepts another point
    [[nodiscard]] bool paused() const { return !suspended.empty(); }
};

/// Reports only that there are bad points, if there are any.
std::function<std::vector<PointResult>(const PutPoints&)> vague(const std::set<std::string>& bad) {
    return [bad](const PutPoints& points) {
        bool is_bad = false;
        for (std::size_t i = 0; i < points.size(); ++i) {
            is_bad = is_bad || bad.contains(std::string{points.object(i)});
        }
        return std::vector<PointResult>(points.size(), is_bad ? PointResult::unsure : PointResult::stored);
    };
}

/// Names the bad points.
std::function<std::vector<PointResult>(const PutPoints&)> exact(const std::set<std::string>& bad) {
    return [bad](const PutPoints& points) {
        std::vector<PointResult> results;
        for (std::size_t i = 0; i < points.size(); ++i) {
            results.push_back(bad.contains(std::string{points.object(i)}) ? PointResult::refused : PointResult::stored);
        }
        return results;
    };
}

std::set<std::string> all_of(std::size_t count) {
    std::set<std::string> bad;
    for (std::size_t i = 0; i < count; ++i) {
        bad.insert("{" + std::to_string(i) + "}");
    }
    return bad;
}

} // namespace

TEST_CASE("named points are rejected, the others are stored, in one request") {
    Run run{numbered(1000)};
    run.go(exact({"{3}", "{999}"}));
    CHECK(run.stored == 998);
    CHECK(run.rejected == std::multiset<std::string>{"{3}", "{999}"});
    CHECK(run.requests == 1);
    CHECK(!run.paused());
}

TEST_CASE("one bad point of a thousand that no answer names is found, and only that is lost") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    for (int round = 0; round < 200; ++round) {
        const std::string bad = "{" + std::to_string(test::up_to(random, 999)) + "}";
        Run run{numbered(1000)};
        run.go(vague({bad}));
        REQUIRE(run.rejected == std::multiset<std::string>{bad});
        REQUIRE(run.stored == 999);
        REQUIRE(run.requests <= 1 + 10 + 2 * 10);
    }
}

TEST_CASE("any bad points are found, as long as they are few") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    for (int round = 0; round < 300; ++round) {
        const std::size_t count = 1 + test::up_to(random, 300);
        std::set<std::string> bad;
        for (std::size_t i = 0; i < count / 20; ++i) {
            bad.insert("{" + std::to_string(test::up_to(random, count - 1)) + "}");
        }
        Run run{numbered(count)};
        run.go(vague(bad));
        REQUIRE_FALSE(run.paused());
        REQUIRE(std::set<std::string>(run.rejected.begin(), run.rejected.end()) == bad);
        REQUIRE(run.stored == count - bad.size());
    }
}

TEST_CASE("a server that refuses everything is not believed: nothing is rejected") {
    for (const std::size_t count : {10U, 11U, 1000U}) {
        CAPTURE(count);
        Run unnamed{numbered(count)};
        unnamed.go(vague(all_of(count)));
        CHECK(unnamed.paused());
        CHECK(unnamed.rejected.empty());
        CHECK(unnamed.requests == 11); // the whole, and samples
        Run named{numbered(count)};
        named.go(exact(all_of(count)));
        CHECK(named.paused());
        CHECK(named.rejected.empty());
        CHECK(named.requests == 1);
        // When it accepts points again, all are stored.
        named.go(exact({}));
        CHECK(named.stored == count);
    }
}

TEST_CASE("a server that takes one point is believed about the others, however many it refuses") {
    Run named{numbered(20)};
    named.go(exact(all_of(19)));
    CHECK(named.rejected.size() == 19);
    CHECK(named.stored == 1);
    Run unnamed{numbered(20)};
    auto bad = all_of(20);
    bad.erase("{7}"); // which is a sample
    unnamed.go(vague(bad));
    CHECK(unnamed.rejected.size() == 19);
    CHECK(unnamed.stored == 1);
}

TEST_CASE("a single point that is refused by a server that has accepted none is kept, unless the server names it") {
    Run unnamed{numbered(1)};
    unnamed.go(vague(all_of(1)));
    CHECK(unnamed.paused());
    CHECK(unnamed.rejected.empty());
    Run named{numbered(1)};
    named.go(exact(all_of(1)));
    CHECK(named.rejected.size() == 1);
}

TEST_CASE("points of metrics that the server does not know are apart from those that it refuses") {
    Refusals refusals;
    const Settlement settlement =
        refusals.settle({.points = numbered(20)}, std::vector<PointResult>(20, PointResult::unknown), false);
    CHECK(settlement.unknown.size() == 20);
    CHECK(settlement.rejected.empty());
    CHECK(settlement.again.empty());
    CHECK_FALSE(settlement.is_wholesale);
}

TEST_CASE("small requests in a row count together, so that fewer than ten points are lost to a server that refuses "
          "everything") {
    for (const bool names : {true, false}) {
        CAPTURE(names);
        Refusals refusals;
        std::size_t rejected = 0;
        bool paused = false;
        for (int request = 0; request < 50; ++request) {
            std::deque<PutWork> waiting;
            waiting.push_back({.points = numbered(4)});
            while (!waiting.empty()) {
                PutWork work = std::move(waiting.front());
                waiting.pop_front();
                const std::size_t points = work.points.size();
                Settlement settlement = refusals.settle(
                    std::move(work),
                    std::vector<PointResult>(points, names ? PointResult::refused : PointResult::unsure), false);
                rejected += settlement.rejected.size();
                paused = paused || settlement.is_wholesale;
                if (!settlement.is_wholesale) {
                    waiting.insert(waiting.begin(), std::make_move_iterator(settlement.again.begin()),
                                   std::make_move_iterator(settlement.again.end()));
                }
            }
        }
        CHECK(paused);
        CHECK(rejected < 10);
    }
}

TEST_CASE("bad points far from each other in small requests are rejected, however many there are") {
    Refusals refusals;
    for (int request = 0; request < 100; ++request) {
        const Settlement settlement = refusals.settle(
            {.points = numbered(3)}, {PointResult::stored, PointResult::refused, PointResult::stored}, false);
        REQUIRE(!settlement.is_wholesale);
        REQUIRE(settlement.rejected.size() == 1);
    }
}

TEST_CASE("points to retry keep their state") {
    Refusals refusals;
    const Settlement settlement = refusals.settle({.points = numbered(3), .sent = Sent::in_doubt},
                                                  {PointResult::again, PointResult::stored, PointResult::again}, false);
    CHECK(settlement.stored == 1);
    REQUIRE(settlement.again.size() == 1);
    CHECK(settlement.again[0].points.text == "{0},{2}");
    CHECK(settlement.again[0].sent == Sent::in_doubt);
    CHECK(!settlement.is_wholesale);
}

TEST_CASE("a server that begins to accept points while samples are sent loses nothing") {
    for (int refused = 1; refused <= 10; ++refused) {
        CAPTURE(refused);
        Run run{numbered(100)};
        int left = refused + 1; // the whole, too
        while (run.stored < 100) {
            run.go([&](const PutPoints& points) {
                return std::vector<PointResult>(points.size(), left-- > 0 ? PointResult::unsure : PointResult::stored);
            });
        }
        CHECK(run.rejected.empty());
    }
}

TEST_CASE("samples whose storage fails meanwhile stay samples") {
    Run run{numbered(100)};
    int failures = 5;
    const auto server = vague({"{50}"});
    run.go([&](const PutPoints& points) {
        if (points.size() == 1 && failures-- > 0) {
            return std::vector<PointResult>{PointResult::again};
        }
        return server(points);
    });
    CHECK(run.rejected == std::multiset<std::string>{"{50}"});
    CHECK(run.stored == 99);
}
