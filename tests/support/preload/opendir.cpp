// SPDX-License-Identifier: MIT
// A library that is loaded before the C library. Opening the folder OPENDIR_HANGS_ON does not return while the file
// OPENDIR_HANGS_WHILE exists, as on a file server that is away.
#include <dirent.h>
#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

extern "C" DIR* opendir(const char* name) { // the name of the C library
    using Opendir = DIR* (*)(const char*);
    static const auto real =
        reinterpret_cast<Opendir>(dlsym(RTLD_NEXT, "opendir"));    // NOLINT(*-reinterpret-cast): as dlsym has it
    const char* const folder = std::getenv("OPENDIR_HANGS_ON");    // NOLINT(concurrency-mt-unsafe): nobody sets any
    const char* const signal = std::getenv("OPENDIR_HANGS_WHILE"); // NOLINT(concurrency-mt-unsafe)
    while (folder != nullptr && signal != nullptr && folder == std::string_view{name} && access(signal, F_OK) == 0) {
        usleep(10'000);
    }
    return real(name);
}
