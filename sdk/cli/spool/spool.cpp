// SPDX-License-Identifier: MIT
// `tickertape spool`: lists, prints and drains points on disk.
#include <fcntl.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <tickertape/credentials.hpp>
#include <tickertape/line.hpp>
#include <tickertape/name.hpp>
#include <tickertape/stop.hpp>
#include <tickertape/tls.hpp>

#include "base/concat.hpp"
#include "base/quote.hpp"
#include "base/syscalls.hpp"
#include "cli/commands.hpp"
#include "cli/duration.hpp"
#include "cli/messages.hpp"
#include "cli/push/sink.hpp"
#include "point/line_formatter.hpp"
#include "spool/inspect.hpp"
#include "spool/points.hpp"
#include "spool/segment_name.hpp"

namespace tickertape::cli::spool {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view usage_notes =
    R"(Without a flag it lists the queues in DIR, the directory that 'push --spool' was
given, and the faults of their files.

Exit codes:
  0  All is well
  1  Something is damaged or could not be done
  2  A flag or an argument is wrong
  5  Points still wait after --drain

Examples:
  tickertape spool /var/spool/t                        List the queues
  tickertape spool --print /var/spool/t                Print the waiting points
  tickertape spool --drain http://tsdb:4242 /var/spool/t
                            Send the waiting points)";
constexpr std::chrono::seconds grace{3}; // for sending points after a signal

enum ExitCode : int { fine = 0, damaged = 1, still_waiting = 5 };

struct Options {
    std::string directory;
    bool print = false;
    std::string drop;
    std::string target;
    std::uint32_t rate = 0;
    std::string deadline = "60";
};

struct Queue {
    std::string name{};
    std::string path{};
};

std::string in_plain(double bytes) {
    constexpr std::array<const char*, 5> units{"B", "KiB", "MiB", "GiB", "TiB"};
    constexpr double step = 1024;
    std::size_t unit = 0;
    for (; bytes >= step && unit + 1 < units.size(); ++unit) {
        bytes /= step;
    }
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.3g %s", bytes, units[unit]);
    return text.data();
}

/// Returns the folders of queues in the spool `directory`.
std::vector<Queue> queues_of(std::string directory) {
    while (directory.size() > 1 && directory.ends_with('/')) {
        directory.pop_back();
    }
    std::vector<std::string> names;
    auto& syscalls = base::Syscalls::real();
    if (syscalls.list(directory.c_str(), names) != 0) {
        throw UsageError{tickertape::spool::Trouble::of_errno("list", directory).sentence};
    }
    std::sort(names.begin(), names.end());
    std::vector<Queue> queues;
    for (const std::string& name : names) {
        const std::string path = base::concat(directory, "/", name);
        struct stat status{};
        if (tickertape::spool::parts_of_folder_name(name) && syscalls.lstat(path.c_str(), &status) == 0 &&
            S_ISDIR(status.st_mode)) {
            queues.push_back({name, path});
        }
    }
    return queues;
}

/// Writes the points of a record as put lines.
class Printer {
public:
    void print(std::string_view payload, std::uint64_t first, tickertape::spool::Range waiting) {
        points_.clear();
        if (!decoder_.decode(payload, points_) || points_.size() < waiting.to - first) {
            ++unreadable_;
            return;
        }
        for (std::uint64_t number = waiting.from; number < waiting.to; ++number) {
            const point::LineResult line = formatter_.write(points_[number - first], buffer_.data());
            if (!line.refused) {
                std::fwrite(buffer_.data(), 1, line.size, stdout);
            }
        }
    }
    [[nodiscard]] std::uint64_t unreadable() const noexcept { return unreadable_; }

private:
    tickertape::spool::Decoder decoder_;
    point::LineFormatter formatter_{{.host_tag = {}}};
    std::vector<Point> points_;
    std::array<char, max_line + 1> buffer_{};
    std::uint64_t unreadable_ = 0;
};

int list(const std::vector<Queue>& queues, bool print) {
    int result = fine;
    for (const Queue& queue : queues) {
        tickertape::spool::Trouble trouble;
        Printer printer;
        const auto report = tickertape::spool::inspect(
            queue.path, base::Syscalls::real(), trouble,
            print ? tickertape::spool::TakeWaiting{[&](auto... record) { printer.print(record...); }}
                  : tickertape::spool::TakeWaiting{});
        std::FILE* const out = print ? stderr : stdout; // stdout has the lines
        if (trouble) {
            print_message(base::Level::error, trouble.sentence);
            result = damaged;
            continue;
        }
        std::fprintf(out, "%s: %llu points wait, %zu files, %s", queue.name.c_str(),
                     static_cast<unsigned long long>(report.waiting), report.files.size(),
                     in_plain(static_cast<double>(report.bytes)).c_str());
        if (report.ever_dropped > 0) {
            std::fprintf(out, ", %llu dropped by its caps so far",
                         static_cast<unsigned long long>(report.ever_dropped));
        }
        std::fputs("\n", out);
        for (const auto& file : report.files) {
            if (file.header == tickertape::spool::HeaderKind::newer_version) {
                std::fprintf(out, "  %s: of a newer version\n", file.name.c_str());
            } else if (file.damaged > 0) {
                std::fprintf(out, "  %s: %llu damaged places, %llu points can be read\n", file.name.c_str(),
                             static_cast<unsigned long long>(file.damaged),
                             static_cast<unsigned long long>(file.waiting));
                result = damaged;
            }
        }
        result = printer.unreadable() > 0 ? damaged : result;
    }
    return result;
}

