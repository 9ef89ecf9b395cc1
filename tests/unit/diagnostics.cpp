// SPDX-License-Identifier: MIT
// The rate limit of messages.
#include <base/diagnostics.hpp>

#include <stdexcept>
#include <string>

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
    void (*const one)(std::string_view) = [](std::string_view) {};
    auto* const before = tickertape::set_message_function(one);
    CHECK(tickertape::set_message_function(before) == one);
}

TEST_CASE("A message function that throws loses its message and nothing else") {
    auto* const before = tickertape::set_message_function([](std::string_view) { throw std::runtime_error{"no"}; });
    tickertape::base::report_always("lost");
    tickertape::set_message_function(before);
    SUCCEED();
}
