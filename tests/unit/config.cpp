// SPDX-License-Identifier: MIT
// Config files, their places, and which of all places decides about a flag.
#include <collector/config.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include <collector/command_line.hpp>

#include "support/catch.hpp"
#include "support/seed.hpp"
#include "support/temporary_directory.hpp"

using namespace std::chrono_literals;
using tickertape::Form;
using tickertape::UsageError;
using tickertape::collector::config_line;
using tickertape::collector::config_paths;
using tickertape::collector::ConfigFile;
using Defaults = tickertape::Collector::Defaults;
using tickertape::collector::Exit;
using tickertape::collector::parse_command_line;
using tickertape::collector::parse_config;
using tickertape::collector::read_config;
using tickertape::collector::Settings;
using tickertape::collector::Surroundings;

namespace {

using Values = std::vector<std::string>;

Values value_in(const std::string& text, const std::string& key = "k") {
    const auto values = parse_config(text, "f").values;
    const auto found = values.find(key);
    return found != values.end() ? found->second : Values{};
}

std::string complaint_about(const std::string& text) {
    try {
        static_cast<void>(parse_config(text, "/f"));
        return "nothing";
    } catch (const UsageError& error) {
        return error.what();
    }
}

/// All places of a setting.
struct Places {
    std::vector<std::string> arguments = {};
    std::map<std::string, std::string> environment = {};
    std::vector<std::string> files = {}; // their texts, strongest first: 1, 2, 3
};

std::variant<Settings, Exit> parse(const Places& places, const Defaults& defaults = {.name = "c"}) {
    return parse_command_line(places.arguments, defaults,
                              {.environment = [&](const std::string& name) -> std::optional<std::string> {
                                   const auto found = places.environment.find(name);
                                   return found != places.environment.end() ? std::optional{found->second}
                                                                            : std::nullopt;
                               },
                               .files =
                                   [&](const std::optional<std::string>& /*config*/) {
                                       std::vector<ConfigFile> files;
                                       for (const std::string& text : places.files) {
                                           files.push_back(parse_config(text, "/" + std::to_string(files.size() + 1)));
                                       }
                                       return files;
                                   }});
}

Settings settings_of(const Places& places, const Defaults& defaults = {.name = "c"}) {
    auto parsed = parse(places, defaults);
    if (const auto* const end = std::get_if<Exit>(&parsed)) {
        FAIL("it ends: " << end->out << end->err);
    }
    return std::get<Settings>(std::move(parsed));
}

Exit exit_of(const Places& places) { return std::get<Exit>(parse(places)); }

/// A flag with a value as text, and a test whether the settings have this value.
struct Flag {
    std::string key;
    std::string variable;
    Values values; // one value for each of the places, which have different priority
    std::function<std::string(const Settings&)> read;
};

std::string seconds(std::chrono::milliseconds time) { return std::to_string(time.count() / 1000); }

const std::vector<Flag>& flags() {
    static const Values numbers{"10", "20", "30", "40", "50"};
    static const std::vector<Flag> all{
        {"interval", "TICKERTAPE_INTERVAL", numbers, [](const Settings& s) { return seconds(s.interval); }},
        {"timespan", "TICKERTAPE_TIMESPAN", numbers, [](const Settings& s) { return seconds(s.timespan); }},
        {"granularity", "TICKERTAPE_GRANULARITY", numbers, [](const Settings& s) { return seconds(s.granularity); }},
        {"tag",
         "TICKERTAPE_TAG",
         {"a=1", "a=2", "a=3", "a=4", "a=5"},
         [](const Settings& s) { return "a=" + *s.tags.find("a"); }},
        {"host-tag",
         "TICKERTAPE_HOST_TAG",
         {"none", "auto", "none", "auto", "none"},
         [](const Settings& s) { return std::string{s.host_tag.is_none() ? "none" : "auto"}; }},
        {"format",
         "TICKERTAPE_FORMAT",
         {"put", "tcollector", "put", "tcollector", "put"},
         [](const Settings& s) { return std::string{s.form == Form::put ? "put" : "tcollector"}; }},
        {"dedup", "TICKERTAPE_DEDUP", numbers, [](const Settings& s) { return seconds(s.dedup.value()); }},
        {"for", "TICKERTAPE_FOR", numbers, [](const Settings& s) { return seconds(s.run_for.value()); }},
        {"once",
         "TICKERTAPE_ONCE",
         {"true", "false", "1", "0", "true"},
         [](const Settings& s) { return std::string{s.once ? "true" : "false"}; }},
        {"proc-root",
         "TICKERTAPE_PROC_ROOT",
         {"/", "/tmp", "/etc", "/usr", "/dev"},
         [](const Settings& s) { return s.proc_root.string(); }},
        {"tsd",
         "TICKERTAPE_TSD",
         {"tsd://a:1", "tsd://b:2", "tsd://c:3", "tsd://d:4", "tsd://e:5"},
         [](const Settings& s) { return s.targets.at(0).text(); }},
        {"mps", "TICKERTAPE_MPS", numbers, [](const Settings& s) { return std::to_string(s.mps); }},
        {"self-metrics", "TICKERTAPE_SELF_METRICS", numbers,
         [](const Settings& s) { return seconds(s.self_metrics.value()); }},
        {"log-level",
         "TICKERTAPE_LOG_LEVEL",
         {"error", "warning", "notice", "info", "error"},
         [](const Settings& s) {
             const std::array<std::string, 4> names{"error", "warning", "notice", "info"};
             return names.at(static_cast<std::size_t>(s.log_level.value()) - 3);
         }},
        {"user", "TICKERTAPE_USER", {"a", "b", "c", "d", "e"}, [](const Settings& s) { return s.user; }},
    };
    return all;
}

std::string canonical(const std::string& value) { return value == "1" ? "true" : value == "0" ? "false" : value; }

} // namespace

