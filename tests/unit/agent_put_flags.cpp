// SPDX-License-Identifier: MIT
// The agent refuses targets that are its own port or socket for applications.
#include <filesystem>
#include <string>

#include <tickertape/name.hpp>
#include <tickertape/target.hpp>

#include <cli/agent/put_flags.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace {

using tickertape::Targets;
using tickertape::UsageError;
using tickertape::cli::agent::PutOptions;
using tickertape::cli::agent::refuse_itself;

} // namespace

TEST_CASE("agent: it refuses to push to its own port, whatever name of this host the target has") {
    const PutOptions options{.port = 4243};
    for (const std::string host : {"localhost", "127.0.0.1", "127.9.9.9", "[::1]", "0.0.0.0", "[::]",
                                   "localhost.localdomain", "ip6-localhost"}) {
        CAPTURE(host);
        CHECK_THROWS_AS(refuse_itself(options, Targets{"tsd://" + host + ":4243"}), UsageError);
        CHECK_NOTHROW(refuse_itself(options, Targets{"tsd://" + host + ":4242"}));
    }
    CHECK_NOTHROW(refuse_itself(options, Targets{"tsd://tsdb:4243"}));
    CHECK_NOTHROW(refuse_itself({}, Targets{"tsd://localhost:4243"}));
    CHECK_NOTHROW(refuse_itself(options, Targets{"unix:/s"}));
}

TEST_CASE("agent: it refuses to push to its own socket, also by a link to its folder") {
    const test::TemporaryDirectory directory;
    std::filesystem::create_directory(directory.path() / "run");
    std::filesystem::create_directory_symlink("run", directory.path() / "var");
    const PutOptions options{.socket = directory.path() / "run" / "put.sock"};
    for (const std::string path : {"run/put.sock", "var/put.sock", "var/../run/./put.sock"}) {
        CAPTURE(path);
        CHECK_THROWS_AS(refuse_itself(options, Targets{"unix:" + (directory.path() / path).native()}), UsageError);
    }
    CHECK_NOTHROW(refuse_itself(options, Targets{"unix:" + (directory.path() / "put.sock").native()}));
    CHECK_NOTHROW(refuse_itself({}, Targets{"unix:" + (directory.path() / "run" / "put.sock").native()}));
}
