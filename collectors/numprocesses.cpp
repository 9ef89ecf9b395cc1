// SPDX-License-Identifier: MIT
// numprocesses: how many processes there are in each state.
#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>
#include <vector>

#include <tickertape/collector.hpp>

#include "base/diagnostics.hpp"
#include "proc/pid_stat.hpp"

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

struct State {
    std::string_view letters; // of /proc/PID/stat
    std::string_view tag;
};

constexpr std::array<State, 9> states{{
    {"R", "running"},
    {"S", "sleeping"},
    {"D", "disk_sleep"},
    {"T", "stopped"},
    {"t", "tracing_stop"},
    {"Z", "zombie"},
    {"Xx", "dead"},
    {"I", "idle"},
    {"", "unknown"}, // any other letter
}};

std::size_t index_of(char letter) {
    const auto known = std::find_if(states.begin(), states.end(), [letter](const State& state) {
        return state.letters.find(letter) != std::string_view::npos;
    });
    return static_cast<std::size_t>(std::min(known, states.end() - 1) - states.begin());
}

/// As for other users' processes where /proc is mounted with hidepid.
bool is_forbidden(const std::exception& error) {
    const auto* const failed = dynamic_cast<const std::system_error*>(&error);
    return failed != nullptr &&
           (failed->code() == std::errc::permission_denied || failed->code() == std::errc::operation_not_permitted);
}

class ProcessCount {
public:
    explicit ProcessCount(const std::filesystem::path& proc) : root_{proc} {}

    /// The number of processes in each state now.
    std::array<int, states.size()> operator()() {
        std::array<int, states.size()> count{};
        root_.list_pids(pids_);
        for (const int pid : pids_) {
            try {
                if (const auto stat = proc::read_pid_stat(root_, pid)) {
                    ++count[index_of(stat->state)];
                }
            } catch (const std::exception& error) { // one odd process does not hide the others
                base::report(is_forbidden(error) ? "processes of other users cannot be read here and count as unknown"
                                                 : error.what());
                ++count[states.size() - 1];
            }
        }
        return count;
    }

private:
    proc::Root root_;
    std::vector<int> pids_;
};

} // namespace

int main(int argc, char* argv[]) {
    Collector self{argc,
                   argv,
                   {.name = "numprocesses",
                    .description = "Reports proc.num_processes, the number of processes by state.",
                    .interval = 1s,
                    .timespan = 5s,
                    .granularity = 1s}};
    ProcessCount count_processes{self.proc_root()};
    std::vector<MetricCounter<stock>> processes;
    for (const State& state : states) {
        processes.push_back(MetricCounter<stock>{"proc.num_processes", self.counter({.tags = {{"state", state.tag}}})});
    }
    autodump dump{self, processes};
    return self.run_every_n_seconds(self.interval(), [&] {
        std::array<int, states.size()> count{};
        try {
            count = count_processes();
        } catch (const std::system_error& error) { // too many open files, say: no reading now, the next will do
            base::report(error.what());
            return;
        }
        for (std::size_t i = 0; i < states.size(); ++i) {
            processes[i].set(count[i]);
        }
    });
}
