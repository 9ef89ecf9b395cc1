// SPDX-License-Identifier: MIT
// Each rule of each target, on lines to which it applies and on lines to which it just does not.
#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <cli/lint/linter.hpp>

#include "support/catch.hpp"
#include "support/lint_examples.hpp"
#include "support/seed.hpp"

namespace {

using namespace tickertape::cli::lint;

constexpr std::array all_targets{Target::tcollector, Target::opentsdb, Target::victoriametrics, Target::influxdb};

struct Found {
    std::size_t line;
    Fault fault;
    Harm harm;
    std::string sentence;
};

std::vector<Found> lint(Target target, std::string_view text, LinterOptions options = {}) {
    options.target = target;
    options.host = test::lint_host;
    Linter linter{options};
    std::vector<Found> found;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = text.find('\n');
        for (const Finding& finding : linter.add(text.substr(0, end), end != std::string_view::npos, test::lint_now)) {
            found.push_back({number, finding.rule->fault, finding.rule->harm, finding.sentence()});
        }
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
    return found;
}

bool has(const std::vector<Found>& found, Fault fault) {
    return std::any_of(found.begin(), found.end(), [&](const Found& one) { return one.fault == fault; });
}

std::string listed(const std::vector<Found>& found) {
    std::string text;
    for (const Found& one : found) {
        text.append(name_of(one.fault)).append(" in line ").append(std::to_string(one.line)).append("\n");
    }
    return text;
}

} // namespace

TEST_CASE("Each rule of lint has lines that fall under it and lines that just do not") {
    for (const test::LintExample& example : test::lint_examples()) {
        CAPTURE(name_of(example.target), name_of(example.fault));
        const auto bad = lint(example.target, test::with_metric(example.bad, "m"));
        const auto good = lint(example.target, test::with_metric(example.good, "m"));
        CAPTURE(example.bad.substr(0, 200), listed(bad), example.good.substr(0, 200), listed(good));
        CHECK(has(bad, example.fault));
        CHECK(bad.size() == 1 + (example.fault == Fault::queue ? 1 : 0)); // because it comes after `rate`
        CHECK_FALSE(has(good, example.fault));
        CHECK(good.size() == (example.fault == Fault::queue ? 1U : 0U));
    }
}

TEST_CASE("The examples of lint cover all rules of all targets") {
    std::set<std::pair<Target, Fault>> shown;
    for (const test::LintExample& example : test::lint_examples()) {
        CHECK(shown.emplace(example.target, example.fault).second);
    }
    for (const Target target : all_targets) {
        for (const Rule& rule : rules_of(target)) {
            CAPTURE(name_of(target), name_of(rule.fault));
            CHECK(shown.erase({target, rule.fault}) == 1);
        }
    }
    CHECK(shown.empty());
}

TEST_CASE("Rules of lint have a name, an effect, a remedy and a source, and are in their table once") {
    for (const Target target : all_targets) {
        std::set<Fault> seen;
        for (const Rule& rule : rules_of(target)) {
            CAPTURE(name_of(target), name_of(rule.fault));
            CHECK(seen.insert(rule.fault).second);
            CHECK_FALSE(name_of(rule.fault).empty());
            CHECK(rule.effect.size() > 10);
            CHECK(rule.remedy.size() > 5);
            CHECK_FALSE(rule.source.empty());
        }
        CHECK(target_named(name_of(target)) == target);
    }
    CHECK_FALSE(target_named("graphite").has_value());
}

TEST_CASE("A finding of lint names the rule, the word, the effect and the remedy") {
    const auto found = lint(Target::tcollector, "m 1700000000 1 a=b\nm 1700000001 nan a=b\n");
    REQUIRE(found.size() == 1);
    CHECK(found[0].line == 2);
    CHECK(found[0].harm == Harm::dropped);
    CHECK(found[0].sentence ==
          "tcollector forwards 'nan', which OpenTSDB refuses; print no line when there is no value");
    const auto silent = lint(Target::tcollector, "m 1700000000 1\nm 1700000700 2\n");
    REQUIRE(silent.size() == 1);
    CHECK(silent[0].sentence.find("nothing for 700 s") != std::string::npos);
}

TEST_CASE("lint names the fault of every word of a line") {
    const auto found = lint(Target::tcollector, "put m:x now nan a= b c=d:e\n");
    CHECK(listed(found) ==
          "put-prefix in line 1\nmetric-character in line 1\nstamp-text in line 1\nvalue-nan in line 1\n"
          "tag-empty in line 1\ntag-form in line 1\ntag-character in line 1\n");
}

TEST_CASE("An ignored rule reports nothing, and its lines are still compared") {
    const std::string old = "put m 1000000000 1 a=b\nput m 1000000000 1 a=b\n";
    CHECK(listed(lint(Target::victoriametrics, old)) == "stamp-old in line 1\nstamp-old in line 2\n");
    LinterOptions options;
    options.ignored.add(Fault::stamp_old);
    CHECK(listed(lint(Target::victoriametrics, old, options)) == "stamp-repeated in line 2\n");
}