/// Deletes one file, unless a process uses its queue.
int drop(const std::vector<Queue>& queues, const std::string& file) {
    for (const Queue& queue : queues) {
        const std::string name = file.substr(file.rfind('/') + 1);
        const std::string path = base::concat(queue.path, "/", name);
        const bool is_meant = file == name || file.ends_with(base::concat(queue.name, "/", name));
        struct stat status{};
        if (!is_meant || !tickertape::spool::serial_of(name) || lstat(path.c_str(), &status) != 0) {
            continue;
        }
        tickertape::spool::Trouble trouble;
        const auto folder = tickertape::spool::Folder::open(queue.path, base::Syscalls::real(), trouble);
        if (!folder) {
            print_message(base::Level::error, trouble.sentence);
            return damaged;
        }
        if (unlink(path.c_str()) != 0) {
            print_message(base::Level::error, tickertape::spool::Trouble::of_errno("delete", path).sentence);
            return damaged;
        }
        std::printf("%s is deleted\n", path.c_str());
        return fine;
    }
    throw UsageError{base::concat("--drop: there is no file ", base::quote(file), " of a spool")};
}

/// Sends the points of a queue. Returns whether all waiting points were answered.
bool drain(const Queue& queue, const Options& options) {
    tickertape::spool::Trouble trouble;
    if (!tickertape::spool::Folder::open(queue.path, base::Syscalls::real(), trouble)) {
        print_message(base::Level::error, trouble.sentence);
        return false;
    }
    const auto parts = tickertape::spool::parts_of_folder_name(queue.name);
    Targets targets{options.target};
    const std::chrono::milliseconds deadline = duration_of("--deadline", options.deadline);
    const Stop& stop = Stop::process();
    std::unique_ptr<push::PushSink> sink;
    std::uint64_t done = 0;
    Clock::time_point progress = Clock::now();
    Clock::time_point stopped{};
    const auto go_on = [&] {
        const auto now = Clock::now();
        if (const std::uint64_t acked = sink->progress(); acked != done) {
            done = acked;
            progress = now;
        }
        stopped = stop.requested() && stopped == Clock::time_point{} ? now : stopped;
        return stop.requested() ? now - stopped < grace : deadline == deadline.zero() || now - progress < deadline;
    };
    const bool uses_tls = targets.all().front().uses_tls();
    push::SinkOptions sink_options;
    sink_options.credentials = Credentials::from_environment();
    sink_options.tls = uses_tls ? tls({}) : tickertape::push::TlsLayer{};
    sink_options.go_on = go_on;
    SpoolOptions& spool = sink_options.spool;
    spool.directory = options.directory;
    spool.program = (*parts)[0];
    spool.instance = (*parts)[1];
    spool.target = (*parts)[2];
    spool.max_bytes = std::numeric_limits<std::uint64_t>::max(); // it only reads, so no limit may drop a point
    spool.max_age = std::chrono::hours{24 * 365 * 10};
    spool.min_free = 0;
    spool.backlog_per_second = options.rate > 0 ? options.rate : std::numeric_limits<std::uint32_t>::max();
    sink = push::make_spool_sink(std::move(targets), std::move(sink_options));
    sink->finish();
    const Account account = sink->account();
    std::printf(
        "%s: %llu acknowledged, %llu unconfirmed, %llu rejected, %llu dropped, %llu still wait\n", queue.name.c_str(),
        static_cast<unsigned long long>(account.acked), static_cast<unsigned long long>(account.unconfirmed),
        static_cast<unsigned long long>(account.all_rejected()), static_cast<unsigned long long>(account.all_dropped()),
        static_cast<unsigned long long>(account.spooled));
    return account.spooled == 0;
}

int run(const Options& options) {
    const std::vector<Queue> queues = queues_of(options.directory);
    if (!options.drop.empty()) {
        return drop(queues, options.drop);
    }
    if (options.target.empty()) {
        return list(queues, options.print);
    }
    const Stop::OnSignals signals;
    bool all = true;
    for (const Queue& queue : queues) {
        all = drain(queue, options) && all;
    }
    return all ? fine : still_waiting;
}

} // namespace

void add_command(CLI::App& app, int& result) {
    CLI::App* const command =
        app.add_subcommand("spool", "Show the points that wait in a spool, and send those without an owner.");
    command->footer(std::string{usage_notes});
    const auto options = std::make_shared<Options>();
    command->add_option("DIR", options->directory, "Directory that was given to --spool")->required();
    command->add_flag("--print", options->print, "Print the waiting points as put lines");
    command->add_option("--drop", options->drop, "Delete this file, as in QUEUE/0000000000000000.seg, with its points")
        ->type_name("FILE");
    command
        ->add_option("--drain", options->target,
                     "Send the points of queues that no process uses to TARGET, and delete what it acknowledges")
        ->type_name("TARGET");
    command->add_option("--spool-rate", options->rate, "With --drain, send at most NUMBER points a second; 0: no limit")
        ->type_name("NUMBER")
        ->capture_default_str();
    command
        ->add_option("--deadline", options->deadline,
                     "With --drain, give up when the target has acknowledged nothing for DURATION; 0: never")
        ->type_name("DURATION")
        ->capture_default_str();
    command->callback([options, &result] { result = run(*options); });
}

} // namespace tickertape::cli::spool
