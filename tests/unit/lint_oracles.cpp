// SPDX-License-Identifier: MIT
// lint on random lines, compared with other implementations of the same rules: the fake TSD's for OpenTSDB, a model of
// tcollector, and our own strict parser.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <cli/lines/put_line.hpp>
#include <cli/lint/linter.hpp>
#include <push/put_rules.hpp>

#include "support/catch.hpp"
#include "support/lint_examples.hpp"
#include "support/seed.hpp"
#include "support/tcollector_model.hpp"

namespace {

using namespace tickertape::cli::lint;
using Texts = std::vector<std::string>;
using test::once_in;
using test::Random;
using test::up_to;

const std::string& pick(Random& random, const Texts& texts) { return texts[up_to(random, texts.size() - 1)]; }

/// Returns a line, usually a good one, in put form or not.
std::string random_line(Random& random, bool put) {
    static const Texts metrics{"m", "m", "m", "n.x", "a-b_c./d", "m:x", "put", "\u00e9", ""};
    static const Texts stamps{"1700000000",
                              "1700000001",
                              "1700000002",
                              "1700000003",
                              "1700000300",
                              "1700000400",
                              "1700000000.5",
                              "1700000000.25",
                              "1700000000.250",
                              "1700000000123",
                              "17000000000",
                              "12",
                              "7",
                              "0",
                              "00",
                              "-5",
                              "+1700000000",
                              "17e8",
                              "now",
                              "4294967296",
                              "1.7.0",
                              "17.",
                              ".5",
                              "99999999999999",
                              "12345678901234567890"};
    static const Texts values{"1",
                              "1",
                              "1.0",
                              "2",
                              "-7",
                              "+7",
                              "0.25",
                              ".5",
                              "5.",
                              "1e3",
                              "1E-3",
                              "nan",
                              "inf",
                              "1e400",
                              "1e-400",
                              "true",
                              "abc",
                              "1.5f",
                              "9223372036854775807",
                              "1_0",
                              "--1",
                              "1..",
                              "007",
                              "9223372036854775808",
                              "-9223372036854775808",
                              "-",
                              "1e",
                              "e5"};
    static const Texts tags{
        "a=b", "a=b", "c=d", "host=x", "a=x", "a=", "=b", "ab", "a=b=c", "e=\u00e9", "f=!", "g=\u00ea"};
    static const Texts blanks{" ", " ", " ", " ", " ", " ", " ", " ", "  ", "\t"};
    std::string line = put ? "put" + pick(random, blanks) : "";
    line += pick(random, metrics) + pick(random, blanks) + pick(random, stamps) + pick(random, blanks) +
            pick(random, values);
    for (std::size_t i = up_to(random, once_in(random, 20) ? 10 : 3); i > 0; --i) {
        line += pick(random, blanks) + (once_in(random, 3) ? "k" + std::to_string(i) + "=v" : pick(random, tags));
    }
    if (once_in(random, 4)) {
        line.insert(up_to(random, line.size()), 1, static_cast<char>(up_to(random, 255)));
    }
    if (once_in(random, 50)) {
        line.erase(up_to(random, line.size() - 1));
    }
    std::replace(line.begin(), line.end(), '\n', 'n');
    return line;
}

/// Shortens white space as tcollector does, except Unicode's.
std::string squeeze(const std::string& line) {
    std::string squeezed;
    for (const char c : line) {
        const bool white = c == ' ' || (c >= '\t' && c <= '\r') || (c >= '\x1c' && c <= '\x1f');
        if (!white) {
            squeezed += c;
        } else if (!squeezed.empty() && squeezed.back() != ' ') {
            squeezed += ' ';
        }
    }
    squeezed.erase(squeezed.find_last_not_of(' ') + 1);
    return squeezed;
}

struct Verdict {
    bool drops = false; // this line, not a later one
    std::string names;
};

Verdict add(Linter& linter, const std::string& line) {
    Verdict verdict;
    for (const Finding& finding : linter.add(line, true, test::lint_now)) {
        const Fault fault = finding.rule->fault;
        verdict.drops = verdict.drops || (finding.rule->harm >= Harm::dropped && fault != Fault::stamp_poison);
        verdict.names.append(name_of(finding.rule->fault)).append(" ");
    }
    return verdict;
}

} // namespace

TEST_CASE("lint reports that OpenTSDB drops a random line exactly when the fake TSD refuses it") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    Random random{seed};
    tickertape::push::PutRules rules;
    std::size_t dropped = 0;
    constexpr std::size_t count = 20'000;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string line = random_line(random, true);
        if (line.find_first_of("xXpP", 4) != std::string::npos || line.find('\0') != std::string::npos) {
            // Java's hexadecimal numbers, which the fake TSD does not know, and NUL, which is a fault even where Java trims it
            continue;
        }
        Linter linter{{.target = Target::opentsdb}};
        static_cast<void>(linter.add("put m 1 1 a=b", true, 0));
        const Verdict verdict = add(linter, line);
        const std::string_view without_end =
            std::string_view{line}.substr(0, line.size() - (line.ends_with('\r') ? 1 : 0));
        const std::string refused = without_end.starts_with("put ") ? rules.check(without_end) : "unknown command";
        CAPTURE(line, verdict.names, refused);
        REQUIRE(verdict.drops == (!refused.empty() && !line.empty()));
        dropped += refused.empty() ? 0U : 1U;
    }
    CHECK(dropped > count / 10);
    CHECK(dropped < count * 9 / 10);
}

