// SPDX-License-Identifier: MIT
// A broken row affects no other row: each row of each recorded kernel file is broken in each way, and all data of the other rows
// stay.
#include <tickertape/proc/diskstats.hpp>
#include <tickertape/proc/interrupts.hpp>
#include <tickertape/proc/meminfo.hpp>
#include <tickertape/proc/mounts.hpp>
#include <tickertape/proc/named_numbers.hpp>
#include <tickertape/proc/net_dev.hpp>
#include <tickertape/proc/net_snmp.hpp>
#include <tickertape/proc/net_sockstat.hpp>
#include <tickertape/proc/pressure.hpp>
#include <tickertape/proc/stat.hpp>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/complaint.hpp"
#include "support/golden.hpp"
#include "support/temporary_directory.hpp"

using namespace tickertape::proc;

namespace {

/// Returns `NAME VALUE` for each number that a reader returns.
using Said = std::multiset<std::string>;

template <class... Parts>
std::string said(const Parts&... parts) {
    std::string all;
    const auto add = [&](const auto& part) {
        if constexpr (std::is_arithmetic_v<std::decay_t<decltype(part)>>) {
            all += std::to_string(part) + " ";
        } else {
            all += std::string{part} + " ";
        }
    };
    (add(parts), ...);
    return all;
}

template <class Numbers>
void add_all(Said& out, const std::string& name, const Numbers& numbers) {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        out.insert(said(name, i, numbers[i]));
    }
}

/// A file, its reader's result as text, and the number of lines that belong together.
struct Reader {
    std::string file;
    std::function<Said(std::string_view text, SkippedRows& skipped)> read;
    std::size_t lines_together = 1;
    std::size_t titles = 0; ///< lines on which all others depend
};

Said read_interrupts_of(std::string_view text, SkippedRows& skipped) {
    Said out;
    const PerCpuTable table = parse_interrupts(text, "f", skipped);
    for (const PerCpuTable::Row& row : table.rows) {
        add_all(out, std::string{row.name}, table.counts(row));
    }
    return out;
}

std::vector<Reader> readers() {
    const auto named = [](std::string_view text, SkippedRows& skipped) {
        Said out;
        for (const auto& [name, number] : parse_named_numbers(text, "f", skipped)) {
            out.insert(said(name, number));
        }
        return out;
    };
    const auto snmp = [](std::string_view text, SkippedRows& skipped) {
        Said out;
        for (const auto& [protocol, name, value] : parse_net_snmp(text, "f", skipped)) {
            out.insert(said(protocol, name, value));
        }
        return out;
    };
    return {{"meminfo",
             [](std::string_view text, SkippedRows& skipped) {
                 Said out;
                 for (const auto& [name, value] : parse_meminfo(text, "f", skipped)) {
                     out.insert(said(name, value));
                 }
                 return out;
             }},
            {"vmstat", named},
            {"net/snmp", snmp, 2},
            {"net/netstat", snmp, 2},
            {"net/sockstat",
             [](std::string_view text, SkippedRows& skipped) {
                 Said out;
                 for (const auto& [protocol, name, value] : parse_net_sockstat(text, "f", skipped)) {
                     out.insert(said(protocol, name, value));
                 }
                 return out;
             }},
            {"net/dev",
             [](std::string_view text, SkippedRows& skipped) {
                 Said out;
                 for (const NetDevice& device : parse_net_dev(text, "f", skipped)) {
                     add_all(out, std::string{device.name} + " in", device.received);
                     add_all(out, std::string{device.name} + " out", device.sent);
                 }
                 return out;
             }},
            {"diskstats",
             [](std::string_view text, SkippedRows& skipped) {
                 Said out;
                 for (const DiskStats& disk : parse_diskstats(text, "f", skipped)) {
                     add_all(out, std::string{disk.name}, disk.values);
                 }
                 return out;
             }},
            {"stat",
             [](std::string_view text, SkippedRows& skipped) {
                 Said out;
                 const WholeStat stat = parse_whole_stat(text, "f", skipped);
                 for (const CpuRow& row : stat.cpus) {
                     add_all(out, said("cpu", row.cpu.value_or(-1)), row.ticks);
                 }
                 for (const auto& [name, value] :
                      {std::pair{"intr", stat.interrupts}, std::pair{"ctxt", stat.context_switches},
                       std::pair{"forks", stat.forks}, std::pair{"blocked", stat.blocked}}) {
                     if (value) {
                         out.insert(said(name, *value));
                     }
                 }
                 return out;
             }},
            {"interrupts", read_interrupts_of, 1, 1},
            {"softirqs", read_interrupts_of, 1, 1},
            {"mounts",
             [](std::string_view text, SkippedRows& skipped) {
                 Said out;
                 for (const Mount& mount : parse_mounts(text, "f", skipped)) {
                     out.insert(said(mount.device, mount.point, mount.type));
                 }
                 return out;
             }},
            {"pressure/memory", [](std::string_view text, SkippedRows& skipped) {
                 Said out;
                 const Pressure pressure = parse_pressure(text, "f", skipped);
                 for (const auto& [name, times] :
                      {std::pair{"some", pressure.some}, std::pair{"full", pressure.full}}) {
                     if (times) {
                         out.insert(said(name, times->avg10, times->avg60, times->avg300, times->total));
                     }
                 }
                 return out;
             }}};
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        lines.push_back(text.substr(at, end - at));
        at = end == std::string::npos ? text.size() : end + 1;
    }
    return lines;
}

