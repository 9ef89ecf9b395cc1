// SPDX-License-Identifier: MIT
// The memory and CPU time of each collector: demand 5.
#include <signal.h> // NOLINT(modernize-deprecated-headers): POSIX's
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "child.hpp"
#include "outside.hpp"
#include "report.hpp"
#include "suites.hpp"

namespace bench {

namespace {

namespace fs = std::filesystem;

/// The programs of scripts/package if it has built some, else those of this build.
fs::path programs() {
    const char* const given = std::getenv("TICKERTAPE_COLLECTORS");
    return given != nullptr ? given : TICKERTAPE_BIN_DIR;
}

bool is_collector(const fs::path& path) {
    const std::string name = path.filename().string();
    return fs::exists(fs::path{TICKERTAPE_COLLECTOR_SOURCES} / (name + ".cpp"));
}

} // namespace

void footprint_suite() {
    std::vector<std::string> names;
    for (const fs::directory_entry& entry : fs::directory_iterator{programs()}) {
        if (is_collector(entry.path())) {
            names.push_back(entry.path().string());
        }
    }
    std::sort(names.begin(), names.end());
    const fs::path stripped = fs::temp_directory_path() / ("tickertape-bench." + std::to_string(getpid()));
    std::vector<std::unique_ptr<Child>> running;
    for (const std::string& name : names) {
        running.push_back(std::make_unique<Child>(std::vector<std::string>{name}));
    }
    std::this_thread::sleep_for(std::chrono::seconds{20}); // past the first dump
    std::array<std::vector<double>, 4> worst;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string name = fs::path{names[i]}.filename().string();
        const std::array<double, 2> memory{memory_of(running[i]->pid(), "Rss"), memory_of(running[i]->pid(), "Pss")};
        double size = -1;
        if (Child{{"strip", "-o", stripped.string(), names[i]}}.wait().status == 0) {
            size = static_cast<double>(fs::file_size(stripped)) / 1e6;
            fs::remove(stripped);
        }
        const double byte = quickest_first_byte_ms({names[i], "--once"}, 30);
        if (memory[0] > 0) {
            say({"5", name + ", resident", memory[0], "MB", at_most(3)});
            say({"5", name + ", proportional, all running", memory[1], "MB", at_most(1.5)});
        } else {
            say({"", name + " does not run here", 0});
        }
        say({"5", name + ", stripped", size, "MB", at_most(2.5)});
        if (byte >= 0) {
            say({"5", name + " --once, start to first byte", byte, "ms", at_most(3)});
        } else {
            say({"", name + " --once prints nothing here", 0});
        }
    }
    for (const auto& child : running) {
        child->signal(SIGTERM);
    }
}

} // namespace bench
