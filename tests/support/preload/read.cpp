// SPDX-License-Identifier: MIT
// A library that is loaded before the C library. A file whose path ends with READ_FAILS_ON can be opened, but each read fails
// with the error number READ_FAILS_WITH; kernel files of vanished things behave in this way. Each read of READ_IS_SLOW_ON takes
// 300 ms, as that of a CPU's speed does on some machines.
#include <dlfcn.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

std::string path_of(int fd) {
    std::array<char, 4096> path{};
    const ssize_t size = readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), path.data(), path.size());
    return {path.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

} // namespace

extern "C" ssize_t read(int fd, void* buf, std::size_t nbytes) { // the names of the C library
    using Read = ssize_t (*)(int, void*, std::size_t);
    static const auto real =
        reinterpret_cast<Read>(dlsym(RTLD_NEXT, "read"));     // NOLINT(*-reinterpret-cast): as dlsym has it
    const char* const end = std::getenv("READ_FAILS_ON");     // NOLINT(concurrency-mt-unsafe): nobody sets any
    const char* const error = std::getenv("READ_FAILS_WITH"); // NOLINT(concurrency-mt-unsafe)
    if (end != nullptr && error != nullptr && path_of(fd).ends_with(end)) {
        errno = std::atoi(error); // NOLINT(cert-err34-c): the test's own
        return -1;
    }
    const char* const slow = std::getenv("READ_IS_SLOW_ON"); // NOLINT(concurrency-mt-unsafe)
    if (slow != nullptr && path_of(fd).ends_with(slow)) {
        usleep(300'000);
    }
    return real(fd, buf, nbytes);
}
