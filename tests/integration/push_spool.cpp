// SPDX-License-Identifier: MIT
// `tickertape push --spool` and `tickertape spool` from a user's point of view.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include <support/catch.hpp>
#include <support/free_port.hpp>
#include <support/process.hpp>
#include <support/push_command.hpp>
#include <support/temporary_directory.hpp>
#include <tickertape/testkit/fake_tsd.hpp>

namespace {

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using test::Ended;
using test::long_time;
using test::push_command;
using test::put_lines;
using test::received;
using test::Result;
using test::tickertape_command;
using tickertape::testkit::FakeTsd;

Result run(std::vector<std::string> arguments, std::string_view input = {}) {
    return test::run(tickertape_command(std::move(arguments)), input, long_time);
}

/// An address without a listener.
std::string nowhere() { return "127.0.0.1:" + std::to_string(test::free_port()); }

struct Spool {
    test::TemporaryDirectory directory{};
    [[nodiscard]] std::string path() const { return directory.path() / "spool"; }
    [[nodiscard]] std::filesystem::path queue() const {
        return std::filesystem::directory_iterator { path() } -> path();
    }
};

} // namespace

TEST_CASE("push with a spool and a healthy target sends each line once, byte for byte, and leaves nothing") {
    const Spool spool;
    const FakeTsd tsd;
    const Result ran = run({"push", tsd.address(), "--spool", spool.path()}, put_lines(0, 3'000));
    CHECK(ran.ended == test::exit_0);
    CHECK_THAT(ran.err, ContainsSubstring("3000 lines: 3000 acknowledged, 0 unconfirmed, 0 rejected, 0 dropped, "
                                          "0 recovered, 0 in the spool"));
    CHECK(received(tsd) == put_lines(0, 3'000));
    CHECK_THAT(run({"spool", spool.path()}).out, ContainsSubstring(": 0 points wait"));
}

TEST_CASE("points that push could not send wait in the spool, and the next push sends them") {
    const bool is_http = GENERATE(false, true);
    CAPTURE(is_http);
    const Spool spool;
    std::string address = nowhere();
    const auto target = [&] { return (is_http ? "http://" : "") + address; };
    const Result first = run({"push", target(), "--spool", spool.path(), "--deadline", "1"}, put_lines(0, 2'000));
    CHECK(first.ended == Ended{.code = 5});
    CHECK_THAT(first.err, ContainsSubstring("0 dropped, 0 recovered, 2000 in the spool"));
    CHECK_THAT(first.err, ContainsSubstring(": given up\n"));

    const Result listed = run({"spool", spool.path()});
    CHECK(listed.ended == test::exit_0);
    CHECK_THAT(listed.out, ContainsSubstring(": 2000 points wait, "));
    CHECK(run({"spool", spool.path(), "--print"}).out == put_lines(0, 2'000));

    const auto port = static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
    const FakeTsd tsd{{.port = port}};
    const Result second = run({"push", target(), "--spool", spool.path()}, put_lines(2'000, 2'100));
    CHECK(second.ended == test::exit_0);
    CHECK_THAT(second.err, ContainsSubstring("100 lines: 2100 acknowledged"));
    CHECK_THAT(second.err, ContainsSubstring("2000 recovered, 0 in the spool"));
    CHECK(tsd.distinct() == 2'100);
}

TEST_CASE("a push that is killed loses no line that it has written to its spool") {
    const Spool spool;
    const std::string address = nowhere();
    test::Process process{push_command({address, "--spool", spool.path()})};
    process.in.write(put_lines(0, 500));
    REQUIRE(test::eventually([&] {
        return std::filesystem::exists(spool.path()) &&
               run({"spool", spool.path()}).out.find(": 500 points wait") != std::string::npos;
    }));
    process.signal(SIGKILL);
    REQUIRE(process.wait(long_time));
    const FakeTsd tsd;
    const Result ran = run({"spool", spool.path(), "--drain", tsd.address()});
    CHECK(ran.ended == test::exit_0);
    CHECK_THAT(ran.out, ContainsSubstring("500 acknowledged, 0 unconfirmed, 0 rejected, 0 dropped, 0 still wait"));
    CHECK(received(tsd) == put_lines(0, 500));
}

TEST_CASE("two pushes with one spool: the second waits, then continues in memory and warns") {
    const Spool spool;
    const std::string address = nowhere();
    test::Process first{push_command({address, "--spool", spool.path()})};
    first.in.write(put_lines(0, 10));
    REQUIRE(test::eventually([&] {
        return std::filesystem::exists(spool.path()) &&
               run({"spool", spool.path()}).out.find(": 10 points wait") != std::string::npos;
    }));
    const Result second = run({"push", address, "--spool", spool.path(), "--deadline", "1"}, put_lines(10, 20));
    CHECK_THAT(second.err, ContainsSubstring(": points are kept in memory"));
    CHECK_THAT(second.err, ContainsSubstring("is in use by another process"));
    CHECK_THAT(second.err, ContainsSubstring("10 dropped, 0 recovered, 0 in the spool"));
    const Result drained = run({"spool", spool.path(), "--drain", address, "--deadline", "1"});
    CHECK(drained.ended == Ended{.code = 5});
    CHECK_THAT(drained.err, ContainsSubstring("is in use by another process"));
}

TEST_CASE("a spool of a newer version is left alone") {
    const Spool spool;
    const std::string address = nowhere();
    REQUIRE(run({"push", address, "--spool", spool.path(), "--deadline", "1"}, put_lines(0, 10)).ended.code == 5);
    std::filesystem::path file;
    for (const auto& entry : std::filesystem::directory_iterator{spool.queue()}) {
        file = entry.path().extension() == ".seg" ? entry.path() : file;
    }
    std::fstream bytes{file, std::ios::in | std::ios::out | std::ios::binary};
    // Version 2, with its checksum.
    bytes.seekp(8);
    bytes.write("\x02\x00\x00\x00\x5d\x61\xa5\xfa", 8);
    bytes.close();
    const auto before = std::filesystem::file_size(file);
    const FakeTsd tsd;
    const Result ran = run({"push", address, "--spool", spool.path(), "--deadline", "1"}, put_lines(10, 20));
    CHECK_THAT(ran.err, ContainsSubstring("is of a newer version of this program"));
    CHECK_THAT(ran.err, ContainsSubstring("10 dropped"));
    CHECK(std::filesystem::file_size(file) == before);
}

TEST_CASE("a damaged spool file is reported, loses only the damaged part, and can be dropped") {
    const Spool spool;
    const std::string address = nowhere();
    REQUIRE(run({"push", address, "--spool", spool.path(), "--deadline", "1"}, put_lines(0, 1'500)).ended.code == 5);
    std::filesystem::path file;
    for (const auto& entry : std::filesystem::directory_iterator{spool.queue()}) {
        file = entry.path().extension() == ".seg" ? entry.path() : file;
    }
    {
        std::fstream bytes{file, std::ios::in | std::ios::out | std::ios::binary};
        bytes.seekp(200);
        bytes.write("#", 1);
    }
    const Result listed = run({"spool", spool.path()});
    CHECK(listed.ended == Ended{.code = 1});
    CHECK_THAT(listed.out, ContainsSubstring(file.filename().string() + ": 1 damaged places, "));
    const FakeTsd tsd;
    const Result drained = run({"spool", spool.path(), "--drain", tsd.address()});
    CHECK(drained.ended == test::exit_0);
    CHECK(tsd.distinct() > 0);
    CHECK(tsd.distinct() < 1'500);
    CHECK_THAT(drained.out, ContainsSubstring(std::to_string(tsd.distinct()) + " acknowledged"));
    CHECK_THAT(drained.out, ContainsSubstring(std::to_string(1'500 - tsd.distinct()) + " dropped"));

    REQUIRE(run({"push", address, "--spool", spool.path(), "--deadline", "1"}, put_lines(0, 5)).ended.code == 5);
    for (const auto& entry : std::filesystem::directory_iterator{spool.queue()}) {
        file = entry.path().extension() == ".seg" ? entry.path() : file;
    }
    CHECK(run({"spool", spool.path(), "--drop", file.filename()}).ended == test::exit_0);
    CHECK_FALSE(std::filesystem::exists(file));
    CHECK(run({"spool", spool.path(), "--drop", file.filename()}).ended == Ended{.code = 2});
}

TEST_CASE("push reports self-metrics on request, with its recovered points and those in the spool") {
    const Spool spool;
    const std::uint16_t port = test::free_port();
    const std::string address = "127.0.0.1:" + std::to_string(port);
    REQUIRE(run({"push", address, "--spool", spool.path(), "--deadline", "1"}, put_lines(0, 500)).ended.code == 5);
    const FakeTsd tsd{{.port = port}};
    test::Process process{push_command({address, "--spool", spool.path(), "--self-metrics", "1ms", "--host-tag", "h"})};
    process.in.write(put_lines(500, 501));
    REQUIRE(test::eventually([&] { return tsd.distinct() >= 501; }));
    process.in.write(put_lines(501, 502));
    process.in.close();
    CHECK(process.wait(long_time) == test::exit_0);
    CHECK_THAT(received(tsd), ContainsSubstring("put tickertape.push.recovered ") &&
                                  ContainsSubstring(" 500 collector=push host=h\n"));
    CHECK_THAT(received(tsd), ContainsSubstring("put tickertape.push.spooled "));
}

TEST_CASE("flags of a spool are checked") {
    const auto refuses = [](const std::string& flag, const std::string& value, const std::string& sentence) {
        const Result ran = run({"push", "127.0.0.1:1", "--spool", "/nowhere", flag, value});
        CHECK(ran.ended == Ended{.code = 2});
        CHECK_THAT(ran.err, ContainsSubstring(sentence));
    };
    refuses("--spool-max", "much", "--spool-max is a size like 500MB or 1GiB, not 'much'");
    refuses("--spool-max", "99999999999TiB", "--spool-max is a size");
    refuses("--spool-age", "0", "--spool-age is at least 1s");
    refuses("--spool-sync", "always", "--spool-sync is 1s, batch or never, not 'always'");
}
