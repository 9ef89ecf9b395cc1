// SPDX-License-Identifier: MIT
#include <string>

#include <support/catch.hpp>

#include "push/version_answer.hpp"

using tickertape::push::is_version_of_opentsdb;

TEST_CASE("Only OpenTSDB's answer at /api/version is recognized as OpenTSDB") {
    const std::string body = R"({"short_revision":"eb125a342","repo":"/home","host":"h","version":"2.4.1",)"
                             R"("full_revision":"eb125a342040376450dd155fe600ff7d4b9c0eec","repo_status":"MODIFIED",)"
                             R"("user":"u","branch":"master","timestamp":"1630622094"})";
    CHECK(is_version_of_opentsdb({.status = 200, .body = body}));
    CHECK_FALSE(is_version_of_opentsdb({.status = 404, .body = body}));
    CHECK_FALSE(is_version_of_opentsdb({.status = 200, .body = body, .is_cut = true}));
    CHECK_FALSE(is_version_of_opentsdb({.status = 200, .body = body.substr(0, 100)}));
    for (const char* const other : {"", "[]", "\"2.4.1\"", "{}", R"({"version":"2.4.1"})", "<html></html>",
                                    R"({"version":2,"short_revision":"","repo_status":""})",
                                    R"({"status":"success","data":{"version":"2.24.0"}})"}) {
        CAPTURE(other);
        CHECK_FALSE(is_version_of_opentsdb({.status = 200, .body = other}));
    }
}
