// SPDX-License-Identifier: MIT
// --include-X and --exclude-X, and their report by --check-config.
#include <tickertape/choice.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include <collector/command_line.hpp>

#include "support/catch.hpp"

using tickertape::Choice;
using tickertape::Collector;
using tickertape::matches_glob;
using tickertape::collector::ConfigFile;
using tickertape::collector::Exit;
using tickertape::collector::parse_command_line;
using tickertape::collector::parse_config;

namespace {

using Words = std::vector<std::string>;

/// A choice of things, some of them on this host, with settings from flags and a config file.
struct Chosen {
    explicit Chosen(const Words& arguments, const std::string& file = "", bool fails = false)
        : choice{{.name = "thing",
                  .what = "things",
                  .exclude = {"loop*", "/dev/*"},
                  .candidates = [fails](const auto& /*proc_root*/) -> Words {
                      if (fails) {
                          throw std::runtime_error{"there is no /proc/things"};
                      }
                      return {"sda", "sdb", "loop0"};
                  }}} {
        const auto parsed = parse_command_line(
            arguments, {.name = "c", .flags = choice.flags()},
            {.files = [&](const auto& /*config*/) { return std::vector{parse_config(file, "/f")}; }});
        if (const auto* const end = std::get_if<Exit>(&parsed)) {
            exit = *end;
        }
    }
    [[nodiscard]] Words of(const Words& values) const {
        Words chosen;
        for (const std::string& value : values) {
            if (choice(value)) {
                chosen.push_back(value);
            }
        }
        return chosen;
    }

    Choice choice;
    Exit exit{Collector::ExitCode::again, "", ""};
};

const Words things{"sda", "sdb", "loop0", "/dev/shm"};

} // namespace

TEST_CASE("Without flags everything is chosen except the collector's default exclusions") {
    CHECK(Chosen{{}}.of(things) == Words{"sda", "sdb"});
}

TEST_CASE("Excluded names are left out, and only included names are left") {
    CHECK(Chosen{{"--exclude-thing", "sdb"}}.of(things) == Words{"sda"});
    CHECK(Chosen{{"--include-thing", "loop*"}}.of(things) == Words{"loop0"});
    CHECK(Chosen{{"--include-thing", "*"}}.of(things) == things);
    CHECK(Chosen{{"--include-thing", "sd?", "--include-thing", "loop0"}}.of(things) == Words{"sda", "sdb", "loop0"});
    CHECK(Chosen{{"--include-thing", "sd*", "--exclude-thing", "sda", "--exclude-thing", "x"}}.of(things) ==
          Words{"sdb"});
    CHECK(Chosen{{}, "include-thing = sda loop0\nexclude-thing = sd*\n"}.of(things) == Words{"loop0"});
}

TEST_CASE("The collector's own patterns can be ignored") {
    const Chosen chosen{{"--exclude-thing", "loop1"}};
    CHECK(chosen.choice("loop0", false));
    CHECK_FALSE(chosen.choice("loop1", false));
}

TEST_CASE("A glob matches a whole value") {
    CHECK(matches_glob("/var/lib/docker/*", "/var/lib/docker/overlay2/1/merged"));
    CHECK(matches_glob("eth[0-3]", "eth2"));
    CHECK(matches_glob("/data/my?disk", "/data/my disk"));
    CHECK_FALSE(matches_glob("eth", "eth0"));
    CHECK_FALSE(matches_glob("th0", "eth0"));
    CHECK_FALSE(matches_glob("eth[0-3]", "eth10"));
}

TEST_CASE("An empty pattern is refused") {
    const Chosen chosen{{"--exclude-thing", ""}};
    CHECK(chosen.exit.code == Collector::ExitCode::usage);
    CHECK(chosen.exit.err == "c: --exclude-thing: '' is no pattern; write '*' for all\n");
}

TEST_CASE(
    "The flag --check-config prints the patterns in force with their origin, and names patterns without a match") {
    const auto told = [](Words arguments, const std::string& file = "", bool fails = false) {
        arguments.emplace_back("--check-config");
        return Chosen{arguments, file, fails}.exit.out;
    };
    const std::string own = "exclude-thing = loop*    # default\nexclude-thing = /dev/*    # default\n";
    CHECK(told({}) == own);
    CHECK(told({"--exclude-thing", "sdx", "--exclude-thing", "sda"}) ==
          "exclude-thing = sdx    # --exclude-thing\nexclude-thing = sda    # --exclude-thing\n" + own +
              "# --exclude-thing: 'sdx' matches nothing here\n");
    CHECK(told({}, "include-thing = sd* md*\n") ==
          "include-thing = sd*    # /f: include-thing\ninclude-thing = md*    # /f: include-thing\n"
          "# /f: include-thing: 'md*' matches nothing here\n");
    CHECK(told({"--include-thing", "*"}, "", true) ==
          "include-thing = *    # --include-thing\n"
          "# --include-thing: not compared with this host: there is no /proc/things\n");
}

TEST_CASE("The help lists the default exclusions") {
    CHECK(Chosen{{"--help"}}.exit.out.find("[loop* /dev/*]") != std::string::npos);
}
