// SPDX-License-Identifier: MIT
// Promises for foreign lines with any text, for each target: messages are short and printable, there is at most one finding for
// each word and one for each rule across lines, a repeated stream has the same findings, and no finding drops a correct line.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "cli/lines/put_line.hpp"
#include "cli/lint/linter.hpp"
#include "require.hpp"

using namespace tickertape;
using fuzz::require;

namespace {

constexpr std::int64_t now = 1'700'000'000;

/// The findings, line by line.
std::string findings_in(cli::lint::Target target, std::string_view text) {
    cli::lint::Linter linter{{.target = target, .host = "web01", .series = 8}};
    std::string all;
    while (!text.empty()) {
        const std::string line{text.substr(0, text.find('\n'))}; // a copy, so that reading beyond it is noticed
        const bool has_end = line.size() < text.size();
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const auto findings = linter.add(line, has_end, now);
        require(findings.size() <= line.size() + 8);
        for (const cli::lint::Finding& finding : findings) {
            const std::string sentence = finding.sentence();
            constexpr std::size_t longest_sentence = 600;
            require(fuzz::is_printable(sentence) && sentence.size() <= longest_sentence);
            all.append(std::to_string(linter.lines())).append(sentence).append("\n");
        }
    }
    return all;
}

/// Returns whether every TSD accepts the line unchanged.
bool is_in_order(const std::string& line) {
    cli::lines::PutLine fields;
    return read_put_line(line, fields).fault == cli::lines::LineFault::none && fields.is_canonical && fields.has_put;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text{reinterpret_cast<const char*>(data),
                           size}; // NOLINT(*-reinterpret-cast): bytes are text here
    for (const cli::lint::Target target : {cli::lint::Target::tcollector, cli::lint::Target::opentsdb,
                                           cli::lint::Target::victoriametrics, cli::lint::Target::influxdb}) {
        require(findings_in(target, text) == findings_in(target, text));
    }
    const std::string line = text.substr(0, text.find('\n'));
    if (is_in_order(line)) {
        require(findings_in(cli::lint::Target::opentsdb, line + "\n").empty());
    }
    return 0;
}
