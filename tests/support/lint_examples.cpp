// SPDX-License-Identifier: MIT
#include "support/lint_examples.hpp"

#include <string_view>

namespace test {

namespace {

using tickertape::cli::lint::Fault;
using enum tickertape::cli::lint::Target;
using enum tickertape::cli::lint::Fault;

std::string times(std::size_t count, std::string_view text) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) {
        all += text;
    }
    return all;
}

/// Returns a line of this number of bytes without its newline, with a long tag.
std::string line_of(std::size_t bytes, const std::string& begin) {
    return begin + std::string(bytes - begin.size(), 'x');
}

/// Returns `count` tags: `k0=v k1=v …`.
std::string tags(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += " k" + std::to_string(i) + "=v";
    }
    return text;
}

/// Returns one line for each of this number of series, with this timestamp.
std::string series(std::size_t count, const std::string& stamp) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += "M " + stamp + " 1 n=" + std::to_string(i) + "\n";
    }
    return text;
}

using Examples = std::vector<LintExample>;

// Makes `BEGIN` + bad and `BEGIN` + good, for rules about one word.
void add_words(Examples& all, tickertape::cli::lint::Target target, Fault fault, const std::string& before,
               const std::string& bad, const std::string& good, const std::string& behind) {
    all.push_back({target, fault, before + bad + behind + "\n", before + good + behind + "\n"});
}

void add_tcollector(Examples& all) {
    const std::string line = "M 1700000000 1 a=b";
    const auto add = [&](Fault fault, const std::string& bad, const std::string& good) {
        all.push_back({tcollector, fault, bad + "\n", good + "\n"});
    };
    const auto stamp = [&](Fault fault, const std::string& bad, const std::string& good = "1700000000") {
        add_words(all, tcollector, fault, "M ", bad, good, " 1 a=b");
    };
    const auto value = [&](Fault fault, const std::string& bad, const std::string& good) {
        add_words(all, tcollector, fault, "M 1700000000 ", bad, good, " a=b");
    };
    const auto tag = [&](Fault fault, const std::string& bad, const std::string& good) {
        add_words(all, tcollector, fault, "M 1700000000 1", bad, good, "");
    };
    tag(utf8, " a=\xff", " a=f");
    all.push_back({tcollector, no_newline, line, line + "\n"});
    add(carriage_return, line + "\rM 1700000001 1 a=b", line + "\r");
    add(line_length, line_of(1024, "M 1700000000 1 a="), "M" + std::string(2000, ' ') + "1700000000 1 a=b");
    // put, the line, and ` host=web01` have 1024 bytes together.
    add(wire_length, line_of(1010, "M 1700000000 1 a="), line_of(1009, "M 1700000000 1 a="));
    tag(nul, std::string{" a=\0", 4}, " a=0");
    tag(non_ascii, " a=\u00e9", " a=e");
    add(put_prefix, "put " + line, "put 1700000000 1 a=b");
    add(too_few, "M 1700000000", "M 1700000000 1");
    add(metric_character, "M:x 1700000000 1 a=b", "M-_./x 1700000000 1 a=b");
    stamp(stamp_text, "now");
    stamp(stamp_plus, "+1700000000");
    stamp(stamp_exponent, "17e8");
    stamp(stamp_negative, "-1700000000");
    stamp(stamp_one_digit, "7", "17");
    stamp(stamp_bare_point, "1700000000.");
    stamp(stamp_zero, "00", "01");
    stamp(stamp_digits, "17000000000000", "1700000000000");
    stamp(stamp_fraction, "1700000000.5", "1700000000500");
    stamp(stamp_range, "170000000000", "1700000000000");
    value(value_text, "up", "1");
    value(value_nan, "nan", "0");
    value(value_inf, "-inf", "-1");
    value(value_boolean, "True", "1");
    value(value_underscore, "1_000", "1000");
    value(value_hex, "0x1p4", "16");
    value(value_suffix, "1.5f", "1.5");
    value(value_overflow, "1e400", "1e300");
    value(value_int64, "9223372036854775808", "9223372036854775807");
    tag(tag_form, " ab", " a=b");
    tag(tag_empty, " a=", " a=0");
    tag(tag_character, " a=b=c", " a=b/c");
    tag(tag_count, tags(8), tags(7));
    tag(tag_repeated, " a=b a=c", " a=b a=b");
    add(stamp_poison, "M 3000000000 1 a=b", "M 2209211999 1 a=b");
    add(stamp_future, line + "\nM 2209212000 2 a=b", line + "\nM 1700000001 2 a=b");
    add(stamp_unit, "M 1700000000000 1 a=b\nM 1700000001 2 a=b", "M 1700000000000 1 a=b\nM 1700000001000 2 a=b");
    add(stamp_order, line + "\nM 1700000000 2 a=b", line + "\nM 1700000001 2 a=b");
    add(value_spelling, line + "\nM 1700000001 1.0 a=b", line + "\nM 1700000001 1 a=b\nM 1700000002 1.5 a=b");
    add(tag_order, line + " c=d\nM 1700000001 1 c=d a=b", line + " c=d\nM 1700000001 1 a=b c=e");
    add(silence, line + "\nM 1700000600 2 a=b", line + "\nM 1700000599 2 a=b");
    all.push_back({tcollector, rate, series(10'002, "1700000000"), series(10'001, "1700000000")});
    all.push_back({tcollector, queue, series(110'002, "1700000000"), series(110'001, "1700000000")});
    all.push_back(
        {tcollector, churn, line + "\n" + series(1000, "1700000301000"), line + "\n" + series(1000, "1700000300000")});
}

