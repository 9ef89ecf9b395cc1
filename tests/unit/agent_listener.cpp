// SPDX-License-Identifier: MIT
// A Unix socket at a path.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <system_error>

#include <cli/agent/listener.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace {

using tickertape::cli::agent::is_answered;
using tickertape::cli::agent::ListeningPath;

namespace fs = std::filesystem;

} // namespace

TEST_CASE("agent: only owner and group may connect to its sockets, whatever the umask") {
    const test::TemporaryDirectory directory;
    const fs::path path = fs::path{directory.path()} / "sock";
    const mode_t before = umask(0077);
    const ListeningPath listening{path, 1, getgid()};
    umask(before);
    CHECK(fs::status(path).permissions() == fs::perms{0660});
    CHECK(listening.is_in_place());
    CHECK(is_answered(path));
    CHECK_THROWS_AS((ListeningPath{path, 1}), std::system_error);
    CHECK(listening.is_in_place());
}

TEST_CASE("agent: a socket whose file was removed leaves the file of the next one alone") {
    const test::TemporaryDirectory directory;
    const fs::path path = fs::path{directory.path()} / "sock";
    ListeningPath listening{path, 1};
    const auto fd = listening.take_fd();
    listening.remove();
    CHECK_FALSE(fs::exists(path));
    const ListeningPath next{path, 1};
    listening.remove();
    CHECK(next.is_in_place());
}
