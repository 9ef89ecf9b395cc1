// SPDX-License-Identifier: MIT
// Tables that take long, never answer, or for which no thread can be started.
#include <tickertape/tables.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <collector/table_reader.hpp>

#include "support/catch.hpp"
#include "support/number_tables.hpp"

using namespace std::chrono_literals;
using namespace tickertape;
using test::long_wait;
using test::NumberFile;
using test::short_wait;
using Fixture = test::NumberTables;

TEST_CASE("A blocked table is missing from each run, and the tables after it are still reported") {
    Fixture fixture{{{"a"}, {"b"}, {"c"}}};
    fixture.files[1]->set(false);
    int before = 0;
    int behind = 0;
    std::string run;
    for (; before < 3 || behind < 3; run = fixture.run(short_wait)) { // a busy machine may not read them in each run
        before += run.find("a=") != std::string::npos ? 1 : 0;
        behind += run.find("c=") != std::string::npos ? 1 : 0;
        REQUIRE(run.find("b=") == std::string::npos);
    }
    fixture.files[1]->set(true); // a later run reports it
    while (run.find("b=1 ") == std::string::npos) {
        run = fixture.run(long_wait);
    }
}

TEST_CASE("A table that never answers does not delay the end") {
    std::shared_ptr<NumberFile> file;
    {
        Fixture fixture{{{"a"}}};
        file = fixture.files[0];
        file->set(false);
        CHECK(fixture.run(short_wait).empty());
    }
    file->set(true); // for its thread
}

TEST_CASE("A point that an earlier run asked for has the time of its reading, and so has its rate") {
    Fixture fixture{{{"a"}}, {"--rate"}};
    CHECK(fixture.run().empty());
    fixture.files[0]->set(false);
    fixture.time = 1h;
    CHECK(fixture.run(short_wait).empty());
    fixture.files[0]->set(true);
    fixture.time = 10h;
    std::string run;
    while (run.empty()) {
        run = fixture.run(short_wait);
    }
    const double rate = std::stod(run.substr(2));
    CHECK(rate > 1 / 7200.0); // one in an hour
    CHECK(rate < 1 / 3599.0);
    CHECK(fixture.stamp >= WallTime{1'700'000'000s + 1h});
    CHECK(fixture.stamp < WallTime{1'700'000'000s + 2h});
}

TEST_CASE("There is no rate over a time that is hardly longer than the reading took") {
    Fixture fixture{{{"a"}}, {"--rate"}};
    CHECK(fixture.run().empty());
    fixture.step = 1ns;
    bool any = false; // on a busy machine the reading may be so late that the time is certain enough
    for (int i = 0; i < 100 && !any; ++i) {
        while (fixture.run().empty()) {
        }
        const int before = fixture.files[0]->count();
        fixture.files[0]->set(false);
        CHECK(fixture.run(short_wait).empty());
        fixture.files[0]->set(true);
        while (fixture.run().empty()) {
        }
        any = fixture.files[0]->count() > before + 1;
    }
    CHECK(any);
}

TEST_CASE("A table that was late once is back in the run after the one that reports it") {
    Fixture fixture{{{"a"}}};
    fixture.files[0]->set(false);
    CHECK(fixture.run(short_wait).empty());
    fixture.files[0]->set(true);
    std::string run;
    while (run.empty()) {
        run = fixture.run(short_wait);
    }
    CHECK(run == "a=1 ");
    CHECK(fixture.run() == "a=2 ");
}

TEST_CASE("However many tables block, a run waits for two of them") {
    std::vector<Tables::Table> given;
    for (int i = 0; i < 10; ++i) {
        given.push_back({std::string(1, static_cast<char>('a' + i))});
    }
    Fixture fixture{given};
    for (const auto& file : fixture.files) {
        file->set(false);
    }
    CHECK(fixture.run(short_wait).empty());
    int asked = 0;
    for (const auto& file : fixture.files) {
        const std::lock_guard lock{file->mutex};
        asked += file->is_asked ? 1 : 0;
    }
    CHECK(asked <= 3);
    for (const auto& file : fixture.files) {
        file->set(true);
    }
}

TEST_CASE("A run does not wait for a table beyond a stop") {
    Fixture fixture{{{"a"}}};
    fixture.files[0]->set(false);
    std::stop_source stop;
    const std::jthread stopper{[&] {
        fixture.files[0]->wait_until_asked();
        stop.request_stop();
    }};
    const auto begin = std::chrono::steady_clock::now();
    CHECK(fixture.run(long_wait, 1, 1000, stop.get_token()).empty());
    CHECK(std::chrono::steady_clock::now() - begin < long_wait);
    fixture.files[0]->set(true); // for its thread
}

TEST_CASE("Without a thread a table is missing, and it is back when a thread can be started") {
    bool fails = true;
    collector::TableReader reader{[&fails](std::function<void()> f) {
        if (fails) {
            throw std::system_error{EAGAIN, std::generic_category()};
        }
        std::thread{std::move(f)}.detach();
    }};
    const auto source_of = [](const std::shared_ptr<NumberFile>& file, const char* name) {
        const auto source = std::make_shared<collector::TableSource>();
        source->name = name;
        source->read = [file] { static_cast<void>(file->read()); };
        return source;
    };
    const auto blocked = std::make_shared<NumberFile>();
    blocked->set(false);
    const std::array sources{source_of(blocked, "blocked"), source_of(std::make_shared<NumberFile>(), "behind")};
    CHECK_FALSE(reader.ask(sources[0], SteadyTime{1s}));
    fails = false;
    CHECK(reader.ask(sources[0], SteadyTime{2s}));
    CHECK(reader.ask(sources[1], SteadyTime{2s}));
    fails = true; // no thread reads the tables after it
    while (!sources[0]->is_slow) {
        reader.wait(sources, short_wait);
    }
    CHECK_FALSE(reader.take(sources[1]));
    CHECK_FALSE(reader.ask(sources[1], SteadyTime{3s}));
    fails = false;
    CHECK(reader.ask(sources[1], SteadyTime{4s}));
    reader.wait(sources, long_wait);
    CHECK(reader.take(sources[1]));
    blocked->set(true); // for its thread
}
