// SPDX-License-Identifier: MIT
// `tickertape agent` when a disk hangs or a program floods its pipes; copies.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <support/agent_install.hpp>
#include <support/catch.hpp>
#include <support/lease.hpp>
#include <support/process.hpp>
#include <tickertape/testkit/fake_tsd.hpp>

namespace {

using Catch::Matchers::ContainsSubstring;
using test::at_some_time;
using test::end;
using tickertape::testkit::FakeTsd;
using Install = test::AgentWithTsd;

namespace fs = std::filesystem;

fs::path lock_below(const fs::path& folder) {
    for (const auto& entry : fs::recursive_directory_iterator{folder}) {
        if (entry.path().filename() == "lock") {
            return entry.path();
        }
    }
    return {};
}

/// Waits for a point of this metric with a value above 0 and these last tags; returns false if none comes.
bool rises(const FakeTsd& tsd, const std::string& metric, const std::string& tags) {
    return test::eventually([&] {
        const std::vector<double> values = test::values_of(tsd, metric, tags);
        return std::any_of(values.begin(), values.end(), [](double value) { return value > 0; });
    });
}

} // namespace

TEST_CASE("agent: while the disk of the spool hangs, programs run, --status answers, and SIGTERM ends the agent") {
    const Install install;
    const std::string spool = install.root() / "spool";
    test::Process first = install.run({"--spool", spool});
    REQUIRE(install.status_says("connected"));
    end(first);
    const test::Lease lease{lock_below(spool)};
    install.script("0/a", "echo m 1700000000 1; exec sleep 1000");
    test::Process agent = install.run({"--spool", spool});
    CHECK(install.status_says(
        "points: 1 accepted, 0 recovered, 0 acknowledged, 0 unconfirmed, 0 rejected, 0 dropped, 1 queued"));
    CHECK_THAT(end(agent), ContainsSubstring("a disk does not answer: the agent ends without waiting for it") &&
                               ContainsSubstring(" 1 dropped"));
}

TEST_CASE("agent: another process that has the spool delays neither programs nor --status") {
    const Install install;
    const std::string spool = install.root() / "spool";
    test::Process first = install.run({"--spool", spool});
    REQUIRE(install.status_says("connected"));
    const test::AgentInstall other;
    other.script("0/a", "echo m 1700000000 1; exec sleep 1000");
    test::Process second = other.start({install.tsd.address(), "--no-tcollector-stats", "--spool", spool});
    CHECK(other.status_says("points: 1 accepted"));
    end(first);
    CHECK(install.tsd.wait_for(1));
    end(second);
}

TEST_CASE("agent: reading pauses for a program that floods its pipes with worthless lines") {
    const std::string flood = GENERATE("yes nonsense", "yes ''", "cat /dev/zero", "yes >&2");
    CAPTURE(flood);
    const Install install;
    install.script("0/flood", "exec " + flood);
    install.script("0/good", "i=0; while :; do echo m $((1700000000 + i)) $i; i=$((i + 1)); sleep 0.1; done");
    test::Process agent = install.start({install.tsd.address(), "--self-metrics", "1"});
    CHECK(rises(install.tsd, "tickertape.agent.child.pauses", " collector=flood host=h"));
    CHECK(rises(install.tsd, "m", " host=h"));
    end(agent);
}

TEST_CASE("agent: a program that closes its output runs on") {
    const Install install;
    install.script("0/a", "echo m 1700000000 1; exec >&- 2>&-; exec sleep 1000");
    test::Process agent = install.run();
    REQUIRE(install.tsd.wait_for(1));
    CHECK(install.status_says("running"));
    end(agent);
}

TEST_CASE("agent: the log has the number of messages that the limit left out") {
    const Install install;
    install.script("0/talks", "i=0; while [ $i -lt 50 ]; do echo wrong >&2; echo nonsense; i=$((i + 1)); done; echo m "
                              "1700000000 1; exec sleep 1000");
    test::Process agent = install.run();
    REQUIRE(install.tsd.wait_for(1));
    CHECK(install.status_says("50 too few fields"));
    const std::string rest = end(agent);
    CHECK_THAT(rest, ContainsSubstring(" more lines of its standard error are not in this log") &&
                         ContainsSubstring("talks: 30 more of its lines were refused"));
}

TEST_CASE("agent: with --copy-to each destination gets every point, and has an account of its own") {
    const Install install;
    const FakeTsd copy;
    install.script("0/a", "echo m 1700000000 1; exec sleep 1000");
    test::Process agent = install.start({install.tsd.address(), "--copy-to", copy.address(), "--self-metrics", "1"});
    const std::string tag = "127.0.0.1_" + copy.address().substr(copy.address().find(':') + 1);
    CHECK(rises(install.tsd, "m", " host=h"));
    CHECK(rises(copy, "m", " host=h"));
    CHECK(rises(copy, "tickertape.agent.points.acked", " host=h"));
    CHECK(rises(install.tsd, "tickertape.agent.points.acked", " copy=" + tag + " host=h"));
    CHECK(install.status_says("\ncopy " + tag + ": "));
    CHECK_THAT(end(agent), ContainsSubstring("copy " + tag + ": all is sent: "));
}

TEST_CASE("agent: a copy that is down delays no point of the others, and its points wait in a spool of its own") {
    const Install install;
    install.script("0/a", "echo m 1700000000 1; exec sleep 1000");
    test::Process agent =
        install.run({"--copy-to", "127.0.0.1:1,127.0.0.1:2", "--spool", (install.root() / "spool").native()});
    CHECK(install.tsd.wait_for(1));
    CHECK(install.status_says(" 1 in the spool"));
    CHECK_THAT(end(agent),
               ContainsSubstring("copy 127.0.0.1_1: not all could be sent: 0 acknowledged, 0 unconfirmed, 0 rejected, "
                                 "0 dropped, 1 in the spool"));
}

TEST_CASE("agent: a target in two destinations is refused, because it would get each point twice") {
    const test::AgentInstall install;
    test::Process agent = install.start({"localhost:4242", "--copy-to", "localhost:4242"});
    CHECK_THAT(agent.err.read_to_end(at_some_time), ContainsSubstring("belongs to two destinations"));
    CHECK(agent.wait(at_some_time) == test::Ended{.code = 2});
}
