// SPDX-License-Identifier: MIT
// Lines of a child become points, or are refused with a reason.
#include <memory>
#include <string>
#include <vector>

#include <tickertape/line.hpp>

#include <cli/agent/intake.hpp>
#include <cli/agent/put_flags.hpp>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using tickertape::Point;
using tickertape::Tags;
using tickertape::WallTime;
using tickertape::cli::agent::bad_series;
using tickertape::cli::agent::bad_time;
using tickertape::cli::agent::drop_rule;
using tickertape::cli::agent::foreign_host;
using tickertape::cli::agent::foreign_host_of;
using tickertape::cli::agent::ForeignHost;
using tickertape::cli::agent::Intake;
using tickertape::cli::agent::IntakeOptions;
using tickertape::cli::agent::out_of_order;
using tickertape::cli::agent::rename_rule;
using tickertape::cli::agent::retag_rule;
using tickertape::cli::agent::Rules;
using tickertape::cli::agent::too_many_series;
using tickertape::cli::lines::LineFault;

namespace {

constexpr WallTime now{1'700'000'100s};

/// An intake; `take` returns `METRIC TIMESTAMP VALUE TAGS` for each point.
struct Taken {
    explicit Taken(const IntakeOptions& options = {.tags = {{"host", "h"}}})
        : intake{std::make_shared<const IntakeOptions>(options)} {}

    std::vector<std::string> take(const std::vector<std::string>& lines) {
        std::vector<Point> points;
        for (const std::string& line : lines) {
            intake.take(line, now, points);
        }
        std::vector<std::string> texts;
        for (const Point& point : points) {
            texts.push_back(
                std::string{point.series().metric()} + " " +
                std::to_string(
                    std::chrono::duration_cast<std::chrono::milliseconds>(point.time().time_since_epoch()).count()) +
                " " + to_string(point.value()) + " " + std::string{point.series().tags_text()});
        }
        return texts;
    }
    [[nodiscard]] std::uint64_t refused(std::size_t why) const { return intake.counts().refused[why]; }
    [[nodiscard]] std::uint64_t refused(LineFault why) const { return refused(static_cast<std::size_t>(why)); }

    Intake intake;
};

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("agent: a line gets the tags that it lacks") {
    Taken taken{{.tags = {{"host", "h"}, {"pool", "p"}}}};
    CHECK(taken.take({"m 1700000000 1", "m 1700000001 2 a=b host=own", "m 1700000002 3 pool=q"}) ==
          Texts{"m 1700000000000 1 host=h pool=p", "m 1700000001000 2 a=b host=own pool=p",
                "m 1700000002000 3 host=h pool=q"});
}

TEST_CASE("agent: tabs, runs of blanks and a put in front are taken, and blank lines do not count") {
    Taken taken;
    CHECK(taken.take({"m\t1700000000  1\ta=b\r", "  m 1700000001 2 a=b ", "put m 1700000002 3 a=b", "", " \t\r"}) ==
          Texts{"m 1700000000000 1 a=b host=h", "m 1700000001000 2 a=b host=h", "m 1700000002000 3 a=b host=h"});
    CHECK(taken.intake.counts().lines == 3);
    CHECK(taken.intake.counts().all_refused() == 0);
}

TEST_CASE("agent: a put line without tags gets those of the agent, unless lines are taken as by a TSD") {
    Taken taken;
    CHECK(taken.take({"put m 1700000000 1", "put\tm\t1700000001\t2"}) ==
          Texts{"m 1700000000000 1 host=h", "m 1700000001000 2 host=h"});
    CHECK(taken.take({"put m 1700000002"}).empty());
    Taken as_tsd{{.tags = {{"host", "h"}}, .puts_need_tags = true}};
    CHECK(as_tsd.take({"put m 1700000000 1", "put m 1700000000 1 a=b"}) == Texts{"m 1700000000000 1 a=b host=h"});
    CHECK(as_tsd.refused(LineFault::no_tags) == 1);
    Taken without_tags{{.tags = {}}};
    CHECK(without_tags.take({"put m 1700000000 1"}).empty());
    CHECK(without_tags.refused(LineFault::no_tags) == 1);
}

TEST_CASE("agent: a line that no TSD would store is refused and counted by its fault, without harm to other lines") {
    Taken taken;
    CHECK(taken
              .take({"# comment", "m x 1", "m 1700000000 nan", "m 1700000000 true", "m 1700000000 1 a=b:c",
                     "m\xc3\xa9 1700000000 1", "m 1700000000 1 a=1 b=1 c=1 d=1 e=1 f=1 g=1 h=1 i=1",
                     "m 1700000000 1 a=1 a=2", std::string(2'000, 'x'), "m 1700000000 1"})
              .size() == 1);
    CHECK(taken.refused(LineFault::value) == 2);
    CHECK(taken.refused(LineFault::stamp) == 1);
    CHECK(taken.refused(LineFault::tag) == 1);
    CHECK(taken.refused(LineFault::metric) == 2);
    CHECK(taken.refused(LineFault::too_many_tags) == 1);
    CHECK(taken.refused(LineFault::repeated_tag) == 1);
    CHECK(taken.refused(LineFault::too_long) == 1);
    CHECK(taken.intake.counts().lines == 10);
    CHECK(taken.intake.counts().all_refused() == 9);
}

TEST_CASE("agent: eight tags of a line's own and a host tag are one too many") {
    Taken taken;
    CHECK(taken.take({"m 1700000000 1 a=1 b=1 c=1 d=1 e=1 f=1 g=1 i=1", "m 1700000000 1 a=1 b=1 c=1 d=1 e=1 f=1 g=1"})
              .size() == 1);
    CHECK(taken.refused(bad_series) == 1);
}

TEST_CASE("agent: a timestamp that is not after the last one of its series is refused, as by tcollector") {
    Taken taken;
    CHECK(taken.take({"m 1700000010 1", "m 1700000010 2", "m 1700000009 3", "m 1700000009 4 a=b", "m 1700000011 5"}) ==
          Texts{"m 1700000010000 1 host=h", "m 1700000009000 4 a=b host=h", "m 1700000011000 5 host=h"});
    CHECK(taken.refused(out_of_order) == 2);
    SECTION("a new process may begin with an older one") {
        taken.intake.forget();
        CHECK(taken.take({"m 1700000005 1"}).size() == 1);
    }
    SECTION("without deduplication the order is not checked") {
        Taken all{{.tags = {{"host", "h"}}, .checks_order = false}};
        CHECK(all.take({"m 1700000010 1", "m 1700000009 3"}).size() == 2);
    }
}

TEST_CASE("agent: one point far in the future does not shut out later points of its series") {
    Taken taken;
    CHECK(taken.take({"m 3000000000 1", "m 1700000000 2", "m 1700000001 3"}).size() == 3);
    CHECK(taken.take({"m 4400000000000 1"}).empty());
    CHECK(taken.refused(bad_time) == 1);
}

TEST_CASE("agent: each metric gets the prefix") {
    Taken taken{{.tags = {{"host", "h"}}, .prefix = "team."}};
    CHECK(taken.take({"m 1700000000 1"}) == Texts{"team.m 1700000000000 1 host=h"});
}

TEST_CASE("agent: more series than --max-series are refused, and those before go on") {
    Taken taken{{.tags = {{"host", "h"}}, .max_series = 2}};
    CHECK(
        taken.take({"a 1700000000 1", "b 1700000000 1", "c 1700000000 1", "a 1700000001 1", "c 1700000001 1"}).size() ==
        3);
    CHECK(taken.refused(too_many_series) == 2);
}

TEST_CASE("agent: a line of more bytes than --max-line is refused") {
    Taken taken{{.tags = {{"host", "h"}}, .max_line = 20}};
    CHECK(taken.take({"m 1700000000 1", "m 1700000001 1 a=" + std::string(20, 'x')}).size() == 1);
    CHECK(taken.refused(LineFault::too_long) == 1);
}

TEST_CASE("agent: rules drop, rename and retag metrics, one after the other") {
    Taken taken{{.tags = {{"host", "h"}, {"cluster", "c"}},
                 .rules = Rules{{drop_rule("noise.*"), rename_rule("proc.*.cpu=host.*.processor"),
                                 retag_rule("host.*:tier=web"), retag_rule("*:cluster=")}}}};
    CHECK(taken.take({"noise.a 1700000000 1", "proc.x.cpu 1700000000 2", "other 1700000000 3"}) ==
          Texts{"host.x.processor 1700000000000 2 host=h tier=web", "other 1700000000000 3 host=h"});
    CHECK(taken.intake.counts().dropped == 1);
    CHECK(taken.intake.counts().all_refused() == 0);
}

TEST_CASE("agent: an invalid rule is refused with its text") {
    CHECK_THROWS_WITH(drop_rule(""), "the rule '' names no metric");
    CHECK_THROWS_WITH(rename_rule("a"), "the rule 'a' is no GLOB=NAME");
    CHECK_THROWS_WITH(rename_rule("a=b=c"), "the rule 'a=b=c' has the illegal character '=' in the new name");
    CHECK_THROWS_WITH(rename_rule("a*=b*c*"), "the rule 'a*=b*c*' has more stars in the new name than in the old one");
    CHECK_THROWS_WITH(retag_rule("a=b"), "the rule 'a=b' is no GLOB:KEY=VALUE");
    CHECK_THROWS(retag_rule("a:k=x y"));
}

TEST_CASE("agent: a last line without a newline is refused and counted") {
    Taken taken;
    taken.intake.cut_off("m 1700000000 1");
    taken.intake.cut_off("");
    CHECK(taken.refused(LineFault::cut_off) == 1);
}

TEST_CASE("agent: a host tag of another host stays, is replaced or refused, before rules apply") {
    const auto setting = GENERATE(ForeignHost::keep, ForeignHost::replace, ForeignHost::refuse);
    Taken taken{{.tags = {{"host", "h"}}, .rules = Rules{{retag_rule("*:from=x")}}, .foreign_host = setting}};
    const Texts texts =
        taken.take({"put m 1700000000 1 host=other", "put m 1700000001 2 host=h", "m 1700000001 3 a=b"});
    const Texts own{"m 1700000001000 2 from=x host=h", "m 1700000001000 3 a=b from=x host=h"};
    REQUIRE(texts.size() >= own.size());
    CHECK(Texts{texts.end() - 2, texts.end()} == own);
    CHECK(taken.refused(foreign_host) == (setting == ForeignHost::refuse ? 1 : 0));
    if (setting != ForeignHost::refuse) {
        CHECK(texts.front() == (setting == ForeignHost::keep ? "m 1700000000000 1 from=x host=other"
                                                             : "m 1700000000000 1 from=x host=h"));
    }
}

TEST_CASE("agent: --put-host is one of three, and needs a host of the agent") {
    const Tags host{{"host", "h"}};
    CHECK(foreign_host_of({.host = "keep"}, Tags{}) == ForeignHost::keep);
    CHECK(foreign_host_of({.host = "replace"}, host) == ForeignHost::replace);
    CHECK(foreign_host_of({.host = "refuse"}, host) == ForeignHost::refuse);
    CHECK_THROWS_WITH(foreign_host_of({.host = "refuse"}, Tags{}), "--put-host refuse needs a host tag of the agent");
    CHECK_THROWS_WITH(foreign_host_of({.host = "drop"}, host),
                      "--put-host must be keep, replace or refuse, not 'drop'");
}
