// SPDX-License-Identifier: MIT
// For targets without TLS, `tickertape push` leaves out the set-up of TLS.
#include <sys/stat.h>

#include <chrono>

#include <tickertape/testkit/fake_tsd.hpp>

#include "support/catch.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

using namespace std::chrono_literals;
using tickertape::testkit::FakeTsd;

TEST_CASE("The trusted certificates are not read for a target without TLS") {
    const test::TemporaryDirectory folder;
    const std::string certificates = (folder.path() / "ca.pem").string();
    REQUIRE(mkfifo(certificates.c_str(), 0600) == 0); // reading it never ends
    folder.write("one.put", "put a.b 1700000000 1 host=a\n");
    const FakeTsd tsd;
    const test::Result result = test::run({.program = test::collector("tickertape"),
                                           .arguments = {"push", tsd.address(), (folder.path() / "one.put").string()},
                                           .environment = {{"SSL_CERT_FILE", certificates}}},
                                          60s);
    CAPTURE(result.err);
    CHECK(result.ended == test::exit_0);
}
