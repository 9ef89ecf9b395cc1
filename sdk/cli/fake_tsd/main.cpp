// SPDX-License-Identifier: MIT
// fake-tsd: the fake TSD of the test kit, for experiments by hand.
#include <array>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <iostream>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include <tickertape/name.hpp>
#include <tickertape/stop.hpp>
#include <tickertape/testkit/fake_tsd.hpp>

#include "base/concat.hpp"
#include "base/help_text.hpp"
#include "base/nearest.hpp"
#include "base/quote.hpp"
#include "cli/help.hpp"
#include "cli/parse_error.hpp"
#include "collector/version.hpp"

using namespace tickertape;
using namespace tickertape::testkit;

namespace {

std::uint64_t number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value > 1'000'000'000'000) {
        throw UsageError{base::concat("--fault: ", base::quote(text), " is no number up to 10^12")};
    }
    return value;
}

std::chrono::milliseconds milliseconds(std::string_view text) { return std::chrono::milliseconds{number(text)}; }

/// Splits `a:b`; b is empty if there is no colon.
std::pair<std::string_view, std::string_view> halves(std::string_view text) {
    const std::size_t colon = text.find(':');
    return {text.substr(0, colon), colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1)};
}

template <Break how>
void break_after_lines(Faults& faults, std::string_view lines) {
    faults.breakage.how = how;
    faults.breakage.after_lines = lines.empty() ? 0 : number(lines);
}

void set_http(Faults& faults, std::string_view value) {
    const auto [status, seconds] = halves(value);
    faults.http.status = static_cast<unsigned>(number(status));
    if (!seconds.empty()) {
        faults.http.retry_after = std::chrono::seconds{number(seconds)};
    }
}

void set_refusal(Faults& faults, std::string_view value) {
    const std::map<std::string_view, Refusal> refusals{{"unknown-metric", Refusal::unknown_metric},
                                                       {"throttle", Refusal::throttle},
                                                       {"hbase-error", Refusal::hbase_error},
                                                       {"unauthorized", Refusal::unauthorized},
                                                       {"read-only", Refusal::read_only}};
    const auto [name, metric] = halves(value);
    const auto found = refusals.find(name);
    if (found == refusals.end()) {
        throw UsageError{
            "--fault: refuse takes unknown-metric, throttle, hbase-error, unauthorized or read-only, and a "
            "metric behind a colon if only that one is refused"};
    }
    faults.refuse = found->second;
    if (!metric.empty()) {
        faults.refuse_if = [poison = std::string{metric}](std::string_view each) { return each == poison; };
    }
}

enum class Value { none, optional, needed };

struct KnownFault {
    std::string_view usage;
    std::string_view help;
    void (*apply)(Faults&, std::string_view value);

    [[nodiscard]] std::string_view name() const { return usage.substr(0, usage.find_first_of("=[")); }
    [[nodiscard]] Value value() const {
        const std::size_t size = name().size();
        return size == usage.size() ? Value::none : usage[size] == '=' ? Value::needed : Value::optional;
    }
};

constexpr std::array<KnownFault, 16> known_faults{{
    {"reset[=LINES]", "Reset each connection, after so many lines", break_after_lines<Break::reset>},
    {"close[=LINES]", "Close each connection", break_after_lines<Break::close>},
    {"stall[=LINES]", "Stop reading, as a stopped process does", break_after_lines<Break::stall>},
    {"mute[=LINES]", "Read on, but never answer nor close", break_after_lines<Break::mute>},
    {"after-bytes=NUMBER", "Let one of these happen after so many bytes instead",
     [](Faults& faults, std::string_view value) { faults.breakage.after_bytes = number(value); }},
    {"times=NUMBER", "Let one of these happen to so many connections only",
     [](Faults& faults, std::string_view value) { faults.breakage.connections = number(value); }},
    {"http=STATUS[:SECONDS]", "Answer /api/put with it and a Retry-After; 200 reports that all points failed",
     set_http},
    {"http-times=NUMBER", "Answer so many requests with it, and later ones as usual",
     [](Faults& faults, std::string_view value) { faults.http.requests = number(value); }},
    {"refuse=WHY[:METRIC]",
     "Refuse all points or those of a metric; WHY is unknown-metric, throttle, hbase-error, unauthorized or read-only",
     set_refusal},
    {"slow=MS", "Wait so many milliseconds before each read",
     [](Faults& faults, std::string_view value) { faults.read_delay = milliseconds(value); }},
    {"slow-answers=MS", "Wait before each answer",
     [](Faults& faults, std::string_view value) { faults.answer_delay = milliseconds(value); }},
    {"slow-loris=MS", "Answer byte by byte, and wait before each",
     [](Faults& faults, std::string_view value) { faults.byte_delay = milliseconds(value); }},
    {"max-body=BYTES", "Take HTTP bodies up to this size",
     [](Faults& faults, std::string_view value) { faults.max_body = number(value); }},
    {"large-body=STATUS", "Answer larger ones with it; 0 closes the connection",
     [](Faults& faults, std::string_view value) { faults.large_body_status = static_cast<unsigned>(number(value)); }},
    {"complaint=TEXT", "Send this line after the first line of each connection",
     [](Faults& faults, std::string_view value) { faults.complaint = value; }},
    {"no-version", "Do not answer 'version'", [](Faults& faults, std::string_view) { faults.answer_version = false; }},
}};

