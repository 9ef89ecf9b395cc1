// SPDX-License-Identifier: MIT
// The rate limit of messages.
#include <base/diagnostics.hpp>

#include <syslog.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <base/log.hpp>
#include <tickertape/messages.hpp>
#include <tickertape/warn.hpp>

#include "push/dialer.hpp"
#include "support/catch.hpp"
#include "support/messages.hpp"

using namespace std::chrono_literals;
using tickertape::SteadyTime;
using tickertape::base::SentenceLimit;

namespace {

/// The machine's steady clock may start anywhere.
constexpr SteadyTime start{-5s};

} // namespace

TEST_CASE("A message is written once a minute") {
    SentenceLimit limit;
    CHECK(limit.may_say("a", start));
    CHECK_FALSE(limit.may_say("a", start));
    CHECK_FALSE(limit.may_say("a", start + 60s - 1ns));
    CHECK(limit.may_say("a", start + 60s));
    CHECK_FALSE(limit.may_say("a", start + 120s - 1ns)); // its minute has started again
    CHECK(limit.may_say("a", start + 120s));
}

TEST_CASE("At most ten different messages are written in any minute") {
    SentenceLimit limit;
    const auto sentence = [](int number) { return "sentence " + std::to_string(number); };
    for (int i = 0; i < 10; ++i) {
        CHECK(limit.may_say(sentence(i), start + i * 1s));
    }
    CHECK_FALSE(limit.may_say(sentence(10), start + 10s));
    CHECK_FALSE(limit.may_say(sentence(0), start + 10s));
    CHECK_FALSE(limit.may_say(sentence(10), start + 60s - 1ns));
    CHECK(limit.may_say(sentence(10), start + 60s)); // the first one's minute is over
    CHECK_FALSE(limit.may_say(sentence(11), start + 60s));
    CHECK(limit.may_say(sentence(11), start + 61s));
    int said = 0;
    for (int i = 12; i < 1000; ++i) {
        said += limit.may_say(sentence(i), start + 62s) ? 1 : 0;
    }
    CHECK(said == 1); // the place of the third
}

TEST_CASE("A message that was kept back does not count as written") {
    SentenceLimit limit;
    for (int i = 0; i < 10; ++i) {
        CHECK(limit.may_say(std::to_string(i), start));
    }
    CHECK_FALSE(limit.may_say("new", start + 59s));
    CHECK(limit.may_say("new", start + 60s));
}

TEST_CASE("Messages of one kind are written once a minute, whatever varies in them") {
    test::Messages messages;
    tickertape::base::report("diagnostics: 3 of 5 lost", "diagnostics: lost");
    tickertape::base::report("diagnostics: 4 of 7 lost", "diagnostics: lost");
    tickertape::base::report("diagnostics: 4 of 7 lost", "diagnostics: lost again");
    CHECK(messages.all() == std::vector<std::string>{"diagnostics: 3 of 5 lost", "diagnostics: 4 of 7 lost"});
}

TEST_CASE("Failures of a target are of one kind when they differ in a port or a count, and not in a status") {
    using tickertape::push::kind_of_failure;
    CHECK(kind_of_failure("it answers 400: '3 of 50 from :41234'") ==
          kind_of_failure("it answers 400: '12 of 7 from :5'"));
    CHECK(kind_of_failure("it answers 400: 'x'") != kind_of_failure("it answers 503: 'x'"));
    CHECK(kind_of_failure("cannot connect: Connection refused") == "cannot connect: Connection refused");
}

TEST_CASE("Messages go to the application's function, as sentences of printable ASCII") {
    test::Messages messages;
    tickertape::warn("a new message\nof \x01 two lines");
    tickertape::base::report_always("and another");
    CHECK(messages.all() == std::vector<std::string>{"a new message?of ? two lines", "and another"});
}

TEST_CASE("Replacing a message function returns the one before") {
    void (*const one)(int, std::string_view) = [](int, std::string_view) {};
    auto* const before = tickertape::set_message_function(one);
    CHECK(tickertape::set_message_function(before) == one);
}

TEST_CASE("A message function that throws loses its message and nothing else") {
    auto* const before =
        tickertape::set_message_function([](int, std::string_view) { throw std::runtime_error{"no"}; });
    tickertape::base::report_always("lost");
    tickertape::set_message_function(before);
    SUCCEED();
}

TEST_CASE("A message function gets the priority, and messages less serious than the level are left out") {
    using tickertape::base::Level;
    static std::vector<std::pair<int, std::string>> got;
    auto* const before = tickertape::set_message_function(
        [](int priority, std::string_view sentence) { got.emplace_back(priority, std::string{sentence}); });
    const auto log_one_of_each = [] {
        got.clear();
        tickertape::base::forget_reports();
        tickertape::base::log(Level::error, "e");
        tickertape::base::report("w");
        tickertape::base::log_always(Level::notice, "n");
        tickertape::base::log(Level::info, "i");
        return got;
    };
    const std::vector<std::pair<int, std::string>> all{
        {LOG_ERR, "e"}, {LOG_WARNING, "w"}, {LOG_NOTICE, "n"}, {LOG_INFO, "i"}};
    CHECK(log_one_of_each() == std::vector(all.begin(), all.begin() + 3)); // by default
    const auto count_at = [&](int least) {
        tickertape::set_message_level(least);
        return log_one_of_each().size();
    };
    CHECK(count_at(LOG_ERR) == 1);
    CHECK(count_at(LOG_WARNING) == 2);
    CHECK(count_at(LOG_INFO) == 4);
    CHECK(count_at(LOG_EMERG) == 1); // the nearest
    CHECK(count_at(LOG_DEBUG) == 4);
    tickertape::set_message_level(LOG_NOTICE);
    tickertape::set_message_function(before);
}

TEST_CASE("Levels have names") {
    using tickertape::base::Level;
    using tickertape::base::level_of;
    CHECK(level_of("error") == Level::error);
    CHECK(level_of("warning") == Level::warning);
    CHECK(level_of("notice") == Level::notice);
    CHECK(level_of("info") == Level::info);
    CHECK_FALSE(level_of("Info"));
    CHECK_FALSE(level_of(""));
}

TEST_CASE("The journal is recognized by its device and inode") {
    using tickertape::base::is_journal;
    CHECK(is_journal("9:41234", 9, 41234));
    CHECK_FALSE(is_journal("9:41234", 9, 41235));
    CHECK_FALSE(is_journal("9:41234", 8, 41234));
    for (const char* const none : {"", "9", "9:", ":41234", "9:41234x", "9 :41234", "9::41234"}) {
        CAPTURE(none);
        CHECK_FALSE(is_journal(none, 9, 41234));
    }
}
