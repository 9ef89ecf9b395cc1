// SPDX-License-Identifier: MIT
#include "cli/agent/report.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include <tickertape/name.hpp>

#include "base/concat.hpp"
#include "base/unique_fd.hpp"
#include "base/whole_number.hpp"

namespace tickertape::cli::agent {

namespace {

/// Returns bytes as a column in MiB: `12.3`.
std::string mebibytes(std::uint64_t bytes) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f", static_cast<double>(bytes) / (1U << 20U));
    return text.data();
}

std::string seconds_text(double seconds) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.2f", seconds);
    return text.data();
}

/// Returns `no_tags` for `no tags`, because the value of a tag has no blanks.
std::string word_of(std::string_view text) { return sanitize(text); }

/// Collects points with common tags and one timestamp.
class Points {
public:
    Points(Tags tags, WallTime now) : tags_{std::move(tags)}, now_{now} {}

    void add(std::string_view metric, Value value, std::string_view key = {}, std::string_view text = {}) {
        Tags tags = tags_;
        if (!key.empty()) {
            tags.set(Name{key}, text);
        }
        points_.emplace_back(Series{Name{base::concat("tickertape.agent.", metric)}, tags, {.reserve_host_tag = false}},
                             now_, value);
    }
    void add_counts(const std::string& prefix, const IntakeCounts& counts) {
        add(prefix + "lines", counts.lines);
        add(prefix + "points", counts.points);
        add(prefix + "lines.dropped", counts.dropped);
        for (std::size_t why = 0; why < counts.refused.size(); ++why) {
            if (counts.refused[why] > 0) {
                add(prefix + "lines.refused", counts.refused[why], "reason", word_of(describe_refusal(why)));
            }
        }
    }
    void add_usage(const std::string& prefix, const Usage& usage) {
        add(prefix + "cpu.seconds", usage.cpu_seconds);
        add(prefix + "memory.resident", usage.resident);
    }
    std::vector<Point> take() { return std::move(points_); }

private:
    Tags tags_;
    WallTime now_;
    std::vector<Point> points_;
};

/// Only copies have the tag, so that a new copy changes no other series.
void add_account(Points& points, const Outlet::State& state) {
    const Account& account = state.account;
    const auto add = [&](std::string_view metric, std::uint64_t value) {
        points.add(metric, value, state.copy.empty() ? "" : "copy", state.copy);
    };
    add("points.accepted", account.accepted);
    add("points.recovered", account.recovered);
    add("points.acked", account.acked);
    add("points.unconfirmed", account.unconfirmed);
    add("points.rejected", account.all_rejected());
    add("points.dropped", account.all_dropped());
    add("points.queued", account.queued);
    add("points.in_flight", account.in_flight);
    add("points.spooled", account.spooled);
    add("points.set_aside", account.set_aside);
}

std::string text_of(const Outlet::State& state) {
    const Account& account = state.account;
    std::string text =
        base::concat(state.copy.empty() ? std::string{"points"} : base::concat("copy ", state.copy), ": ",
                     account.accepted, " accepted, ", account.recovered, " recovered, ", account.acked,
                     " acknowledged, ", account.unconfirmed, " unconfirmed, ", account.all_rejected(), " rejected, ",
                     account.all_dropped(), " dropped, ", account.queued, " queued, ", account.in_flight,
                     " in flight, ", account.spooled, " in the spool, ", account.set_aside, " set aside\n");
    for (const PushStatus::Target& target : state.push.targets) {
        text.append(base::concat("target ", target.target, target.connected ? ": connected" : ": not connected",
                                 target.last_failure.empty() ? "" : ", last failure: ", target.last_failure, "\n"));
    }
    return text;
}

void add_put(Points& points, const PutReport& put) {
    points.add("put.connections", put.open);
    points.add("put.connections.accepted", put.accepted);
    points.add("put.connections.refused", put.refused);
    for (std::size_t why = 0; why < put.ended.size(); ++why) {
        if (put.ended[why] > 0) {
            points.add("put.connections.ended", put.ended[why], "reason", describe(static_cast<PutEnd>(why)));
        }
    }
    points.add("put.pauses", put.pauses);
    points.add("put.errors.left_out", put.errors_left_out);
    points.add_counts("put.", put.counts);
}

/// Returns the line of the table about applications.
std::string text_of(const PutReport& put) {
    const std::string refused = put.counts.refusals_text();
    return base::concat("applications: ", put.open, " connections, ", put.accepted, " so far, ", put.refused,
                        " refused; ", put.counts.lines, " lines, ", put.counts.all_refused(), " refused",
                        refused.empty() ? "" : ": ", refused, "\n");
}

using Row = std::array<std::string, 11>;

