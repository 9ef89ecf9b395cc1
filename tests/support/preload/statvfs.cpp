// SPDX-License-Identifier: MIT
// A library that is loaded before the C library. It answers statvfs from the file that STATVFS names, so that the output of
// dfstat does not depend on this machine. The lines are `MOUNT FRSIZE BLOCKS BFREE BAVAIL FILES FFREE`, with `\040` for a blank
// in MOUNT. A mount with the word `hangs` after it never answers, one with `forbidden` gives EACCES, and one that is not in the
// file does not exist. It also answers adjtimex for `kernel`, from the file that ADJTIMEX names: `STATE STATUS OFFSET FREQUENCY
// MAXIMUM_ERROR ESTIMATED_ERROR TAI`.
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace {

std::string escaped(const std::string& path) {
    std::string text;
    for (const char c : path) {
        text += c == ' ' ? std::string{"\\040"} : std::string{c};
    }
    return text;
}

} // namespace

extern "C" int statvfs(const char* file, struct statvfs* buf) noexcept { // the names of the C library
    const char* const table = std::getenv("STATVFS"); // NOLINT(concurrency-mt-unsafe): nobody sets any
    std::ifstream spaces{table != nullptr ? table : ""};
    const std::string wanted = escaped(file);
    for (std::string line; std::getline(spaces, line);) {
        std::istringstream words{line};
        std::string mount;
        words >> mount;
        if (mount != wanted) {
            continue;
        }
        *buf = {};
        if (words >> buf->f_frsize >> buf->f_blocks >> buf->f_bfree >> buf->f_bavail >> buf->f_files >> buf->f_ffree) {
            return 0;
        }
        if (line.ends_with("forbidden")) {
            errno = EACCES;
            return -1;
        }
        while (true) {
            pause();
        }
    }
    errno = ENOENT;
    return -1;
}

extern "C" int adjtimex(struct timex* clock) noexcept { // NOLINT(*-parameter-name): `__ntx` is reserved
    const char* const file = std::getenv("ADJTIMEX");   // NOLINT(concurrency-mt-unsafe): nobody sets any
    std::ifstream numbers{file != nullptr ? file : ""};
    int state = 0;
    if (clock->modes == 0 && numbers >> state >> clock->status >> clock->offset >> clock->freq >> clock->maxerror >>
                                 clock->esterror >> clock->tai) {
        return state;
    }
    errno = EPERM;
    return -1;
}