TEST_CASE("lint reports that tcollector drops a random line exactly when the tcollector model or the TSD refuses it") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    Random random{seed};
    tickertape::push::PutRules tsd;
    std::size_t dropped = 0;
    constexpr std::size_t count = 20'000;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string line = random_line(random, once_in(random, 20));
        const std::string squeezed = squeeze(line);
        const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' '; };
        if (line.find_first_of("\rxXpPfFdD") != std::string::npos ||
            std::any_of(squeezed.begin(), squeezed.end(), is_control)) {
            continue; // the end of a line, and numbers that Java accepts and Python does not
        }
        test::TcollectorModel model;
        model.process_line(squeezed);
        const std::string host = squeezed.find(" host=") == std::string::npos ? " host=web01" : "";
        const std::string refused = model.invalid() > 0 ? "invalid" : tsd.check("put " + squeezed + host);
        Linter linter{{.target = Target::tcollector, .host = test::lint_host}};
        const Verdict verdict = add(linter, line);
        CAPTURE(line, verdict.names, refused);
        REQUIRE(verdict.drops == (!refused.empty() && !squeezed.empty()));
        dropped += verdict.drops ? 1U : 0U;
    }
    CHECK(dropped > count / 10);
    CHECK(dropped < count * 9 / 10);
}

TEST_CASE("lint reports a drop for the order of lines exactly when the tcollector model drops the line") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    Random random{seed};
    std::size_t dropped = 0;
    for (std::size_t round = 0; round < 200; ++round) {
        Linter linter{{.target = Target::tcollector, .host = test::lint_host}};
        test::TcollectorModel model;
        std::size_t now = 1'700'000'000;
        for (std::size_t i = 0; i < 100; ++i) {
            static const Texts values{"1", "1", "1", "1.0", "2"};
            static const Texts tags{"", " a=b", " a=b c=d", " c=d a=b"};
            now += once_in(random, 20) ? 290 + up_to(random, 20) : up_to(random, 2);
            const std::size_t stamp = now - (once_in(random, 8) ? up_to(random, 400) : 0);
            const std::string line = "m " + std::to_string(stamp) + (once_in(random, 200) ? "000 " : " ") +
                                     pick(random, values) + pick(random, tags);
            const std::size_t before = model.invalid();
            model.process_line(line);
            const Verdict verdict = add(linter, line);
            CAPTURE(line, verdict.names);
            const bool drops = verdict.names.find("stamp-") != std::string::npos;
            REQUIRE(drops == (model.invalid() > before));
            dropped += drops ? 1U : 0U;
        }
    }
    CHECK(dropped > 100);
}

TEST_CASE("Any bytes are a line that a target takes, or get a finding of lint, which is one line of printable text") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    Random random{seed};
    for (const Target target : {Target::tcollector, Target::opentsdb, Target::victoriametrics, Target::influxdb}) {
        Linter linter{{.target = target, .series = 16}};
        for (std::size_t i = 0; i < 5'000; ++i) {
            std::string bytes = random_line(random, target != Target::tcollector);
            if (once_in(random, 3)) {
                bytes.assign(up_to(random, 40), ' ');
                std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<char>(up_to(random, 255)); });
            }
            std::replace(bytes.begin(), bytes.end(), '\n', ' ');
            const auto findings = linter.add(bytes, !once_in(random, 20), test::lint_now);
            CAPTURE(bytes, name_of(target));
            for (const Finding& finding : findings) {
                const std::string sentence = finding.sentence();
                REQUIRE(sentence.size() < 500);
                REQUIRE(std::all_of(sentence.begin(), sentence.end(), [](char c) { return c >= ' ' && c <= '~'; }));
            }
            // A line without a finding has at least three words, with metric, timestamp and value in their places.
            const bool is_blank = bytes.find_first_not_of(" \t\r\v\f\x1c\x1d\x1e\x1f") == std::string::npos;
            if (findings.empty() && !is_blank && bytes.find_first_of("\x1c\x1d\x1e\x1f\x85\xa0") == std::string::npos) {
                const std::size_t begin = bytes.find_first_not_of(" \t\v\f\r");
                std::string_view text = std::string_view{bytes}.substr(begin);
                text.remove_prefix(target == Target::tcollector ? 0 : 4);
                REQUIRE(std::count_if(text.begin(), text.end(),
                                      [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }) >= 2);
                REQUIRE(text.find_first_of("0123456789") != std::string_view::npos);
            }
        }
        CHECK(linter.findings() > 1000);
    }
}

TEST_CASE("A line that our parser takes for one that can be sent as it is has no finding of lint by itself") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    Random random{seed};
    std::size_t clean = 0;
    for (std::size_t i = 0; i < 100'000; ++i) {
        const std::string line = random_line(random, true);
        tickertape::cli::lines::PutLine fields;
        const bool reads = read_put_line(line, fields).fault == tickertape::cli::lines::LineFault::none;
        if (reads && fields.is_canonical && fields.has_put) {
            Linter linter{{.target = Target::opentsdb}};
            const Verdict verdict = add(linter, line);
            CAPTURE(line, verdict.names);
            REQUIRE(verdict.names.empty());
            ++clean;
        }
    }
    CHECK(clean > 100);
}