std::string text_of(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
        text += line + "\n";
    }
    return text;
}

/// Replaces each number after the first word of `line`.
std::string with_numbers(const std::string& line, const std::function<std::string(const std::string&)>& other) {
    std::string result;
    std::string word;
    bool is_first = true;
    for (const char c : line + " ") {
        if (c != ' ' && c != '\t') {
            word += c;
            continue;
        }
        const bool is_number =
            !word.empty() && std::all_of(word.begin(), word.end(), [](unsigned char d) { return std::isdigit(d); });
        result += (is_number && !is_first ? other(word) : word) + c;
        is_first = is_first && word.empty();
        word.clear();
    }
    return result;
}

const std::vector<std::string> ways{"empty", "negative", "letters", "cut", "too long", "twice", "garbage"};

std::string broken(const std::string& line, const std::string& way) {
    return way == "negative"  ? with_numbers(line, [](const std::string& number) { return "-" + number; })
           : way == "letters" ? with_numbers(line, [](const std::string& number) { return "x" + number; })
           : way == "cut"     ? line.substr(0, line.size() / 2)
           : way == "too long"
               ? with_numbers(line, [](const std::string& number) { return number + std::string(40, '9'); })
           : way == "twice"   ? line + "\n" + line
           : way == "garbage" ? std::string{"\x7f\xff \x1b[31m :|"}
                              : std::string{};
}

Said read_or_nothing(const Reader& reader, const std::string& text) {
    try {
        return reader.read(text, test::ignored());
    } catch (const ParseError&) { // no row is left
        return {};
    }
}

} // namespace

TEST_CASE("A broken row of a kernel file loses only its own values") {
    for (const std::string tree : {"vm", "large"}) {
        for (const Reader& reader : readers()) {
            const std::string path = "hosts/" + tree + "/proc/" + reader.file;
            if (!std::filesystem::exists(test::fixture(path))) {
                continue;
            }
            const std::vector<std::string> lines = lines_of(test::contents_of(test::fixture(path)));
            const std::size_t every = std::max<std::size_t>(1, lines.size() / 40); // only some rows of long files
            std::size_t checked = 0;
            for (std::size_t i = reader.titles; i < lines.size(); i += i < 8 ? 1 : every) {
                std::vector<std::string> others = lines;
                const std::size_t first = i - i % reader.lines_together;
                others.erase(others.begin() + static_cast<std::ptrdiff_t>(first),
                             others.begin() +
                                 static_cast<std::ptrdiff_t>(std::min(first + reader.lines_together, others.size())));
                const Said rest = read_or_nothing(reader, text_of(others));
                for (const std::string& way : ways) {
                    std::vector<std::string> changed = lines;
                    changed[i] = broken(lines[i], way);
                    const Said now = read_or_nothing(reader, text_of(changed));
                    const bool all_stay = std::includes(now.begin(), now.end(), rest.begin(), rest.end());
                    if (!all_stay) {
                        CAPTURE(path, i, way, lines[i]);
                        CHECK(all_stay);
                    }
                    ++checked;
                }
            }
            CAPTURE(path);
            CHECK(checked > 0);
        }
    }
}

