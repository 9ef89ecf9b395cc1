// SPDX-License-Identifier: MIT
#include "collector/privileges.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <vector>

#include <tickertape/name.hpp>

namespace tickertape::collector {

namespace {

struct Ids {
    uid_t user;
    gid_t group;
};

std::optional<Ids> find_user(const std::string& user) {
    std::vector<char> buffer(std::size_t{16} * 1024);
    passwd entry{};
    passwd* found = nullptr;
    if (getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
        return std::nullopt;
    }
    return Ids{entry.pw_uid, entry.pw_gid};
}

void check(int result, const std::string& user) {
    if (result != 0) {
        throw std::system_error{errno, std::generic_category(), "cannot become the user '" + user + "'"};
    }
}

} // namespace

bool user_exists(const std::string& name) { return find_user(name).has_value(); }

void become(const std::string& user, std::optional<gid_t> extra_group) {
    if (geteuid() != 0 || user == "root") {
        return;
    }
    const std::optional<Ids> ids = find_user(user);
    if (!ids) {
        throw UsageError{"--user: there is no user '" + user + "'"};
    }
    // The groups first, because the process may not change them afterwards. glibc makes each change for all threads.
    const gid_t extra = extra_group.value_or(0);
    check(setgroups(extra_group ? 1 : 0, &extra), user);
    check(setresgid(ids->group, ids->group, ids->group), user);
    check(setresuid(ids->user, ids->user, ids->user), user);
}

std::optional<gid_t> group_to_read(const std::filesystem::path& file) {
    struct stat status{};
    if (stat(file.c_str(), &status) == 0) {
        const bool only_the_group = (status.st_mode & S_IRGRP) != 0 && (status.st_mode & S_IROTH) == 0;
        return only_the_group ? std::optional{status.st_gid} : std::nullopt;
    }
    std::vector<char> buffer(std::size_t{64} * 1024); // also holds the names of all members
    group entry{};
    group* found = nullptr;
    getgrnam_r("adm", &entry, buffer.data(), buffer.size(), &found);
    return found != nullptr ? std::optional{entry.gr_gid} : std::nullopt;
}

} // namespace tickertape::collector