TEST_CASE("A value is the rest of its line, without blanks around it") {
    CHECK(value_in("k = authentication failure\n") == Values{"authentication failure"});
    CHECK(value_in("  k=v\t\r\n") == Values{"v"});
    CHECK(value_in("k = [Ff]ailed, a=b {c}\n") == Values{"[Ff]ailed, a=b {c}"});
    CHECK(value_in("k = a\\d\"b\n") == Values{"a\\d\"b"});
    CHECK(value_in("k =") == Values{""});
    CHECK(value_in("k = 1\nk = 2") == Values{"1", "2"});
}

TEST_CASE("Quotes keep a value as it is") {
    CHECK(value_in("k = ' a # b '  # c\n") == Values{" a # b "});
    CHECK(value_in("k = \"it's\"\n") == Values{"it's"});
    CHECK(value_in("k = ''\n") == Values{""});
    CHECK(value_in("k = '\\n'\n") == Values{"\\n"});
}

TEST_CASE("A comment begins with a # at the start of a line or after a blank") {
    CHECK(value_in("# x\n\n \t# y = z\nk = a#b # c\n") == Values{"a#b"});
    CHECK(value_in("k = # nothing\n") == Values{""});
    CHECK(parse_config("", "f").values.empty());
    CHECK(parse_config("# k = v", "f").values.empty());
}

TEST_CASE("A malformed line is named with file and number") {
    CHECK(complaint_about("\n\ninterval 5\n") == "/f:3: 'interval 5' is not of the form key = value");
    CHECK(complaint_about("= 5\n") == "/f:1: '= 5' is not of the form key = value");
    CHECK(complaint_about("[section]\n") == "/f:1: '[section]' is not of the form key = value");
    CHECK(complaint_about("k = 'a\n") == "/f:1: 'k = \\'a' is not of the form key = value");
    CHECK(complaint_about("k = \"a\" b\n") == "/f:1: 'k = \"a\" b' is not of the form key = value");
    CHECK(complaint_about("a = 1\n\x1b\xff\n") == "/f:2: '\\x1b\\xff' is not of the form key = value");
}

TEST_CASE("parse_config reads the lines of config_line") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    const std::string characters = "ab #='[],\\\t";
    for (int round = 0; round < 2000; ++round) {
        std::string value;
        for (std::size_t left = test::up_to(random, 8); left > 0; --left) {
            value += characters[test::up_to(random, characters.size() - 1)];
        }
        CAPTURE(value);
        CHECK(value_in(config_line("k", value) + "    # origin\n") == Values{value});
    }
    CHECK(value_in(config_line("k", "\" #")) == Values{"\" #"});
}

TEST_CASE("The places of config files follow from where the program was started") {
    using Paths = std::vector<std::filesystem::path>;
    CHECK(config_paths("c", "/opt/tcollector/collectors/0/c", "/e") ==
          Paths{"/opt/tcollector/collectors/etc/c.conf", "/e/c.conf", "/e/common.conf"});
    CHECK(config_paths("c", "/x/300/other", "/e") == Paths{"/x/etc/c.conf", "/e/c.conf", "/e/common.conf"});
    for (const char* const started : {"/usr/bin/c", "c", "", "/x/0a/c", "/x/-1/c", "/c"}) {
        CAPTURE(started);
        CHECK(config_paths("c", started, "/e") == Paths{"/e/c.conf", "/e/common.conf"});
    }
}

