// SPDX-License-Identifier: MIT
#include "outside.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "child.hpp"
#include "measure.hpp"

namespace bench {

namespace {

double first_byte_ms(const std::vector<std::string>& command) {
    std::array<int, 2> out{};
    if (pipe(out.data()) != 0) {
        return -1;
    }
    Child child{command, {.out = out[1]}};
    close(out[1]);
    char byte = 0;
    pollfd request{.fd = out[0], .events = POLLIN, .revents = 0};
    const bool any = poll(&request, 1, 10'000) == 1 && read(out[0], &byte, 1) == 1;
    const double took = now_ns() - child.started();
    close(out[0]);
    return any ? took / 1e6 : -1;
}

} // namespace

double memory_of(pid_t pid, const std::string& wanted) {
    std::ifstream in{"/proc/" + std::to_string(pid) + "/smaps_rollup"};
    for (std::string field; in >> field;) {
        double kilobytes = 0;
        if (field == wanted + ":" && in >> kilobytes) {
            return kilobytes * 1024 / 1e6;
        }
    }
    return 0;
}

double quickest_first_byte_ms(const std::vector<std::string>& command, int starts) {
    double least = -1;
    for (int run = 0; run < starts && (run == 0 || least >= 0); ++run) {
        const double took = first_byte_ms(command);
        least = least < 0 || took < least ? took : least;
    }
    return least;
}

} // namespace bench
