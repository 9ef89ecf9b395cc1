// SPDX-License-Identifier: MIT
// The host collectors compared with tcollector's own, and with a program that only reads the same files.
#include <fcntl.h>
#include <signal.h> // NOLINT(modernize-deprecated-headers): POSIX's
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "child.hpp"
#include "measure.hpp"
#include "outside.hpp"
#include "report.hpp"
#include "suites.hpp"

namespace bench {

namespace {

namespace fs = std::filesystem;

constexpr auto pause = std::chrono::milliseconds{50}; // between two readings, of all three
constexpr int readings = 60;
constexpr int starts = 10;

/// Returns the output of a program until it ends.
class Written {
public:
    Written() : path_{fs::temp_directory_path() / ("tickertape-bench." + std::to_string(getpid()))} {
        fd_ = open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    }
    Written(const Written&) = delete;
    Written& operator=(const Written&) = delete;
    ~Written() {
        close(fd_);
        fs::remove(path_);
    }

    [[nodiscard]] int fd() const noexcept { return fd_; }
    [[nodiscard]] std::vector<std::string> lines() const {
        std::vector<std::string> all;
        std::ifstream file{path_};
        for (std::string line; std::getline(file, line);) {
            all.push_back(line);
        }
        return all;
    }

private:
    fs::path path_;
    int fd_ = -1;
};

/// The cost of one collector.
struct Cost {
    double resident = 0; // bytes
    double reading = 0;  // ns of processor time
    double start = 0;    // ms to the first byte
};

std::string original_file(const std::string& folder, const std::string& name) {
    return folder + "/collectors/available/linux/long-lived/" + name + ".py";
}

/// Not the one in PATH, which may be a script that searches for a program.
std::string python() { return fs::exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3"; }

std::string program(const std::string& name) { return TICKERTAPE_BIN_DIR "/" + name; }

/// A collector of ours.
Cost cost_of_ours(const std::string& name) {
    Cost cost;
    struct Run {
        double cpu = 0;
        std::size_t times = 0; // different stamps
    };
    const auto run = [&](const char* seconds) {
        const Written written;
        Child child{{program(name), "--interval", "0.05", "--dedup", "0", "--for", seconds}, {.out = written.fd()}};
        std::this_thread::sleep_for(std::chrono::milliseconds{900});
        cost.resident = memory_of(child.pid(), "Rss");
        const double cpu = child.wait().cpu_ns;
        std::set<std::string> stamps;
        for (const std::string& line : written.lines()) {
            std::istringstream words{line};
            std::string put;
            std::string metric;
            std::string stamp;
            words >> put >> metric >> stamp;
            stamps.insert(stamp);
        }
        return Run{cpu, stamps.size()};
    };
    // Both include the start and the end.
    const Run few = run("1");
    const Run many = run("4");
    cost.reading = (many.cpu - few.cpu) / static_cast<double>(many.times - few.times);
    cost.start = quickest_first_byte_ms({program(name), "--once"}, starts);
    return cost;
}

/// Returns the original; nothing, and the reason in `why`, if there is none.
std::optional<Cost> cost_of_original(const std::string& folder, const std::string& name, std::string& why) {
    Cost cost;
    const Written written;
    const std::string file = original_file(folder, name);
    Child child{
        {python(), std::string{TICKERTAPE_BENCH_SOURCES} + "/original.py", folder, file, std::to_string(readings)},
        {.err = written.fd()}};
    child.wait();
    const std::vector<std::string> lines = written.lines();
    std::istringstream numbers{lines.empty() ? "" : lines.back()};
    if (!(numbers >> cost.resident >> cost.reading)) {
        why = lines.empty() ? "it says nothing" : lines.back();
        std::replace_if(why.begin(), why.end(), [](char c) { return c == '"' || c == '\\' || c < ' '; }, '\'');
        return std::nullopt;
    }
    cost.start = quickest_first_byte_ms({"env", "PYTHONPATH=" + folder, python(), file}, starts);
    return cost;
}

double bare_cost(const std::vector<std::string>& files) {
    const Written written;
    std::vector<std::string> command{"/proc/self/exe", "read-files", std::to_string(readings)};
    command.front() = fs::read_symlink(command.front());
    command.insert(command.end(), files.begin(), files.end());
    Child child{command, {.err = written.fd()}};
    child.wait();
    return written.lines().empty() ? 0 : std::stod(written.lines().back());
}

/// Returns the files that the collector `name` reads; for dfstat also the mounts.
std::vector<std::string> files_of(const std::string& name) {
    const auto all_in = [](const fs::path& folder, const std::string& begin, const std::string& file) {
        std::vector<std::string> files;
        std::error_code none;
        for (const fs::directory_entry& entry : fs::directory_iterator{folder, none}) {
            const fs::path path = entry.path() / file;
            if (entry.path().filename().string().starts_with(begin) && fs::exists(path)) {
                files.push_back(path);
            }
        }
        return files;
    };
    std::vector<std::string> files;
    const auto add = [&](const std::vector<std::string>& more) { files.insert(files.end(), more.begin(), more.end()); };
    if (name == "procstats") {
        add({"/proc/uptime", "/proc/meminfo", "/proc/vmstat", "/proc/stat", "/proc/loadavg", "/proc/interrupts",
             "/proc/softirqs", "/proc/sys/kernel/random/entropy_avail"});
        add(all_in("/sys/devices/system/node", "node", "numastat"));
        for (const char* const file : {"cpuinfo_min_freq", "cpuinfo_max_freq", "scaling_cur_freq"}) {
            add(all_in("/sys/devices/system/cpu", "cpu", std::string{"cpufreq/"} + file));
        }
    } else if (name == "ifstat") {
        add({"/proc/net/dev"});
    } else if (name == "netstat") {
        add({"/proc/net/sockstat", "/proc/net/netstat", "/proc/net/snmp", "/proc/net/tcp", "/proc/net/tcp6"});
    } else if (name == "procnettcp") {
        add({"/proc/net/tcp", "/proc/net/tcp6"});
    } else if (name == "iostat") {
        add({"/proc/diskstats"});
    } else if (name == "pressure") {
        add({"/proc/pressure/cpu", "/proc/pressure/memory", "/proc/pressure/io"});
    } else if (name == "netfilter" || name == "dfstat") {
        const Written written;
        Child{{program(name), "--once"}, {.out = written.fd()}}.wait();
        files = name == "dfstat" ? std::vector<std::string>{"/proc/mounts"} : files;
        for (const std::string& line : written.lines()) {
            const std::string stem = name == "dfstat" ? "put df.bytes.total " : "put proc.sys.net.netfilter.";
            const std::size_t mount = line.find("mount=");
            if (line.starts_with(stem)) {
                files.push_back(name == "dfstat" ? "mount:" + line.substr(mount + 6)
                                                 : "/proc/sys/net/netfilter/" +
                                                       line.substr(stem.size(), line.find(' ', 4) - stem.size()));
            }
        }
    }
    return files;
}

} // namespace

int read_files(int times, const std::vector<std::string>& files) {
    std::array<char, 65536> buffer;
    double first = 0;
    for (int i = 0; i <= times; ++i) {
        for (const std::string& name : files) {
            struct statvfs space{};
            if (name.starts_with("mount:")) {
                static_cast<void>(statvfs(name.c_str() + 6, &space));
                continue;
            }
            const int file = open(name.c_str(), O_RDONLY | O_CLOEXEC);
            while (file >= 0 && read(file, buffer.data(), buffer.size()) > 0) {
            }
            close(file);
        }
        first = i == 0 ? now_ns(CLOCK_PROCESS_CPUTIME_ID) : first;
        std::this_thread::sleep_for(pause);
    }
    std::fprintf(stderr, "%.0f\n", (now_ns(CLOCK_PROCESS_CPUTIME_ID) - first) / times);
    return 0;
}

void collectors_suite(const std::string& folder) {
    if (folder.empty()) {
        say({"", "tcollector's own collectors are not compared: no checkout of it is named"});
    }
    for (const std::string name :
         {"procstats", "ifstat", "netstat", "netfilter", "dfstat", "iostat", "procnettcp", "pressure"}) {
        const Cost ours = cost_of_ours(name);
        const double bare = bare_cost(files_of(name));
        say({"", name + ", resident", ours.resident, "MB"});
        say({"", name + ", start to first byte", ours.start, "ms"});
        say({"", name + ", processor time of a reading", ours.reading / 1000, "us"});
        say({"hosts 8", name + ", processor time / that of reading the files alone", ours.reading / bare, "",
             at_most(2)});
        std::string why;
        if (folder.empty()) {
            continue;
        }
        if (!fs::exists(original_file(folder, name))) {
            say({"", name + " has no original"});
        } else if (const auto original = cost_of_original(folder, name, why)) {
            say({"hosts 8", name + ", resident / the original's", ours.resident / (original->resident / 1e6), "",
                 at_most(1.0 / 3)});
            say({"hosts 8", name + ", processor time / the original's", ours.reading / original->reading, "",
                 at_most(0.2)});
            say({"", "the same of reading the files alone", bare / original->reading});
            if (ours.start > 0 && original->start > 0) {
                say({"hosts 8", name + ", start / the original's", ours.start / original->start, "", at_most(0.2)});
            }
        } else {
            say({"", name + "'s original does not run here: " + why});
        }
    }
}

} // namespace bench