TEST_CASE("Root reads only config files that are its own and that nobody else can write, others read any") {
    const test::TemporaryDirectory directory;
    directory.write("c.conf", "k = v\n");
    const std::filesystem::path path = directory.path() / "c.conf";
    const auto complaint = [&](uid_t reader) -> std::string {
        try {
            return read_config(path, reader) ? "" : "no file";
        } catch (const UsageError& error) {
            return error.what();
        }
    };
    ::chmod(path.c_str(), 0644);
    CHECK(complaint(1000).empty());
    if (::geteuid() == 0) {
        CHECK(complaint(0).empty());
        for (const mode_t mode : {0664U, 0646U, 0666U}) {
            ::chmod(path.c_str(), mode);
            CHECK(complaint(0) == path.string() + ": can be written by others than root; chmod go-w it");
            CHECK(complaint(1000).empty());
        }
        ::chmod(path.c_str(), 0600);
        REQUIRE(::chown(path.c_str(), 65534, 65534) == 0);
    }
    if (::geteuid() == 0 || ::getuid() == 65534) {
        CHECK(complaint(0) == path.string() + ": belongs to the user 65534; root reads only its own");
    }
}

TEST_CASE("A path that is no config file is named, and a missing file is no error") {
    const test::TemporaryDirectory directory;
    CHECK_FALSE(read_config(directory.path() / "c.conf", 1000).has_value());
    CHECK_FALSE(read_config(directory.path() / "no/c.conf", 1000).has_value());
    CHECK_THROWS_WITH(read_config(directory.path(), 1000), directory.path().string() + ": is not a regular file");
    directory.write("big", std::string((1U << 20U) + 1, '#'));
    CHECK_THROWS_WITH(read_config(directory.path() / "big", 1000),
                      (directory.path() / "big").string() + ": is larger than a mebibyte");
}

TEST_CASE("For each flag, of any two places the stronger one counts") {
    for (const Flag& flag : flags()) {
        // Places: the command line, the environment, files 1, 2, 3.
        for (int stronger = 0; stronger < 5; ++stronger) {
            for (int weaker = stronger; weaker < 5; ++weaker) {
                CAPTURE(flag.key, stronger, weaker);
                Places places;
                places.files = {"", "", ""};
                for (const int place : {stronger, weaker}) {
                    const std::string& value = flag.values[static_cast<std::size_t>(place)];
                    if (place == 0) {
                        places.arguments = {"--" + flag.key + "=" + value};
                    } else if (place == 1) {
                        places.environment[flag.variable] = value;
                    } else {
                        places.files[static_cast<std::size_t>(place - 2)] = flag.key + " = " + value + "\n";
                    }
                }
                CHECK(flag.read(settings_of(places)) == canonical(flag.values[static_cast<std::size_t>(stronger)]));
            }
        }
    }
}

TEST_CASE("A collector's own flag can be set from all places, too") {
    std::string file;
    const Defaults defaults{.name = "c",
                            .flags = {{.name = "--log-file2", .help = "x", .kind = "FILE", .target = &file}}};
    const auto of = [&](const Places& places) {
        file = "default";
        settings_of(places, defaults);
        return file;
    };
    CHECK(of({}) == "default");
    CHECK(of({.files = {"", "log-file2 = weak one\n"}}) == "weak one");
    CHECK(of({.files = {"log-file2 = strong", "log-file2 = weak"}}) == "strong");
    CHECK(of({.environment = {{"TICKERTAPE_LOG_FILE2", "env"}}, .files = {"log-file2 = strong"}}) == "env");
    CHECK(of({.arguments = {"--log-file2", "arg"}, .environment = {{"TICKERTAPE_LOG_FILE2", "env"}}}) == "arg");
}

TEST_CASE("Several tags may be in one place, with blanks between them or in several lines, and places are not mixed") {
    const auto tags = [](const Places& places) {
        std::string all;
        for (const auto& [key, value] : settings_of(places).tags) {
            all.append(key).append("=").append(value).append(" ");
        }
        return all;
    };
    CHECK(tags({.environment = {{"TICKERTAPE_TAG", " a=1  b=2 "}}}) == "a=1 b=2 ");
    CHECK(tags({.files = {"tag = a=1 b=2\ntag = c=3\n"}}) == "a=1 b=2 c=3 ");
    CHECK(tags({.environment = {{"TICKERTAPE_TAG", "a=1"}}, .files = {"tag = b=2"}}) == "a=1 ");
    CHECK(tags({.environment = {{"TICKERTAPE_TAG", ""}}, .files = {"tag = b=2"}}).empty());
}

TEST_CASE("The last of two equal keys in a file counts") {
    CHECK(settings_of({.files = {"interval = 1\ninterval = 2\n"}}).interval == 2s);
}

