// SPDX-License-Identifier: MIT
// The alerts, the dashboard and the self-metrics of collectors and the agent fit together.
#include <array>
#include <chrono>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include <cli/agent/report.hpp>
#include <support/catch.hpp>
#include <support/eventually.hpp>
#include <support/peer.hpp>
#include <support/process.hpp>
#include <support/temporary_directory.hpp>
#include <support/victoria_metrics.hpp>

namespace {

using namespace std::chrono_literals;

constexpr const char* vmalert = "/usr/bin/vmalert";
const std::filesystem::path folder = TICKERTAPE_SOURCE_DIR "/collectors/package/monitoring";
constexpr std::int64_t begin = 1'700'000'040; // a whole minute
constexpr std::int64_t minutes = 60;
constexpr std::int64_t minutes_held = 6; // tcollector passes equal values on after 5; a report may be missed

std::string contents_of(const std::filesystem::path& path) {
    std::ifstream in{path};
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

/// Returns the value at a minute after `begin`; nan: none.
using Course = std::function<double(std::int64_t minute)>;

struct Trouble {
    std::string alert;
    std::string metric; ///< the metric without `tickertape.`
    Course course;
};

/// The troubles. Each one has a host with only that trouble.
const std::vector<Trouble> troubles{
    {"CollectorSilent", "up", [](std::int64_t m) { return m < 20 ? 1 : std::nan(""); }},
    {"Losing", "push.dropped", [](std::int64_t m) { return static_cast<double>(3 * m); }},
    {"Losing", "dropped", [](std::int64_t m) { return static_cast<double>(3 * m); }},
    {"Losing", "readings.lost", [](std::int64_t m) { return static_cast<double>(3 * m); }},
    {"Losing", "buckets.lost", [](std::int64_t m) { return static_cast<double>(3 * m); }},
    {"Losing", "agent.points.dropped", [](std::int64_t m) { return static_cast<double>(3 * m); }},
    {"Unconfirmed", "push.unconfirmed", [](std::int64_t m) { return m < 30 ? 0 : 5; }},
    {"Unconfirmed", "agent.points.unconfirmed", [](std::int64_t m) { return m < 30 ? 0 : 5; }},
    {"Rejected", "push.rejected", [](std::int64_t m) { return m < 30 ? 0 : 1; }},
    {"Rejected", "readings.refused", [](std::int64_t m) { return m < 30 ? 0 : 1; }},
    {"Rejected", "agent.points.rejected", [](std::int64_t m) { return m < 30 ? 0 : 1; }},
    {"SetAside", "push.set_aside", [](std::int64_t) { return 2; }},
    {"SetAside", "agent.points.set_aside", [](std::int64_t) { return 2; }},
    {"Behind", "push.queued", [](std::int64_t) { return 9000; }},
    {"Behind", "queue", [](std::int64_t) { return 9000; }},
    {"Behind", "agent.points.queued", [](std::int64_t) { return 9000; }},
    {"Late", "tick.missed", [](std::int64_t m) { return static_cast<double>(m); }},
    {"Late", "runs.missed", [](std::int64_t m) { return static_cast<double>(m); }},
    {"Late", "buckets.smeared", [](std::int64_t m) { return static_cast<double>(m); }},
    {"ClockStepping", "clock.steps", [](std::int64_t m) { return static_cast<double>(m / 5); }},
    {"SpoolFilling", "push.spooled", [](std::int64_t m) { return static_cast<double>(1000 * m); }},
    {"SpoolFilling", "agent.points.spooled", [](std::int64_t m) { return static_cast<double>(1000 * m); }},
    {"RowsSkipped", "rows.skipped", [](std::int64_t m) { return static_cast<double>(m); }},
    {"AgentSilent", "agent.up", [](std::int64_t m) { return m < 20 ? 1 : std::nan(""); }},
    {"ProgramDown", "agent.child.down", [](std::int64_t) { return 1; }},
    {"ProgramFailsAgain", "agent.child.failures", [](std::int64_t m) { return static_cast<double>(m / 10); }},
    {"LinesRefused", "agent.child.lines.refused", [](std::int64_t m) { return m < 30 ? std::nan("") : 5; }},
    {"LinesRefused", "agent.put.lines.refused", [](std::int64_t m) { return m < 30 ? std::nan("") : 5; }},
};

std::string host_of(const Trouble& trouble) { return "sick-" + trouble.metric; }

/// Returns the tags of a metric: the agent's totals have no collector.
std::string tags_of(const std::string& metric) {
    const bool is_total = metric.starts_with("agent.") && !metric.starts_with("agent.child.");
    return is_total ? " host=" : " collector=c host=";
}

/// Returns the points of a host with losses long ago, of one whose equal values are held back, and of one host for each trouble.
std::string lines() {
    std::ostringstream text;
    std::set<std::string> metrics;
    for (const Trouble& trouble : troubles) {
        metrics.insert(trouble.metric);
        for (std::int64_t minute = 0; minute < minutes; ++minute) {
            if (const double value = trouble.course(minute); !std::isnan(value)) {
                text << "put tickertape." << trouble.metric << ' ' << begin + 60 * minute << ' ' << value
                     << tags_of(trouble.metric) << host_of(trouble) << '\n';
            }
        }
    }
    const std::set<std::string> levels{
        "push.set_aside",         "push.queued",         "push.spooled",         "queue",
        "agent.points.set_aside", "agent.points.queued", "agent.points.spooled", "agent.child.down"};
    for (std::int64_t minute = -2 * minutes; minute < minutes; ++minute) {
        for (const std::string& metric : metrics) {
            text << "put tickertape." << metric << ' ' << begin + 60 * minute << ' '
                 << (metric == "up" || metric == "agent.up" ? 1
                     : levels.contains(metric)              ? 0
                                                            : 7)
                 << tags_of(metric) << "healthy\n";
        }
    }
    for (std::int64_t minute = -2 * minutes; minute < minutes; minute += minutes_held) {
        for (const std::string metric : {"up", "agent.up"}) {
            text << "put tickertape." << metric << ' ' << begin + 60 * minute << " 1" << tags_of(metric) << "held\n";
        }
    }
    return text.str();
}

std::string date_of(std::int64_t time) {
    const std::time_t seconds = time;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text.data();
}

std::set<std::string> metrics_in(const std::string& text) {
    std::set<std::string> all;
    // `tickertape.up`, and the alternatives of `tickertape.(push.queued|queue)`
    const std::regex names{R"(tickertape\.(\(([a-z_.|]+)\)|[a-z_.]*[a-z]))"};
    for (std::sregex_iterator found{text.begin(), text.end(), names}, end; found != end; ++found) {
        std::istringstream parts{(*found)[2].matched ? (*found)[2].str() : (*found)[1].str()};
        for (std::string part; std::getline(parts, part, '|');) {
            all.insert(part);
        }
    }
    return all;
}

/// Returns the metrics of an agent that has a program and applications, without `tickertape.`.
std::set<std::string> metrics_of_agents() {
    using namespace tickertape::cli::agent;
    IntakeCounts counts;
    counts.refused[out_of_order] = 1;
    Report report;
    report.children.push_back({.name = "c", .counts = counts});
    report.destinations.emplace_back();
    report.put = PutReport{.counts = counts};
    std::set<std::string> all;
    for (const tickertape::Point& point : points_of(report, {}, tickertape::WallTime{})) {
        all.emplace(point.series().metric().substr(std::string_view{"tickertape."}.size()));
    }
    return all;
}

} // namespace

TEST_CASE("each alert fires for the host that has that trouble, and for no other") {
    if (!test::VictoriaMetrics::is_installed() || !std::filesystem::exists(vmalert)) {
        WARN("there is no VictoriaMetrics with vmalert here");
        return;
    }
    const test::VictoriaMetrics server;
    {
        const test::Peer peer{server.telnet_port()};
        peer.say(lines());
        peer.half_close();
        CHECK(peer.rest().empty());
    }
    constexpr std::size_t reports = 3 * minutes + 20 + 3 * minutes / minutes_held; // `up` of three hosts
    REQUIRE(server.count("tickertape.up", reports).points == reports);
    // When it replays, this vmalert restarts the wait of `for` at each sample.
    const test::TemporaryDirectory directory;
    const std::string rules = contents_of(folder / "alerts.yml");
    directory.write("rules.yml", std::regex_replace(rules, std::regex{"\n *for: [^\n]*"}, ""));
    const std::string url = "http://127.0.0.1:" + std::to_string(server.query_port());
    test::Process process{{.program = vmalert,
                           .arguments = {"-rule=" + (directory.path() / "rules.yml").string(), "-datasource.url=" + url,
                                         "-remoteWrite.url=" + url, "-replay.timeFrom=" + date_of(begin),
                                         "-replay.timeTo=" + date_of(begin + 60 * minutes), "-replay.rulesDelay=0s",
                                         "-replay.disableProgressBar"}}};
    const test::Result ran = test::finish(process, 300s);
    CAPTURE(ran.err);
    REQUIRE(ran.ended == test::exit_0);
    REQUIRE(server.count("ALERTS", 1).points > 0);
    std::set<std::string> alerts;
    for (const Trouble& trouble : troubles) {
        CAPTURE(trouble.alert, trouble.metric);
        alerts.insert(trouble.alert);
        const auto fired = [&](const std::string& labels) {
            return server.query("count(count_over_time(ALERTS{alertstate=\"firing\"," + labels + "}[2h]))",
                                begin + 60 * minutes);
        };
        const std::string labels = "alertname=\"Tickertape" + trouble.alert + "\",host=\"" + host_of(trouble) + "\"";
        CHECK(test::eventually([&] { return fired(labels) == 1; }));
        CHECK(fired("host=\"" + host_of(trouble) + "\"") == 1); // only this alert for this host
        CHECK(std::isnan(fired("host=\"healthy\"")));
        CHECK(std::isnan(fired("host=\"held\"")));
    }
    const std::regex names{"- alert: Tickertape(\\w+)"};
    for (std::sregex_iterator found{rules.begin(), rules.end(), names}, end; found != end; ++found) {
        CHECK(alerts.contains((*found)[1].str()));
    }
}

TEST_CASE("alerts and the dashboard use metrics that collectors and the agent report") {
    const std::string source = contents_of(TICKERTAPE_SOURCE_DIR "/sdk/src/collector/output.cpp") +
                               contents_of(TICKERTAPE_SOURCE_DIR "/sdk/src/stage/places.hpp");
    const std::set<std::string> of_agents = metrics_of_agents();
    const boost::json::value dashboard = boost::json::parse(contents_of(folder / "dashboard.json"));
    CHECK(dashboard.at("panels").as_array().size() >= 13);
    for (const char* file : {"alerts.yml", "dashboard.json", "bosun.conf"}) {
        // Bosun's alerts have names like metrics.
        const std::string text = std::regex_replace(contents_of(folder / file), std::regex{"\nalert [^\n]*"}, "");
        const std::set<std::string> metrics = metrics_in(text);
        CHECK(metrics.size() > 5);
        for (const std::string& metric : metrics) {
            CAPTURE(file, metric);
            CHECK((of_agents.contains(metric) || source.find('"' + metric + '"') != std::string::npos));
        }
    }
}
