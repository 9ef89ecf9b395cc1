// SPDX-License-Identifier: MIT
// PutProtocol: a TSD's side of a telnet connection.
#include <random>
#include <string>
#include <vector>

#include <cli/agent/put_protocol.hpp>
#include <push/replies.hpp>

#include "support/catch.hpp"
#include "support/seed.hpp"

namespace {

using Catch::Matchers::ContainsSubstring;
using tickertape::cli::agent::PutProtocol;
using tickertape::push::ReplyKind;
using tickertape::push::ReplyReader;

/// A client's bytes, fed as they come; takes all lines that begin with `put m`.
struct Conversation {
    std::string say(std::string_view bytes) {
        pending += bytes;
        const std::size_t used = protocol.feed(pending, [this](std::string_view line) {
            taken.emplace_back(line);
            return std::string{line.starts_with("put m") ? "" : "illegal argument: of no m"};
        });
        pending.erase(0, used);
        return protocol.take_answers();
    }

    PutProtocol protocol;
    std::string pending;
    std::vector<std::string> taken;
};

} // namespace

TEST_CASE("put protocol: lines may arrive cut anywhere") {
    const std::string text = "put m 1\r\nput m 2\nversion\nput x\n\nput m 3\n";
    std::mt19937_64 random{test::seed()};
    for (int i = 0; i < 200; ++i) {
        Conversation cut;
        std::string answers;
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t size = random() % 9;
            answers += cut.say(std::string_view{text}.substr(at, size));
            at += size;
        }
        CHECK(cut.taken == std::vector<std::string>{"put m 1", "put m 2", "put x", "put m 3"});
        CHECK(answers == Conversation{}.say(text));
    }
}

TEST_CASE("put protocol: our own sender reads the answers as those of a TSD") {
    Conversation conversation;
    std::vector<ReplyKind> kinds;
    ReplyReader{}.feed(
        conversation.say("put m 1\nversion\nput x\n") +
            [&] {
                conversation.protocol.feed("", {});
                conversation.protocol.cannot_queue(3);
                return conversation.protocol.take_answers();
            }(),
        [&](ReplyKind kind, std::string_view) { kinds.push_back(kind); });
    CHECK(kinds == std::vector{ReplyKind::version, ReplyKind::illegal_argument, ReplyKind::throttled});
}

TEST_CASE("put protocol: the error for points that could not be queued precedes the answers of their lines") {
    PutProtocol protocol;
    protocol.feed("put m 1\nversion\n", [](std::string_view) { return std::string{}; });
    protocol.cannot_queue(1);
    CHECK_THAT(protocol.take_answers(), Catch::Matchers::StartsWith("put: Please throttle writes: 1 points"));
}

TEST_CASE("put protocol: commands are answered as by a TSD, and diediedie does nothing") {
    Conversation conversation;
    CHECK(conversation.say("help\n") == "available commands: put version help exit \n");
    CHECK(conversation.say("diediedie\n").empty());
    CHECK(conversation.say("PUT m\n") == "unknown command: PUT.  Try `help'.\n");
    CHECK(conversation.say("\n put m\n") == "unknown command: .  Try `help'.\nunknown command: .  Try `help'.\n");
    CHECK_FALSE(conversation.protocol.is_over());
    CHECK(conversation.say("exit\nput m 1\nversion\n").empty());
    CHECK(conversation.protocol.is_over());
    CHECK(conversation.taken.empty());
}

TEST_CASE("put protocol: an HTTP request is refused, so that no web page can push") {
    Conversation conversation;
    CHECK_THAT(conversation.say("POST /api/put HTTP/1.1\r\n\r\nput m 1\n"), ContainsSubstring("400 Bad Request"));
    CHECK(conversation.protocol.is_over());
    CHECK(conversation.taken.empty());
}

TEST_CASE("put protocol: a line that is too long is refused once, and the next one is taken") {
    Conversation conversation;
    const std::string head = "put " + std::string(PutProtocol::longest_line, 'x');
    CHECK(conversation.say(head) == "put: illegal argument: of no m\n");
    for (int i = 0; i < 1000; ++i) {
        CHECK(conversation.say(std::string(1024, 'x')).empty());
        CHECK(conversation.pending.empty());
    }
    CHECK(conversation.say("x\nput m 1\n").empty());
    CHECK(conversation.taken.back() == "put m 1");
    CHECK(conversation.taken.size() == 2);
    CHECK(conversation.say(std::string(1'000'000, 'y') + "\nput m 2\n").size() < 200);
    CHECK(conversation.taken.back() == "put m 2");
}

TEST_CASE("put protocol: answers are bounded, errors give way, and a command waits for room") {
    PutProtocol protocol;
    const auto take = [](std::string_view) { return std::string{"illegal argument: no"}; };
    std::string text;
    for (int i = 0; i < 5000; ++i) {
        text += "put x\n";
    }
    CHECK(protocol.feed(text, take) == text.size());
    CHECK(protocol.errors_left_out() > 4000);
    CHECK(protocol.has_room());
    text.clear();
    for (int i = 0; i < 5000; ++i) {
        text += "version\n";
    }
    const std::size_t used = protocol.feed(text, take);
    CHECK(used < text.size());
    CHECK_FALSE(protocol.has_room());
    CHECK(protocol.feed(text, take) == 0);
    CHECK(protocol.take_answers().size() < PutProtocol::most_answers + 200);
    CHECK(protocol.feed(text, take) > 0);
}