TEST_CASE("A sum is absent, not lower, if one of its rows cannot be read") {
    const std::string titles = "  CPU0 CPU1\n";
    const std::vector<std::string> rows{
        " 24: 1 2 PCI-MSIX-0000:00:01.0 0-edge eth0-rx-0", " 25: 3 4 PCI-MSIX-0000:00:01.0 1-edge eth0-rx-1",
        " 30: 5 6 PCI-MSIX-0000:00:02.0 1-edge eth1-rx-0", "NMI: 7 8 Non-maskable interrupts"};
    const std::vector<NetworkInterrupt> cards{{24, "eth0"}, {25, "eth0"}, {30, "eth1"}};
    const bool knows_cards = GENERATE(true, false);
    const auto known = knows_cards ? cards : std::vector<NetworkInterrupt>{}; // the sums have texts of it
    const auto sums = [&](const std::vector<std::string>& lines) {
        std::string text = titles + text_of(lines);
        Said out;
        const PerCpuTable table = parse_interrupts(text, "f", test::ignored());
        for (const auto& [type, cpu, count] : sum_by_type(table, known)) {
            out.insert(said(type, cpu, count));
        }
        return out;
    };
    const Said whole = sums(rows);
    CHECK(whole.size() == 6);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (const std::string& way : ways) {
            CAPTURE(i, way, knows_cards);
            if (way == "cut" && !knows_cards) {
                continue; // its description is missing, and with it its owner
            }
            std::vector<std::string> changed = rows;
            changed[i] = broken(rows[i], way);
            const Said now = sums(changed);
            if (way != "empty") { // a row that does not exist cannot be missing
                CHECK(std::includes(whole.begin(), whole.end(), now.begin(), now.end()));
            }
            CHECK((i == 3 || now.contains("NMI 0 7 ")));
            CHECK((!knows_cards || i == 2 || i == 3 || way == "garbage" || now.contains("eth1 0 5 ")));
        }
    }
}

TEST_CASE("A row that is left out is reported once, whatever its value and its place, and counted each time") {
    std::vector<std::string> sentences;
    SkippedRows skipped{[&](std::string_view sentence) { sentences.emplace_back(sentence); }};
    static_cast<void>(parse_named_numbers("a 1\nb -5\n", "/p/f", skipped));
    static_cast<void>(parse_named_numbers("b -6\na 1\n", "/p/f", skipped));
    CHECK(sentences == std::vector<std::string>{"/p/f:2: field 2 '-5' is not a number; this row is left out"});
    CHECK(skipped.count() == 2);
    for (int i = 0; i < 100; ++i) {
        static_cast<void>(parse_named_numbers("a 1\nc" + std::to_string(i) + " -6\n", "/p/f", skipped));
    }
    CHECK(sentences.size() == SkippedRows::most_reported);
    CHECK(skipped.count() == 102);
}

TEST_CASE("A text of nothing but broken rows is refused before all of it is read") {
    std::string text;
    for (int i = 0; i < 100'000; ++i) {
        text += "x\n";
    }
    CHECK_THROWS_WITH(parse_named_numbers(text, "/p/f", test::ignored()),
                      "/p/f: has too many rows that cannot be read");
}
