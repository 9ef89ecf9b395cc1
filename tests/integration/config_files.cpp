// SPDX-License-Identifier: MIT
// Real collectors with real config files: beside tcollector's numbered directory, and by --config.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace {

/// tcollector's directories with uptime in 0/.
class Installed {
public:
    Installed() {
        std::filesystem::create_directory(directory_.path() / "0");
        std::filesystem::create_symlink(test::collector("uptime"), program());
    }
    void write(const std::string& name, const std::string& text, mode_t mode = 0644) const {
        directory_.write(name, text);
        ::chmod((directory_.path() / name).c_str(), mode);
    }
    [[nodiscard]] std::filesystem::path path(const std::string& name) const { return directory_.path() / name; }
    [[nodiscard]] std::filesystem::path program() const { return directory_.path() / "0/uptime"; }
    [[nodiscard]] test::Result run(std::vector<std::string> arguments = {},
                                   const std::map<std::string, std::string>& environment = {}) const {
        arguments.insert(arguments.end(), {"--once", "--proc-root", test::fixture("proc/times").string()});
        return test::run({.program = program(), .arguments = arguments, .environment = environment});
    }
    /// The value of the tag `from` in all lines.
    [[nodiscard]] std::string from(const std::vector<std::string>& arguments = {},
                                   const std::map<std::string, std::string>& environment = {}) const {
        const test::Result result = run(arguments, environment);
        CHECK(result.ended == test::exit_0);
        CHECK(result.err.empty());
        std::string value;
        for (const std::string& line : test::complete_lines(result.out)) {
            const std::size_t tag = line.find(" from=");
            value = tag == std::string::npos ? "nowhere" : line.substr(tag + 6, line.find(' ', tag + 1) - tag - 6);
        }
        return value;
    }

private:
    test::TemporaryDirectory directory_;
};

void refuses(const test::Result& result, const std::string& sentence) {
    CAPTURE(result.err);
    CHECK(result.ended == test::Ended{.code = 2});
    CHECK(result.out.empty());
    CHECK(result.err.starts_with("uptime: " + sentence));
    CHECK(test::complete_lines(result.err).size() == 1);
}

} // namespace

TEST_CASE("A flag counts more than the environment, that more than the file beside tcollector's directory") {
    const Installed it;
    const std::map<std::string, std::string> environment{{"TICKERTAPE_TAG", "from=environment"}};
    CHECK(it.from() == "nowhere");
    it.write("etc/uptime.conf", "tag = from=file\n");
    CHECK(it.from() == "file");
    CHECK(it.from({}, environment) == "environment");
    CHECK(it.from({"--tag", "from=flag"}, environment) == "flag");
    it.write("other.conf", "tag = from=other\n");
    CHECK(it.from({"--config", it.path("other.conf").string()}) == "other");
    CHECK(it.from({"--config=" + it.path("other.conf").string()}, environment) == "environment");
}

TEST_CASE("With --config no other file is read, and it has to be there") {
    const Installed it;
    it.write("etc/uptime.conf", "broken\n");
    it.write("other.conf", "dedup = 0\n");
    CHECK(it.from({"--config", it.path("other.conf").string()}) == "nowhere");
    refuses(it.run(), it.path("etc/uptime.conf").string() + ":1: 'broken' is not of the form key = value");
    refuses(it.run({"--config", it.path("none").string()}), "--config: there is no file " + it.path("none").string());
    refuses(it.run({"--config", "/tmp"}), "/tmp: is not a regular file");
}

TEST_CASE("A fault in a config file is named, with exit code 2 and nothing on stdout") {
    const Installed it;
    const std::string path = it.path("etc/uptime.conf").string();
    it.write("etc/uptime.conf", "interval = soon\n");
    refuses(it.run(), path + ": interval: 'soon' is no duration");
    it.write("etc/uptime.conf", "file = x\n"); // authfailures has that
    refuses(it.run(), path + ": 'file' is no setting of this collector");
    it.write("etc/uptime.conf", "now = 1\n");
    refuses(it.run(), path + ": 'now' is no setting of this collector");
    it.write("etc/uptime.conf", "a = 1\n\x01\n");
    refuses(it.run(), path + ":2: '\\x01' is not of the form");
    refuses(it.run({}, {{"TICKERTAPE_ONCE", "maybe"}}), path);
}

TEST_CASE("Root refuses a config file that another user owns or can write") {
    if (::geteuid() != 0) {
        WARN("skipped: only for root");
        return;
    }
    const Installed it;
    const std::string path = it.path("etc/uptime.conf").string();
    it.write("etc/uptime.conf", "dedup = 0\n", 0664);
    refuses(it.run(), path + ": can be written by others than root");
    it.write("etc/uptime.conf", "dedup = 0\n", 0600);
    REQUIRE(::chown(path.c_str(), 65534, 65534) == 0);
    refuses(it.run(), path + ": belongs to the user 65534");
    refuses(it.run({"--check-config"}), path + ": belongs to the user 65534");
}

TEST_CASE("The flag --check-config names files by their paths and starts nothing") {
    const Installed it;
    it.write("etc/uptime.conf", "interval = 60\nuser = root\n");
    const test::Result result = test::run({.program = it.program(), .arguments = {"--check-config"}});
    CHECK(result.ended == test::exit_0);
    CHECK(result.err.empty());
    const std::string path = it.path("etc/uptime.conf").string();
    CHECK(result.out == "interval = 60    # " + path + ": interval\nuser = root    # " + path + ": user\n");
}

TEST_CASE("A value with blanks reaches a collector's own flag from a file") {
    const test::TemporaryDirectory directory;
    directory.write("c.conf", "match = [Ff]ailed password, twice\n");
    test::Process it{{.program = test::collector("authfailures"),
                      .arguments = {"--config", (directory.path() / "c.conf").string(), "--file", "-"},
                      .in = test::Pipe{}}};
    it.in.write("failed password, twice\npassword\ntwice\n");
    it.in.close();
    const std::string out = it.out.read_to_end(test::at_some_time);
    CHECK(out.starts_with("put auth.failures "));
    CHECK(out.find(" 1 ") != std::string::npos);
}
