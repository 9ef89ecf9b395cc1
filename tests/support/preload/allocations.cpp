// SPDX-License-Identifier: MIT
// A library that is loaded before the C library. It counts the allocations of a program on all threads. Before each write to
// standard output it appends the present count as a line to the file that ALLOCATIONS names.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <charconv>
#include <cstddef>
#include <cstdlib>

extern "C" {
void* __libc_malloc(std::size_t size);                          // NOLINT(*-reserved-identifier): the C library's own
void* __libc_calloc(std::size_t count, std::size_t size);       // NOLINT(*-reserved-identifier)
void* __libc_realloc(void* memory, std::size_t size);           // NOLINT(*-reserved-identifier)
void* __libc_memalign(std::size_t alignment, std::size_t size); // NOLINT(*-reserved-identifier)
}

namespace {

constinit std::atomic<std::size_t> calls{0};

using Write = ssize_t (*)(int, const void*, std::size_t);

Write real_write() {
    static const auto found =
        reinterpret_cast<Write>(dlsym(RTLD_NEXT, "write")); // NOLINT(*-reinterpret-cast): as dlsym has it
    return found;
}

int file() {
    static const int opened = [] {
        const char* const path = std::getenv("ALLOCATIONS"); // NOLINT(concurrency-mt-unsafe): nobody sets any
        return open(path != nullptr ? path : "/dev/null", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    }();
    return opened;
}

// Opened before the program gives up its privileges.
[[gnu::constructor]] void begin() {
    static_cast<void>(real_write());
    static_cast<void>(file());
}

} // namespace

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): the C library has shorter ones
extern "C" {

void* malloc(std::size_t size) {
    calls.fetch_add(1);
    return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
    calls.fetch_add(1);
    return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) {
    calls.fetch_add(1);
    return __libc_realloc(memory, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
    calls.fetch_add(1);
    return __libc_memalign(alignment, size);
}

ssize_t write(int fd, const void* data, std::size_t size) {
    if (fd == STDOUT_FILENO) {
        std::array<char, 24> line{};
        char* const end = std::to_chars(line.data(), line.data() + line.size() - 1, calls.load()).ptr;
        *end = '\n';
        static_cast<void>(real_write()(file(), line.data(), static_cast<std::size_t>(end + 1 - line.data())));
    }
    return real_write()(fd, data, size);
}
}
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
