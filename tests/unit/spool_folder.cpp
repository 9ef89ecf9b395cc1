// SPDX-License-Identifier: MIT
// The owner of a spool.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include <spool/store.hpp>

#include "support/catch.hpp"
#include "support/spools.hpp"
#include "support/temporary_directory.hpp"

using namespace tickertape::spool;
using test::append;
using test::drain;
using test::Ids;

TEST_CASE("a spool has one owner at a time, within a process too") {
    const test::TemporaryDirectory place;
    const std::string path = place.path() / "queue";
    tickertape::base::Syscalls& real = tickertape::base::Syscalls::real();
    Trouble trouble;
    auto store = Store::open(path, {}, real, trouble);
    REQUIRE(store);
    CHECK_FALSE(Store::open(path, {}, real, trouble));
    CHECK(trouble.kind == Trouble::Kind::held);
    CHECK(trouble.sentence.ends_with(" is in use by this process"));

    const pid_t child = fork();
    if (child == 0) { // another process, and one that has inherited the lock's descriptor
        Trouble why;
        struct flock whole{};
        whole.l_type = F_WRLCK;
        const int lock = open((path + "/lock").c_str(), O_RDWR);
        const bool is_locked = fcntl(lock, F_SETLK, &whole) != 0;
        std::string record = test::record_of({9});
        const bool is_inert = store->append(record, 1, why).size() == 0 && !store->take() && !store->tick();
        store = nullptr;
        _exit(is_locked && is_inert ? 0 : 1);
    }
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK(append(*store, {1}).size() == 1); // the child has not released the lock
    store = nullptr;
    store = Store::open(path, {}, real, trouble);
    REQUIRE(store);
    CHECK(drain(*store) == Ids{1});
}

TEST_CASE("a folder that others may write to is refused, and so is a link") {
    const test::TemporaryDirectory place;
    std::filesystem::create_directory(place.path() / "open");
    std::filesystem::permissions(place.path() / "open", std::filesystem::perms::all);
    std::filesystem::create_directory_symlink(place.path() / "open", place.path() / "link");
    tickertape::base::Syscalls& real = tickertape::base::Syscalls::real();
    Trouble trouble;
    CHECK_FALSE(Store::open(place.path() / "open", {}, real, trouble));
    CHECK(trouble.sentence.ends_with("may be written to by others (chmod go-w)"));
    CHECK_FALSE(Store::open(place.path() / "link", {}, real, trouble));
    CHECK(trouble.kind == Trouble::Kind::failed);
}

TEST_CASE("a real folder of another user is refused") {
    if (geteuid() != 0) {
        WARN("only root can make one");
        return;
    }
    constexpr uid_t nobody = 65'534;
    const test::TemporaryDirectory place;
    const std::string path = place.path() / "queue";
    std::filesystem::create_directory(path);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    REQUIRE(chown(path.c_str(), nobody, nobody) == 0);
    Trouble trouble;
    CHECK_FALSE(Store::open(path, {}, tickertape::base::Syscalls::real(), trouble));
    CHECK(trouble.sentence.ends_with("belongs to another user"));
    CHECK(std::filesystem::is_empty(path));
}

TEST_CASE("a queue's folder is named after its program, instance and target") {
    CHECK(folder_name("push", "main", "tsd.example.com:4242") == "push,main,tsd.example.com:4242");
    CHECK(folder_name("a/b", "", "http://h:1/x y") == "a%2Fb,,http:%2F%2Fh:1%2Fx%20y");
    CHECK(folder_name("a,b", "c", "d") != folder_name("a", "b,c", "d"));
    CHECK(folder_name("..", "", "") == "%2E.,,");
    CHECK(folder_name("%", "", "") == "%25,,");
    CHECK_THROWS_WITH(folder_name("p", "i", std::string(300, 'x')),
                      Catch::Matchers::ContainsSubstring("would have a name of 304 bytes"));
}
