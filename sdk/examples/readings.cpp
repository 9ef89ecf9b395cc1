// SPDX-License-Identifier: MIT
// A collector of readings: it learns its series only when it reads.
#include <tickertape/collector.hpp>

#include <fstream>
#include <string>

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

void report_interfaces(const std::filesystem::path& proc, Readings& out) {
    std::ifstream file{proc / "net/dev"};
    std::string line;
    std::getline(file, line); // two lines of headings
    std::getline(file, line);
    std::string name;
    double bytes = 0;
    while (std::getline(file >> std::ws, name, ':') && file >> bytes) {
        out("net.bytes", bytes, {{"direction", "in"}, {"iface", name}});
        std::getline(file, line);
    }
}

} // namespace

int main(int argc, char* argv[]) {
    Collector self{argc, argv, {.name = "readings", .interval = 15s}};
    return self.run_every_n_seconds(self.interval(), [&](Readings& out) { report_interfaces(self.proc_root(), out); });
}
