// SPDX-License-Identifier: MIT
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include <tickertape/credentials.hpp>
#include <tickertape/name.hpp>

#include <support/catch.hpp>
#include <support/temporary_directory.hpp>

using tickertape::Credentials;
using tickertape::UsageError;

namespace {

std::string refusal(const std::filesystem::path& path) {
    try {
        (void)Credentials::from_file(path);
    } catch (const UsageError& error) {
        return error.what();
    }
    return {};
}

bool has(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

} // namespace

TEST_CASE("a user with a password is Basic, a token is Bearer") {
    CHECK(Credentials::user("Aladdin", "open sesame").header() == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    CHECK(Credentials::from_text("a:b").header() == "Basic YTpi");
    CHECK(Credentials::from_text("a:b:c").header() == "Basic YTpiOmM=");
    CHECK(Credentials::from_text("ab:").header() == "Basic YWI6");
    CHECK(Credentials::from_text("Bearer x.y-z").header() == "Bearer x.y-z");
    CHECK(Credentials{}.empty());
    CHECK(!Credentials::from_text("a:b").empty());
}

TEST_CASE("credentials that would break a header are refused, without repeating them") {
    for (const char* text : {"", "secret", ":secret", "Bearer ", "Bearer se cret", "Bearer secret\r\nX: y",
                             "user:se\ncret", "user:secret\x7f"}) {
        CAPTURE(text);
        try {
            (void)Credentials::from_text(text);
            CHECK(false);
        } catch (const UsageError& error) {
            CHECK(!has(error.what(), "secret"));
        }
    }
    CHECK_THROWS_AS(Credentials::user("a:b", "c"), UsageError);
    CHECK_THROWS_AS(Credentials::bearer(std::string(10'000, 'x')), UsageError);
}

TEST_CASE("credentials come from the first line of a file that only its owner may read or write") {
    const test::TemporaryDirectory directory;
    const auto path = directory.path() / "auth";
    directory.write("auth", "user:secret\r\nmore\n");
    ::chmod(path.c_str(), 0600);
    CHECK(Credentials::from_file(path).header() == Credentials::user("user", "secret").header());
    ::chmod(path.c_str(), 0400);
    CHECK(Credentials::from_file(path).header() == Credentials::user("user", "secret").header());
    for (const mode_t mode : {0640U, 0604U, 0620U, 0602U, 0644U}) {
        ::chmod(path.c_str(), mode);
        CHECK(has(refusal(path), "chmod 600"));
    }
    ::chmod(path.c_str(), 0600);
    if (::geteuid() == 0) {
        REQUIRE(::chown(path.c_str(), 65534, 65534) == 0);
        CHECK(has(refusal(path), "belongs to another user"));
        REQUIRE(::chown(path.c_str(), 0, 0) == 0);
    }
    directory.write("auth", "secret\n");
    CHECK(has(refusal(path), "has none in its first line"));
    CHECK(!has(refusal(path), "secret"));
    CHECK(has(refusal(directory.path() / "nothing"), "cannot be opened"));
    CHECK(has(refusal(directory.path()), "no regular file"));
    REQUIRE(::mkfifo((directory.path() / "pipe").c_str(), 0600) == 0);
    CHECK(has(refusal(directory.path() / "pipe"), "no regular file"));
}

TEST_CASE("credentials come from the environment, if there are any") {
    const char* const variable = "TICKERTAPE_TEST_CREDENTIALS";
    ::unsetenv(variable);
    CHECK(Credentials::from_environment(variable).empty());
    ::setenv(variable, "", 1);
    CHECK(Credentials::from_environment(variable).empty());
    ::setenv(variable, "Bearer t", 1);
    CHECK(Credentials::from_environment(variable).header() == "Bearer t");
    ::setenv(variable, "nonsense", 1);
    CHECK_THROWS_AS(Credentials::from_environment(variable), UsageError);
    ::unsetenv(variable);
}

TEST_CASE("credentials that a server repeats are masked with stars") {
    const Credentials user = Credentials::user("Aladdin", "open sesame");
    CHECK(user.censor("you said Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ== and open sesame, open sesame") ==
          "you said Basic *** and ***, ***");
    CHECK(Credentials::bearer("tok").censor("Bearer tok") == "Bearer ***");
    CHECK(Credentials{}.censor("text") == "text");
    CHECK(Credentials::user("a", "").censor("a b") == "a b");
}