void add_opentsdb(Examples& all) {
    const std::string line = "put M 1700000000 1 a=b";
    const auto add = [&](Fault fault, const std::string& bad, const std::string& good) {
        all.push_back({opentsdb, fault, bad + "\n", good + "\n"});
    };
    const auto stamp = [&](Fault fault, const std::string& bad, const std::string& good = "1700000000") {
        add_words(all, opentsdb, fault, "put M ", bad, good, " 1 a=b");
    };
    const auto value = [&](Fault fault, const std::string& bad, const std::string& good) {
        add_words(all, opentsdb, fault, "put M 1700000000 ", bad, good, " a=b");
    };
    const auto tag = [&](Fault fault, const std::string& bad, const std::string& good) {
        add_words(all, opentsdb, fault, "put M 1700000000 1", bad, good, "");
    };
    add(first_byte, "PUT m 1700000000 1 a=b\n" + line, line);
    add(line_length, line_of(1025, "put M 1700000000 1 a="), line_of(1024, "put M 1700000000 1 a="));
    add(stop_command, line + "\ndiediedie", line);
    all.push_back({opentsdb, no_newline, line, line + "\n"});
    tag(nul, std::string{" a=\0", 4}, " a=0");
    add(leading_blank, " " + line, line + " ");
    add(tab, "put M 1700000000 1\ta=b", line);
    add(blank_line, "\n" + line, line);
    add(not_put, "M 1700000000 1 a=b", line);
    add(too_few, "put M 1700000000", line);
    add(empty_word, "put M  1700000000 1 a=b", "put M 1700000000 1  a=b");
    add(metric_character, "put M:x 1700000000 1 a=b", "put M-_./x 1700000000 1 a=b");
    stamp(stamp_text, "now");
    stamp(stamp_exponent, "17e8");
    stamp(stamp_negative, "-1700000000", "+1700000000");
    stamp(stamp_zero, "0", "1");
    stamp(stamp_digits, "10000000000000", "4294967295999");
    stamp(stamp_point, "1700000000.2", "1700000000.250");
    stamp(stamp_range, "4294967296", "4294967295");
    value(value_text, "1f", "1.0f");
    value(value_nan, "NaN", "0");
    value(value_inf, "Infinity", "1");
    value(value_boolean, "true", "1");
    value(value_underscore, "1_000", "1000");
    value(value_hex, "0x1p4", "0x1.p4");
    value(value_overflow, "-1e400", "-1e300");
    value(value_int64, "9223372036854775808", "9223372036854775808.0");
    tag(tag_none, "", " a=b");
    tag(tag_form, " ab", " a=b");
    tag(tag_empty, " =b", " a=b");
    tag(tag_character, " a=b!", " a=b/");
    tag(tag_count, tags(9), tags(8));
    tag(tag_repeated, " a=b a=c", " a=b a=b");
    tag(non_ascii, " a=\u00ea", " a=e");
    add(stamp_conflict, line + "\nput M 1700000000 300 a=b", line + "\nput M 1700000001 300 a=b");
    add(stamp_overwritten, line + "\nput M 1700000000 2 a=b", line + "\n" + line);
}