TEST_CASE("Lines that are dropped are not compared with others") {
    CHECK(listed(lint(Target::opentsdb, "put m 1700000000 x a=b\nput m 1700000000 1 a=b\n")) ==
          "value-text in line 1\n");
    CHECK(listed(lint(Target::tcollector, "m 1700000005 x a=b\nm 1700000000 1 a=b\n")) == "value-text in line 1\n");
}

TEST_CASE("The order of tags matters only to tcollector") {
    const std::string lines = "put m 1700000000 1 a=b c=d\nput m 1700000000 2 c=d a=b\n";
    CHECK(listed(lint(Target::opentsdb, lines)) == "stamp-overwritten in line 2\n");
    CHECK(listed(lint(Target::influxdb, lines)) == "stamp-overwritten in line 2\n");
    CHECK(listed(lint(Target::victoriametrics, lines)) == "stamp-repeated in line 2\n");
    CHECK(listed(lint(Target::tcollector, "m 1700000000 1 a=b c=d\nm 1700000000 2 c=d a=b\n")) ==
          "tag-order in line 2\n");
}

TEST_CASE("OpenTSDB stores a time once, in seconds or in milliseconds") {
    CHECK(listed(lint(Target::opentsdb, "put m 1700000000 1 a=b\nput m 1700000000001 1 a=b\n")).empty());
    CHECK(listed(lint(Target::opentsdb, "put m 1700000000 1 a=b\nput m 1700000000 1.0 a=b\n")) ==
          "stamp-conflict in line 2\n");
}

TEST_CASE(
    "OpenTSDB stores milliseconds after 2106 at another time, and reads a timestamp with a bare point as intended") {
    const auto found = [](const std::string& stamp) {
        return listed(lint(Target::opentsdb, "put m " + stamp + " 1 a=b\n"));
    };
    CHECK(found("4294967295999").empty());
    CHECK(found("4294967296000") == "stamp-range in line 1\n");
    CHECK(found("5000000000000") == "stamp-range in line 1\n");
    CHECK(found("1700000000.").empty());
    CHECK(found("1700000000123.").empty());
    CHECK(found(".1700000000") == "stamp-point in line 1\n");
    CHECK(found("1700000000.25") == "stamp-point in line 1\n");
    CHECK(found("1700000000..") == "stamp-point in line 1\n");
    // 1992: the other one is stored there, too.
    CHECK(listed(lint(Target::opentsdb, "put m 5000000000000 1 a=b\nput m 705032704 2 a=b\n")) ==
          "stamp-range in line 1\nstamp-conflict in line 2\n");
}

TEST_CASE("OpenTSDB reads a hexadecimal number with a point as Java does") {
    const auto found = [](const std::string& first, const std::string& second) {
        return listed(
            lint(Target::opentsdb, "put m 1700000000 " + first + " a=b\nput m 1700000000000 " + second + " a=b\n"));
    };
    CHECK(found("3.0", "0x1.8p1").empty());
    CHECK(found("3.0", "0X1.8P+1f").empty());
    CHECK(found("-0.375", "-0x1.8p-2").empty());
    CHECK(found("3.0", "0x1.9p1") == "stamp-conflict in line 2\n");
    CHECK(found("3.0", "0x1.8p99999") == "value-overflow in line 2\n");
    CHECK(found("3.0", "0x1p1") == "value-hex in line 2\n");
}

TEST_CASE("OpenTSDB takes a tab around a value with a point or an exponent, and nowhere else") {
    const auto found = [](const std::string& words) { return listed(lint(Target::opentsdb, "put " + words + "\n")); };
    CHECK(found("m 1700000000 \t5. a=b").empty());
    CHECK(found("m 1700000000 1e3\f a=b").empty());
    CHECK(found("m 1700000000 \v\001-0.5\t a=b").empty());
    const std::string tab = "tab in line 1\n";
    CHECK(found("m 1700000000 \t5 a=b") == tab);
    CHECK(found("m 1700000000 5\t.0 a=b") == tab);
    CHECK(found("m 1700000000 5.0\ta=b") == tab);
    CHECK(found("m 1700000000 5.0 a=b\t") == tab);
    CHECK(found("m\t1700000000 5.0 a=b c=d") == tab);
    CHECK(found("m\t1700000000 5.0") == tab);
    CHECK(found("m 1700000000 \te a=b") == "value-text in line 1\n");
}

TEST_CASE("OpenTSDB reads a time in seconds and in milliseconds as one while the bytes of its values are equal") {
    const auto found = [](const std::string& first, const std::string& second, const std::string& third = {}) {
        std::string lines;
        for (const std::string& stamp_and_value : {first, second, third}) {
            lines += stamp_and_value.empty() ? "" : "put m " + stamp_and_value + " a=b\n";
        }
        return listed(lint(Target::opentsdb, lines));
    };
    const std::string seconds = "1700000000 ";
    const std::string milliseconds = "1700000000000 ";
    for (const auto& [one, other] : {std::pair{seconds, milliseconds}, std::pair{milliseconds, seconds}}) {
        CAPTURE(one);
        CHECK(found(one + "1", other + "1").empty());
        CHECK(found(one + "1.5", other + "1.5").empty());
        CHECK(found(one + "1", other + "2") == "stamp-conflict in line 2\n");
        CHECK(found(one + "1", other + "300") == "stamp-conflict in line 2\n");
        CHECK(found(one + "1", other + "1.0") == "stamp-conflict in line 2\n");
        // There are two cells by then.
        CHECK(found(one + "1", other + "1", other + "2") == "stamp-conflict in line 3\n");
        CHECK(found(one + "1", other + "1", one + "2") == "stamp-conflict in line 3\n");
        CHECK(found(one + "1", other + "1", one + "1").empty());
    }
}