std::string in_columns(const std::vector<Row>& rows) {
    std::array<std::size_t, std::tuple_size_v<Row>> widths{};
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], row[i].size());
        }
    }
    std::string text;
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string pad(widths[i] - row[i].size(), ' ');
            const bool is_text = i == 0 || i == 2 || i + 1 == row.size();
            text.append(i > 0 ? "  " : "").append(is_text ? row[i] + pad : pad + row[i]);
        }
        text.erase(text.find_last_not_of(' ') + 1);
        text.append("\n");
    }
    return text;
}

Row row_of(const ChildReport& child) {
    const std::string refused = child.counts.refusals_text();
    std::string note = refused.empty() ? "" : base::concat("refused: ", refused);
    if (!child.last_end.empty()) {
        note.append(note.empty() ? "" : "; ").append("last end: ").append(child.last_end);
    }
    return {child.name,
            std::to_string(child.interval.count()),
            child.state,
            child.id > 0 ? std::to_string(child.id) : "-",
            std::to_string(child.starts),
            std::to_string(child.counts.lines),
            std::to_string(child.counts.all_refused()),
            child.silent ? std::to_string(child.silent->count()) : "-",
            seconds_text(child.usage.cpu_seconds),
            child.usage.resident > 0 ? mebibytes(child.usage.resident) : "-",
            note};
}

} // namespace

std::optional<Usage> usage_of(pid_t id) {
    const base::UniqueFd file{open(base::concat("/proc/", id, "/stat").c_str(), O_RDONLY | O_CLOEXEC)};
    std::array<char, 1024> buffer{};
    const ssize_t got = file.valid() ? read(file.get(), buffer.data(), buffer.size()) : -1;
    if (got <= 0) {
        return std::nullopt;
    }
    std::string_view text{buffer.data(), static_cast<std::size_t>(got)};
    text.remove_prefix(std::min(text.rfind(')'), text.size() - 1) + 1); // the name may contain blanks and brackets
    constexpr std::size_t user_time = 12; // fields of proc_pid_stat(5), where the state is 1: utime, stime and rss
    constexpr std::size_t system_time = 13;
    constexpr std::size_t resident_pages = 22;
    std::array<std::uint64_t, resident_pages + 1> fields{};
    std::size_t field = 0;
    while (!text.empty() && field < resident_pages) {
        text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
        const std::string_view word = text.substr(0, text.find(' '));
        fields[++field] = base::whole_number<std::uint64_t>(word).value_or(0);
        text.remove_prefix(word.size());
    }
    const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    return Usage{.cpu_seconds = static_cast<double>(fields[user_time] + fields[system_time]) / ticks,
                 .resident = fields[resident_pages] * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE))};
}

std::string table_of(const Report& report) {
    std::vector<Row> rows{
        {"PROGRAM", "EVERY", "STATE", "PID", "STARTS", "LINES", "REFUSED", "SILENT", "CPU s", "MiB", ""}};
    std::transform(report.children.begin(), report.children.end(), std::back_inserter(rows), row_of);
    std::string text =
        base::concat(report.directory, ", up ", report.up.count(), " s, CPU ", seconds_text(report.usage.cpu_seconds),
                     " s, ", mebibytes(report.usage.resident), " MiB\n", in_columns(rows));
    for (const Outlet::State& state : report.destinations) {
        text.append(text_of(state));
    }
    text.append(base::concat(report.dedup.suppressed, " points held back as unchanged\n"));
    return text.append(report.put ? text_of(*report.put) : std::string{});
}

std::vector<Point> points_of(const Report& report, const Tags& tags, WallTime now) {
    Points points{tags, now};
    const auto running = std::count_if(report.children.begin(), report.children.end(),
                                       [](const ChildReport& child) { return child.id > 0; });
    points.add("up", 1);
    points.add("uptime", report.up.count());
    points.add("children", report.children.size());
    points.add("children.running", running);
    points.add_counts("", report.counts);
    points.add("points.unchanged", report.dedup.suppressed);
    for (const Outlet::State& state : report.destinations) {
        add_account(points, state);
    }
    if (report.put) {
        add_put(points, *report.put);
    }
    points.add_usage("", report.usage);
    std::vector<Point> all = points.take();
    for (const ChildReport& child : report.children) {
        Tags its = tags;
        Points more{its.set("collector", sanitize(child.name)), now};
        more.add("child.up", child.id > 0 ? 1 : 0);
        more.add("child.down", child.is_down ? 1 : 0);
        more.add("child.starts", child.starts);
        more.add("child.failures", child.failures);
        more.add("child.pauses", child.pauses);
        more.add_counts("child.", child.counts);
        more.add_usage("child.", child.usage);
        std::vector<Point> taken = more.take();
        all.insert(all.end(), taken.begin(), taken.end());
    }
    return all;
}

} // namespace tickertape::cli::agent
