// SPDX-License-Identifier: MIT
// Faults that a real collector finds with --check-config.
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/process.hpp"

namespace {

test::Result check(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "--check-config");
    return test::run({.program = test::collector("authfailures"), .arguments = arguments});
}

} // namespace

TEST_CASE("The flag --check-config finds a wrong --match and a --user that does not exist, without starting") {
    CHECK(check({}).ended == test::exit_0);
    CHECK(check({"--match", "[a-z]", "--user", "root"}).out == "match = [a-z]    # --match\nuser = root    # --user\n");
    const test::Result match = check({"--match", "[z-a]"});
    CHECK(match.ended == test::Ended{.code = 2});
    CHECK(match.err.starts_with("authfailures: --match: '[z-a]' is no regular expression"));
    const test::Result user = check({"--user", "no-such-user"});
    CHECK(user.ended == test::Ended{.code = 2});
    CHECK(user.err == "authfailures: --user: there is no user 'no-such-user'\n");
}