TEST_CASE("lint compares a timestamp with the four newest of its series and counts older ones") {
    Linter linter{{.target = Target::influxdb}};
    const auto add = [&](int stamp, int value) {
        return linter.add("put m 17000000" + std::to_string(stamp) + " " + std::to_string(value), true, 0).size();
    };
    for (int stamp = 10; stamp < 15; ++stamp) {
        CHECK(add(stamp, 1) == 0);
    }
    CHECK(add(11, 2) == 1);
    CHECK(linter.unchecked() == 0);
    CHECK(add(10, 2) == 0);
    CHECK(linter.unchecked() == 1);
}

TEST_CASE("lint finds each repeated stamp that it does not count as unchecked, in whatever order they come") {
    Linter ahead{{.target = Target::influxdb}};
    for (const char* const stamp : {"10", "99", "20", "30", "40", "50"}) {
        CHECK(ahead.add(std::string{"put m 17000000"} + stamp + " 1", true, 0).empty());
    }
    CHECK(ahead.add("put m 1700000099 2", true, 0).size() == 1);
    CHECK(ahead.unchecked() == 0);

    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    Linter linter{{.target = Target::influxdb}};
    std::set<std::string> stored;
    for (std::size_t value = 0; value < 2000; ++value) {
        const std::string stamp = std::to_string(std::size_t{1'700'000'000} + value / 4 + test::up_to(random, 12));
        const std::uint64_t unchecked = linter.unchecked();
        const bool is_found = !linter.add("put m " + stamp + " " + std::to_string(value), true, 0).empty();
        if (linter.unchecked() == unchecked) {
            CHECK(is_found == stored.contains(stamp));
        }
        stored.insert(stamp);
    }
    CHECK(linter.unchecked() > 0);
    CHECK(linter.findings() > 0);
}

TEST_CASE("lint forgets the oldest series when there are too many, and counts them") {
    Linter linter{{.target = Target::influxdb, .series = 4}};
    const auto add = [&](const std::string& metric, int value) {
        return linter.add("put " + metric + " 1700000000 " + std::to_string(value), true, 0).size();
    };
    for (const char* const metric : {"a", "b", "c", "d"}) {
        CHECK(add(metric, 1) == 0);
    }
    CHECK(linter.forgotten() == 0);
    CHECK(add("d", 2) == 1);
    CHECK(add("e", 1) == 0); // a and b are forgotten
    CHECK(linter.forgotten() == 2);
    CHECK(add("a", 2) == 0);
    CHECK(add("d", 3) == 1);
}

TEST_CASE("Harm of lint is counted by rule, and the worst is kept") {
    Linter linter{{.target = Target::opentsdb}};
    CHECK_FALSE(linter.worst().has_value());
    linter.add("put m 1700000000 1 a=b", true, 0);
    CHECK_FALSE(linter.worst().has_value());
    linter.add("", true, 0);
    CHECK(linter.worst() == Harm::note);
    linter.add("put m 1700000000 x a=b", true, 0);
    linter.add("put m 1700000000 2 a=b", true, 0);
    CHECK(linter.worst() == Harm::dropped);
    CHECK(linter.count(Fault::stamp_overwritten) == 1);
    CHECK(linter.count(Fault::value_text) == 1);
    CHECK(linter.findings() == 3);
    CHECK(linter.lines() == 4);
}

TEST_CASE("Points that tcollector holds back do not go out, and those that it repeats before a change do") {
    const auto lines = [](int series, const std::string& last) {
        std::string text;
        for (int i = 0; i < series; ++i) {
            const std::string tag = " n=" + std::to_string(i) + "\n";
            text += "m 1700000000000 1" + tag + "m 1700000000001 1" + tag + "m 1700000000002 " + last + tag;
        }
        return text;
    };
    CHECK(lint(Target::tcollector, lines(3333, "2")).empty()); // three each: 9999
    CHECK(has(lint(Target::tcollector, lines(3340, "2")), Fault::rate));
    CHECK(lint(Target::tcollector, lines(10'001, "1")).empty()); // one each
}

TEST_CASE("OpenTSDB refuses more than 19 digits, whatever they are worth") {
    CHECK(lint(Target::opentsdb, "put m 1700000000 0000000000000000001 a=b\n").empty());
    CHECK(listed(lint(Target::opentsdb, "put m 1700000000 00000000000000000001 a=b\n")) == "value-int64 in line 1\n");
}
