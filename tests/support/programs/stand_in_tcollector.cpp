// SPDX-License-Identifier: MIT
// Starts a collector as tcollector does: in its own session, with pipes as stdout and stderr, and its own stdin. Run it by a link
// with the name tcollector.py. Its first line on stderr is the collector's process id. Then it passes on the collector's lines,
// and reports at the end how the collector ended.
//
// usage: tcollector.py PROGRAM [ARGUMENT…]
#include <unistd.h>

#include <iostream>
#include <string>
#include <thread>

#include "support/process.hpp"

namespace {

constexpr std::chrono::hours ever{1};

void pass_on(test::PipeEnd& from, int to) {
    test::PipeEnd there{::dup(to)};
    while (const auto line = from.read_line(ever)) {
        there.write(*line + "\n");
    }
}

} // namespace

int main(int argc, char* argv[]) {
    const std::vector<std::string> words{argv + 1, argv + argc};
    test::Process collector{{.program = words.at(0),
                             .arguments = {words.begin() + 1, words.end()},
                             .in = STDIN_FILENO,
                             .own_session = true}};
    std::cerr << collector.id() << std::endl;
    std::thread errors{[&] { pass_on(collector.err, STDERR_FILENO); }};
    pass_on(collector.out, STDOUT_FILENO);
    errors.join();
    const auto ended = collector.wait(ever);
    std::cerr << "it ended with " << *ended << std::endl;
}
