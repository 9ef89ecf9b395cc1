// SPDX-License-Identifier: MIT
#include "support/lint_lines.hpp"

namespace test {

const Oddities& opentsdb_oddities() {
    static const Oddities all{.stamps = {"5000000000000", "4294967296000", "4294967295999", "4294967295", "4294967296",
                                         "1700000000.250", ".1700000000", "1700000000..", "17000000000000"},
                              .values = {"0x1.8p1", "-0X1.8P-2", "0x1.8p1f", "0x1.8p99999", "0x1.8", "1e5d", "1.5L",
                                         "+1.5", "9223372036854775808", "-9223372036854775808", "99999999999999999999",
                                         "1.2.3", "1_0.5", "1e-400", "-.e", "."}};
    return all;
}

std::string random_lint_line(Random& random, const std::string& metric, const Oddities& more) {
    using Texts = std::vector<std::string>;
    const auto pick = [&](const Texts& texts, const Texts& others = {}) {
        const std::size_t which = up_to(random, texts.size() + others.size() - 1);
        return which < texts.size() ? texts[which] : others[which - texts.size()];
    };
    static const Texts stamps{"1700000000",    "1700000000",   "1700000000",  "1700000000123",
                              "1700000000000", "1700000000.5", "170000000",   "0",
                              "17e8",          "+170000000",   "1700000000.", "abcdefghij"};
    static const Texts values{"1",    "0",      "-7",   "+7",   "0.25", ".5",       "5.",     "1e3",
                              "1E-3", "1e400",  "nan",  "-inf", "0x10", "0x1p4",    "1.5f",   "true",
                              "abc",  "1e",     "--1",  "1..2", "007",  "Infinity", "-1e400", "9007199254740993",
                              "-0.5", "1.5e+2", "0.1e", "1d",   "+.5",  "-"};
    static const Texts tags{"a=b", "c=d", "a=x", "a=", "=b", "ab", "a=b=c", "e=\u00e9", "f=!{}", "time=x", "g=h\\"};
    static const Texts blanks{" ", " ", " ", " ", " ", " ", "  ", "\t", " \t"};
    std::string line = (once_in(random, 9) ? "put  " : "put ") + metric + pick(blanks) + pick(stamps, more.stamps) +
                       pick(blanks) + pick(values, more.values);
    for (std::size_t i = up_to(random, 3); i > 0; --i) {
        line += pick(blanks) + pick(tags);
    }
    if (once_in(random, 3)) { // any byte except a newline, somewhere after the metric
        char byte = static_cast<char>(up_to(random, 255));
        byte = byte == '\n' ? ' ' : byte;
        const std::size_t begin = line.find(metric) + metric.size() + 1;
        const std::size_t at = begin + up_to(random, line.size() - begin);
        line.insert(at, 1, byte);
    }
    return line + "\n";
}

} // namespace test
