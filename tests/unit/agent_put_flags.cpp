// SPDX-License-Identifier: MIT
// The agent refuses targets that are its own port for applications.
#include <string>

#include <tickertape/name.hpp>
#include <tickertape/target.hpp>

#include <cli/agent/put_flags.hpp>

#include "support/catch.hpp"

namespace {

using tickertape::Targets;
using tickertape::UsageError;
using tickertape::cli::agent::PutOptions;
using tickertape::cli::agent::refuse_own_port;

} // namespace

TEST_CASE("agent: it refuses to push to its own port, whatever name of this host the target has") {
    const PutOptions options{.port = 4243};
    for (const std::string host : {"localhost", "127.0.0.1", "127.9.9.9", "[::1]", "0.0.0.0", "[::]",
                                   "localhost.localdomain", "ip6-localhost"}) {
        CAPTURE(host);
        CHECK_THROWS_AS(refuse_own_port(options, Targets{"tsd://" + host + ":4243"}), UsageError);
        CHECK_NOTHROW(refuse_own_port(options, Targets{"tsd://" + host + ":4242"}));
    }
    CHECK_NOTHROW(refuse_own_port(options, Targets{"tsd://tsdb:4243"}));
    CHECK_NOTHROW(refuse_own_port({}, Targets{"tsd://localhost:4243"}));
}
