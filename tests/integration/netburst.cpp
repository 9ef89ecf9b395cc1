// SPDX-License-Identifier: MIT
// netburst compared with this machine's kernel, and pushing.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <tickertape/testkit/fake_tsd.hpp>

#include "base/unique_fd.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/long_time.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace {

using namespace std::chrono_literals;
using test::long_time;
using tickertape::testkit::FakeTsd;

/// Returns the bytes that the kernel has counted on the loopback interface, in one direction; both are equal.
std::uint64_t loopback_bytes() {
    std::istringstream file{test::contents_of("/proc/net/dev")};
    for (std::string line; std::getline(file, line);) {
        if (const std::size_t name = line.find("lo:"); name != std::string::npos) {
            return std::stoull(line.substr(name + 3));
        }
    }
    return 0;
}

/// Sends bytes to itself; nobody reads them.
class Loopback {
public:
    Loopback() {
        address_.sin_family = AF_INET;
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address_;
        REQUIRE(::bind(socket_.get(), as_address(), size) == 0);
        REQUIRE(::getsockname(socket_.get(), as_address(), &size) == 0);
    }
    void send(std::size_t bytes) {
        const std::string text(bytes, 'x');
        CHECK(::sendto(socket_.get(), text.data(), text.size(), 0, as_address(), sizeof address_) ==
              static_cast<ssize_t>(bytes));
    }

private:
    sockaddr* as_address() { return reinterpret_cast<sockaddr*>(&address_); } // the type that the interface requires

    tickertape::base::UniqueFd socket_{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    sockaddr_in address_{};
};

} // namespace

TEST_CASE("netburst reports the traffic of the loopback interface, and no more than the kernel has counted there") {
    const std::uint64_t before = loopback_bytes();
    test::Process netburst{{.program = test::collector("netburst"),
                            .arguments = {"--every", "10ms", "--ms", "--dedup", "0", "--format", "tcollector"}}};
    Loopback loopback;
    std::map<std::string, std::uint64_t> sums;
    const auto deadline = std::chrono::steady_clock::now() + long_time;
    while (sums["in"] < 1'000'000 || sums["out"] < 1'000'000) {
        REQUIRE(std::chrono::steady_clock::now() < deadline);
        loopback.send(50'000);
        const std::string line = netburst.out.read_line(long_time).value_or("");
        REQUIRE_FALSE(line.empty());
        std::istringstream words{line};
        std::string metric;
        std::string stamp;
        std::uint64_t bytes = 0;
        std::string direction;
        std::string interface;
        words >> metric >> stamp >> bytes >> direction >> interface;
        INFO(line);
        CHECK(metric == "proc.net.burst.bytes");
        CHECK((stamp.size() == 13 && stamp.back() == '0'));
        if (interface == "iface=lo") {
            sums[direction.substr(direction.find('=') + 1)] += bytes;
        }
    }
    const std::uint64_t grown = loopback_bytes() - before;
    netburst.signal(SIGTERM);
    CHECK(sums["in"] <= grown);
    CHECK(sums["out"] <= grown);
    netburst.out.read_to_end(long_time);
    CHECK(netburst.wait(long_time) == test::exit_0);
}

TEST_CASE("By telnet netburst pushes seconds without a remark, and milliseconds with one") {
    for (const bool ms : {false, true}) {
        CAPTURE(ms);
        FakeTsd tsd;
        std::vector<std::string> arguments{"--tsd", tsd.address(), "--now", "1700000000", "--hostname", "h"};
        arguments.insert(arguments.end(), {"--proc-root", test::fixture("hosts/vm/proc").string(), "--once"});
        arguments.insert(arguments.end(), {"--self-metrics", "0"});
        if (ms) {
            arguments.emplace_back("--ms");
        }
        const test::Result result =
            test::run({.program = test::collector("netburst"), .arguments = arguments}, long_time);
        CHECK(result.ended == test::exit_0);
        CHECK(result.out.empty());
        CHECK(result.err.empty() != ms);
        CHECK((result.err.find("push by http:// instead") != std::string::npos) == ms);
        CHECK(tsd.stored() > 0);
        for (const std::string& line : tsd.lines()) {
            INFO(line);
        }
    }
}
