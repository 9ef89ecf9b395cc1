// SPDX-License-Identifier: MIT
/// \file
/// NumberTables: tables of one number each. Their files answer on request.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include <collector/command_line.hpp>
#include <tickertape/tables.hpp>
#include <tickertape/testkit/lines.hpp>

namespace test {

constexpr std::chrono::seconds long_wait{100};
constexpr std::chrono::milliseconds short_wait{1};

/// A file that answers on request; its number grows with each reading.
struct NumberFile {
    std::mutex mutex;
    std::condition_variable changed;
    bool answers = true;
    bool is_asked = false;
    int reads = 0;

    int read() {
        std::unique_lock lock{mutex};
        is_asked = true;
        changed.notify_all();
        changed.wait(lock, [this] { return answers; });
        return ++reads;
    }
    void set(bool now) {
        const std::lock_guard lock{mutex};
        answers = now;
        changed.notify_all();
    }
    void wait_until_asked() {
        std::unique_lock lock{mutex};
        changed.wait(lock, [this] { return is_asked; });
    }
    [[nodiscard]] int count() {
        const std::lock_guard lock{mutex};
        return reads;
    }
};

/// Tables of one number each, with runs a second apart.
struct NumberTables {
    explicit NumberTables(std::vector<tickertape::Tables::Table> given, const std::vector<std::string>& arguments = {})
        : tables{given} {
        static_cast<void>(tickertape::collector::parse_command_line(arguments, {.name = "c", .flags = tables.flags()}));
        for (const tickertape::Tables::Table& table : given) {
            const auto file = std::make_shared<NumberFile>();
            files.push_back(file);
            tables.add<int>(
                table.name, [file](int& value) { value = file->read(); },
                [name = table.name](int& value, tickertape::Readings& /*out*/, tickertape::Totals& totals) {
                    totals(name, static_cast<std::uint64_t>(value));
                });
        }
    }

    /// Returns the report of a run, without its timestamp.
    std::string run(std::chrono::milliseconds patience = long_wait, double part = 1, double most = 1000,
                    const std::stop_token& stop = {}) {
        time += step;
        out.begin(tickertape::WallTime{std::chrono::seconds{1'700'000'000} + time}, {},
                  {.lines = part * most, .most = most});
        tables.run(out, tickertape::SteadyTime{time}, std::chrono::seconds{1}, patience, stop);
        std::string all;
        for (const tickertape::Point& point : out.points()) {
            stamp = point.time();
            const std::string line = tickertape::testkit::lines(std::span{&point, 1});
            all.append(line.substr(0, line.find(' '))).append("=").append(line.substr(line.rfind(' ') + 1));
            all.back() = ' ';
        }
        return all;
    }

    tickertape::Tables tables;
    std::vector<std::shared_ptr<NumberFile>> files;
    tickertape::Readings out{{.step = std::chrono::seconds{1}}};
    std::chrono::nanoseconds time{0}; // since the start
    std::chrono::nanoseconds step = std::chrono::seconds{1};
    tickertape::WallTime stamp{}; // the timestamp of the last point
};

} // namespace test