void add_victoriametrics(Examples& all) {
    const std::string line = "put M 1700000000 1 a=b";
    const auto add = [&](Fault fault, const std::string& bad, const std::string& good) {
        all.push_back({victoriametrics, fault, bad + "\n", good + "\n"});
    };
    const auto stamp = [&](Fault fault, const std::string& bad, const std::string& good = "1700000000") {
        add_words(all, victoriametrics, fault, "put M ", bad, good, " 1 a=b");
    };
    const auto value = [&](Fault fault, const std::string& bad, const std::string& good) {
        add_words(all, victoriametrics, fault, "put M 1700000000 ", bad, good, " a=b");
    };
    const auto tag = [&](Fault fault, const std::string& bad, const std::string& good) {
        add_words(all, victoriametrics, fault, "put M 1700000000 1", bad, good, "");
    };
    add(first_byte, " " + line, line + "\n put M 1700000001 1 a=b");
    add(line_length, line_of(std::size_t{256} * 1024, "put M 1700000000 1 " + times(20000, " ") + "a="),
        line_of(15000, "put M 1700000000 1 a="));
    add(not_put, "potato M 1700000000 1 a=b", line);
    add(too_few, "put M 1700000000", "put M 1700000000 1");
    add(tab, "put M 1700000000 1 a=b\tc=d", "put M 1700000000 1 a=b c=d");
    add(carriage_return, "put M 1700000000 1 a=b\rc=d", line + "\r");
    tag(utf8, " a=\xff", " a=\u00ff");
    tag(name_length, " " + std::string(257, 'k') + "=v", " " + std::string(256, 'k') + "=v");
    stamp(stamp_text, "now");
    stamp(stamp_plus, "+1700000000");
    stamp(stamp_bare_point, "1700000000.", "1.7e9");
    stamp(stamp_zero, "0");
    stamp(stamp_negative, "-1700000000");
    stamp(stamp_milliseconds, "1700000000123");
    // In the examples the limits of two days and of a month are at this second.
    stamp(stamp_future, std::to_string(lint_now + 172'801), std::to_string(lint_now + 172'800));
    stamp(stamp_old, std::to_string(lint_now - std::int64_t{31} * 86'400 - 1),
          std::to_string(lint_now - std::int64_t{31} * 86'400));
    stamp(stamp_fraction, "1700000000.250");
    value(value_text, "up", "1");
    value(value_nan, "nan", "0");
    value(value_inf, "inf", "1");
    value(value_boolean, "true", "1");
    value(value_underscore, "1_000", "1000");
    value(value_hex, "0x1p4", "16");
    value(value_suffix, "1.5f", "1.5");
    value(value_plus, "+7", "-7");
    value(value_bare_point, ".5", "0.5");
    value(value_overflow, "1e400", "1e300");
    value(value_integer, "9007199254740993", "9007199254740992");
    value(value_tiny, "1e-320", "1e-290");
    value(value_digits, "1.2345678901234", "1.23456789012");
    tag(tag_form, " a=b c", " a=b c=d");
    tag(tag_empty, " a=b c=", " a=b c=d=e");
    tag(tag_count, tags(30), tags(29));
    tag(tag_repeated, " a=b a=c", " a=b a=b");
    tag(tag_metric, " a=b __name__=Mx", " a=b name=Mx");
    add(stamp_repeated, line + "\n" + line, line + "\nput M 1700000001 1 a=b");
}

void add_influxdb(Examples& all) {
    const std::string line = "put M 1700000000 1 a=b";
    const auto add = [&](Fault fault, const std::string& bad, const std::string& good) {
        all.push_back({influxdb, fault, bad + "\n", good + "\n"});
    };
    const auto stamp = [&](Fault fault, const std::string& bad, const std::string& good = "1700000000") {
        add_words(all, influxdb, fault, "put M ", bad, good, " 1 a=b");
    };
    const auto value = [&](Fault fault, const std::string& bad, const std::string& good) {
        add_words(all, influxdb, fault, "put M 1700000000 ", bad, good, " a=b");
    };
    const auto tag = [&](Fault fault, const std::string& bad, const std::string& good) {
        add_words(all, influxdb, fault, "put M 1700000000 1", bad, good, "");
    };
    add(line_length, line_of(std::size_t{256} * 1024, "put M 1700000000 1 a="),
        line_of(65000, "put M 1700000000 1 a="));
    add(not_put, "PUT M 1700000000 1 a=b", " put\tM 1700000000 1 a=b");
    add(too_few, "put M 1700000000", "put M 1700000000 1");
    tag(utf8, " a=\xff", " a=\u00ff");
    add(metric_utf8, "put M\xff 1700000000 1 a=b", "put M\u00ff 1700000000 1 a=b");
    add(backslash, "put M\\ 1700000000 1 a=b", "put M\\x 1700000000 1 a=b");
    tag(series_length, " a=" + std::string(65'600, 'x'), " a=" + std::string(65'500, 'x'));
    stamp(stamp_length, "170000000", "-170000000");
    stamp(stamp_text, "0x12345678");
    stamp(stamp_exponent, "17000000e2");
    stamp(stamp_bare_point, "170000000.");
    stamp(stamp_fraction, "1700000000.25");
    stamp(stamp_odd_thousand, "1700000000123", "1700000000000");
    value(value_text, "up", "1");
    value(value_nan, "nan", "0");
    value(value_inf, "inf", "1");
    value(value_boolean, "true", "1");
    value(value_suffix, "1.5f", "1.5");
    value(value_overflow, "1e400", "1e300");
    value(value_integer, "9007199254740993", "9007199254740992");
    tag(tag_form, " a=b c", " a=b c=d");
    tag(tag_empty, " a=b c=", " a=b c=d=e");
    tag(tag_time, " a=b time=x", " a=b times=x");
    tag(tag_repeated, " a=b a=c", " a=b a=b");
    add(stamp_overwritten, line + "\nput M 1700000000 2 a=b", line + "\n" + line);
}

} // namespace

const std::vector<LintExample>& lint_examples() {
    static const Examples all = [] {
        Examples made;
        add_tcollector(made);
        add_opentsdb(made);
        add_victoriametrics(made);
        add_influxdb(made);
        return made;
    }();
    return all;
}

std::string with_metric(const std::string& text, const std::string& metric) {
    std::string out;
    for (const char c : text) {
        c == 'M' ? out.append(metric) : out.append(1, c);
    }
    return out;
}

} // namespace test