/// `'typed'`, the nearest of `words`, and where to find help.
std::string no_such(std::string_view flag, std::string_view typed, const std::vector<std::string>& words) {
    const std::string meant = base::nearest(typed, words);
    return base::concat(flag, ": there is no ", base::quote(typed),
                        meant.empty() ? "" : base::concat("; perhaps ", meant, " is meant"), "; see fake-tsd --help");
}

Faults read_faults(const std::vector<std::string>& texts) {
    Faults faults;
    for (const std::string& text : texts) {
        const std::string_view whole{text};
        const std::size_t equals = whole.find('=');
        const bool has_value = equals != std::string_view::npos;
        const std::string_view value = has_value ? whole.substr(equals + 1) : std::string_view{};
        const KnownFault* known = nullptr;
        std::vector<std::string> names;
        for (const KnownFault& each : known_faults) {
            known = each.name() == whole.substr(0, equals) ? &each : known;
            names.emplace_back(each.name());
        }
        if (known == nullptr) {
            throw UsageError{no_such("--fault", whole.substr(0, equals), names)};
        }
        if (has_value ? known->value() == Value::none || value.empty() : known->value() == Value::needed) {
            throw UsageError{base::concat("--fault: it is written ", known->usage, ", not ", text)};
        }
        known->apply(faults, value);
    }
    return faults;
}

Personality read_personality(const std::string& text) {
    const std::map<std::string_view, Personality> personalities{{"opentsdb", Personality::opentsdb},
                                                                {"victoria-metrics", Personality::victoria_metrics},
                                                                {"influxdb", Personality::influxdb},
                                                                {"silent", Personality::silent}};
    const auto found = personalities.find(text);
    if (found == personalities.end()) {
        std::vector<std::string> names;
        for (const auto& [name, personality] : personalities) {
            names.emplace_back(name);
        }
        throw UsageError{no_such("--personality", text, names)};
    }
    return found->second;
}

std::string usage_notes() {
    std::string text = "Faults:\n";
    for (const KnownFault& fault : known_faults) {
        base::append_help_entry(text, fault.usage, fault.help);
    }
    text += R"(
Exit codes:
  0  Ended as asked, by TERM or INT
  1  It cannot listen
  2  A flag is wrong

Examples:
)";
    base::append_help_entry(text, "fake-tsd --print", "Print the lines that come");
    base::append_help_entry(text, "fake-tsd --fault reset=3000 --fault times=1", "Reset one connection in mid-stream");
    base::append_help_entry(text, "fake-tsd --fault refuse=unknown-metric:m", "Refuse the metric m");
    text.pop_back();
    return text;
}

void wait_for_stop(const Stop& stop) {
    std::mutex mutex;
    std::condition_variable_any woken;
    std::unique_lock lock{mutex};
    woken.wait(lock, stop.token(), [] { return false; });
}

} // namespace

int main(int argc, char* argv[]) {
    CLI::App app{"Takes points on loopback like a time series database, and fails when told to.", "fake-tsd"};
    cli::use_our_help(app);
    std::uint16_t port = 0;
    std::string personality = "opentsdb";
    std::vector<std::string> faults;
    bool print = false;
    bool ipv6 = false;
    app.add_option("--port", port, "Port on 127.0.0.1; 0 takes a free one")
        ->type_name("NUMBER")
        ->capture_default_str()
        ->group("Receiving");
    app.add_option("--personality", personality,
                   "Behave like this server: opentsdb, victoria-metrics, influxdb or silent")
        ->type_name("NAME")
        ->capture_default_str()
        ->group("Receiving");
    app.add_flag("--ipv6", ipv6, "Listen on ::1, too")->group("Receiving");
    app.add_option("--fault", faults, "Go wrong like this, see Faults; may be repeated")
        ->type_name("NAME=VALUE")
        ->group("Failing");
    app.add_flag("--print", print, "Print each line that is stored, also of points that came by HTTP")->group("Output");
    app.set_version_flag("-V,--version", base::concat("fake-tsd ", collector::version_text()), "Show the version");
    app.footer(usage_notes());
    try {
        app.parse(argc, argv);
        FakeTsdOptions options{.port = port,
                               .personality = read_personality(personality),
                               .faults = read_faults(faults),
                               .keep = Keep::hashes,
                               .ipv6 = ipv6};
        if (print) {
            options.on_line = [](std::string_view line) { std::cout << line << '\n' << std::flush; };
        }
        const Stop::OnSignals signals;
        FakeTsd tsd{options};
        std::cout << "listening on " << tsd.address() << '\n' << std::flush; // the starting program waits for this line
        wait_for_stop(Stop::process());
        tsd.stop();
        const Received received = tsd.received();
        std::cout << "connections " << received.connections << ", requests " << received.requests << ", lines "
                  << received.lines << ", stored " << received.stored << ", distinct " << received.distinct
                  << ", refused " << received.refused << '\n';
        return 0;
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) { // --help, --version
            return app.exit(error);
        }
        std::cerr << "fake-tsd: " << cli::parse_error_message(app, error) << '\n';
        return 2;
    } catch (const UsageError& error) {
        std::cerr << "fake-tsd: " << error.what() << '\n';
        return 2;
    } catch (const std::system_error& error) {
        std::cerr << "fake-tsd: " << error.what() << '\n';
        return 1;
    }
}
