// SPDX-License-Identifier: MIT
// `tickertape agent --check`: a description of the agent's work, without doing it.
#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <tickertape/line.hpp>

#include "base/concat.hpp"
#include "cli/agent/scan.hpp"
#include "cli/agent/settings.hpp"

namespace tickertape::cli::agent {

namespace {

void add_programs(std::string& text, const Settings& settings) {
    const Scan found = scan(settings.directory);
    for (const std::string& complaint : found.complaints) {
        text.append(complaint).append("\n");
    }
    for (const Program& program : found.programs) {
        const auto every = program.interval.count();
        text.append(base::concat("run ", program.path, every == 0 ? " all the time" : " each ",
                                 every == 0 ? "" : std::to_string(std::max<std::int64_t>(every, 15)).append(" s"),
                                 "\n"));
    }
    if (found.programs.empty()) {
        text.append("there is no program to run\n");
    }
}

void add_limits(std::string& text, const Settings& settings) {
    const auto add = [&](std::uint64_t limit, std::string_view unit) {
        if (limit > 0) {
            text.append(base::concat("each program: at most ", limit, " ", unit, "\n"));
        }
    };
    add(settings.limits.lines_per_second, "lines a second");
    add(settings.intake.max_line, "bytes a line");
    add(settings.intake.max_series, "series");
    add(settings.limits.memory, "bytes of memory");
}

void add_line(std::string& text, const Settings& settings, const std::string& line) {
    Intake intake{std::make_shared<const IntakeOptions>(settings.intake)};
    std::string refusal = "nothing, it is blank";
    intake.on_refusal([&](const Intake::Refusal& refused, std::string_view) { refusal = "nothing: " + refused.text; });
    std::vector<Point> points;
    intake.take(line, std::chrono::system_clock::now(), points);
    if (intake.counts().dropped > 0) {
        refusal = "nothing: a rule drops it";
    }
    std::string becomes;
    if (points.empty() || append_put_line(becomes, points.front())) {
        becomes = refusal + "\n";
    }
    text.append(base::concat("line ", line, "\n  becomes ", becomes));
}

std::string_view name_of(ForeignHost host) {
    switch (host) {
    case ForeignHost::keep: return "stays";
    case ForeignHost::replace: return "is replaced by this host's";
    case ForeignHost::refuse: return "is refused";
    }
    return {};
}

void add_applications(std::string& text, const Settings& settings) {
    const PutOptions& put = settings.put;
    if (!put.socket.empty()) {
        text.append(base::concat("applications push to ", put.socket));
        text.append(put.group ? base::concat(", group ", *put.group, "\n") : std::string{"\n"});
    }
    if (put.port != 0) {
        text.append(base::concat("applications push to localhost:", put.port, "\n"));
    }
    if (put.is_on()) {
        text.append(base::concat("their host tag of another host ", name_of(settings.put_host), "\n"));
    }
}

} // namespace

std::string preview_of(const Settings& settings, const std::vector<std::string>& lines) {
    std::string text =
        base::concat("directory ", settings.directory.native(), "\nprograms start in ", settings.root.native(), "\n");
    for (const Destination& destination : settings.outlet.destinations) {
        for (const Target& target : destination.targets.all()) {
            text.append(&destination == &settings.outlet.destinations.front() ? "target " : "copy to ")
                .append(target.text())
                .append("\n");
        }
    }
    if (settings.outlet.destinations.empty()) {
        text.append("target standard output\n");
    }
    const auto dedup = settings.outlet.dedup.count();
    text.append(dedup > 0 ? base::concat("unchanged values are sent each ", dedup, " s\n")
                          : std::string{"unchanged values are sent\n"});
    text.append(settings.outlet.spool.directory.empty()
                    ? std::string{"no spool: unsent points wait in memory\n"}
                    : base::concat("spool ", settings.outlet.spool.directory, "\n"));
    for (const auto& [key, value] : settings.intake.tags) {
        text.append(base::concat("tag ", key, "=", value, "\n"));
    }
    for (const Rule& rule : settings.intake.rules.all()) {
        text.append(to_string(rule)).append("\n");
    }
    add_limits(text, settings);
    for (const std::string& remark : settings.remarks) {
        text.append(remark).append("\n");
    }
    add_applications(text, settings);
    add_programs(text, settings);
    for (const std::string& line : lines) {
        add_line(text, settings, line);
    }
    return text;
}

} // namespace tickertape::cli::agent