TEST_CASE("A wrong value is named with its place") {
    const auto says = [](const Places& places, const std::string& sentence) {
        const Exit end = exit_of(places);
        CHECK(end.code == tickertape::Collector::ExitCode::usage);
        CHECK(end.out.empty());
        CHECK(end.err.starts_with("c: " + sentence));
        CHECK(end.err.find('\n') == end.err.size() - 1);
    };
    says({.files = {"", "dedup = x\n"}}, "/2: dedup: 'x' is no duration");
    says({.files = {"once = yes\n"}}, "/1: once: 'yes' is neither true nor false");
    says({.environment = {{"TICKERTAPE_HOST_TAG", "a b"}}}, "TICKERTAPE_HOST_TAG: the name 'a b'");
    says({.environment = {{"TICKERTAPE_INTERVAL", ""}}}, "TICKERTAPE_INTERVAL: '' is no duration");
    says({.files = {"intervall = 5\n"}}, "/1: 'intervall' is no setting of this collector");
    says({.files = {"x.interval = 5\n"}}, "/1: 'x.interval' is no setting of this collector");
    says({.files = {"--interval = 5\n"}}, "/1: '--interval' is no setting of this collector");
    says({.arguments = {"--interval", "5"}, .files = {"a\x1b = 5\n"}}, "/1: 'a\\x1b' is no setting");
    says({.files = {"\nx\n"}}, "/1:2: 'x' is not of the form");
}

TEST_CASE("Settings for one run, or for tests, come only from the command line") {
    for (const char* const key : {"now", "hostname", "config", "check-config", "help", "version"}) {
        CAPTURE(key);
        CHECK(exit_of({.files = {std::string{key} + " = 1\n"}}).err ==
              "c: /1: '" + std::string{key} + "' is no setting of this collector\n");
    }
    const Settings settings = settings_of({.environment = {{"TICKERTAPE_NOW", "1"},
                                                           {"TICKERTAPE_HOSTNAME", "h"},
                                                           {"TICKERTAPE_CONFIG", "/nonexistent"},
                                                           {"TICKERTAPE_CHECK_CONFIG", "true"}}});
    CHECK_FALSE(settings.now.has_value());
    CHECK_FALSE(settings.hostname.has_value());
    CHECK_FALSE(settings.check_config);
}

TEST_CASE("The flag --check-config prints each setting with its origin in the form of a config file") {
    const Exit end = exit_of({.arguments = {"--check-config", "--interval", "5", "--tag", "a=1", "--tag", "b=2"},
                              .environment = {{"TICKERTAPE_DEDUP", "0"}},
                              .files = {"user = x # y\n", "dedup = 9\nfor = 3\n"}});
    CHECK(end.code == tickertape::Collector::ExitCode::again);
    CHECK(end.err.empty());
    CHECK(end.out == "interval = 5    # --interval\n"
                     "tag = a=1    # --tag\n"
                     "tag = b=2    # --tag\n"
                     "dedup = 0    # TICKERTAPE_DEDUP\n"
                     "for = 3    # /2: for\n"
                     "user = x    # /1: user\n");
    CHECK(settings_of({.files = {end.out}}).tags.size() == 2);
    CHECK(exit_of({.arguments = {"--check-config"}}).out == "# Nothing is set: all is as --help says.\n");
    CHECK(exit_of({.arguments = {"--check-config"}, .files = {"timespan = 3\ngranularity = 2\n"}}).code ==
          tickertape::Collector::ExitCode::usage);
}

TEST_CASE("Help and version are printed whatever config files contain") {
    CHECK(exit_of({.arguments = {"--help"}, .files = {"broken"}}).code == tickertape::Collector::ExitCode::again);
    CHECK(exit_of({.arguments = {"--version"}, .files = {"broken"}}).code == tickertape::Collector::ExitCode::again);
}

TEST_CASE("Help names each flag once, the places of settings and examples, and fits a terminal") {
    const std::string help = exit_of({.arguments = {"--help"}}).out;
    for (const Flag& flag : flags()) {
        CAPTURE(flag.key);
        CHECK(help.find("  --" + flag.key + " ") != std::string::npos);
    }
    CHECK(help.find("--now") == std::string::npos);
    CHECK(help.find("--hostname") == std::string::npos);
    CHECK(help.find("TICKERTAPE_SELF_METRICS") != std::string::npos);
    CHECK(help.find("\n\n\n") == std::string::npos);
    const std::size_t first = help.find("  etc/c.conf ");
    const std::size_t second = help.find("  /etc/tickertape/c.conf ");
    CHECK(first < second);
    CHECK(second < help.find("  /etc/tickertape/common.conf\n"));
    CHECK(help.find("\nExamples:\n  c --once ") > second);
    for (std::size_t begin = 0; begin < help.size();) {
        const std::size_t end = help.find('\n', begin);
        CHECK(end - begin <= 80);
        begin = end + 1;
    }
}
