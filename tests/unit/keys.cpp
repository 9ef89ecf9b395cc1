// SPDX-License-Identifier: MIT
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <cli/terminal/keys.hpp>

#include "support/catch.hpp"
#include "support/seed.hpp"

using tickertape::cli::terminal::Key;
using tickertape::cli::terminal::KeyReader;
using Keys = std::vector<Key>;
using namespace std::chrono_literals;

namespace {

constexpr KeyReader::Time begin{1h};

Key typed(char text) { return {.kind = Key::character, .text = text}; }

Keys read(std::string_view bytes) {
    Keys keys;
    KeyReader reader;
    reader.feed(bytes, begin, [&](Key key) { keys.push_back(key); });
    reader.finish(begin + KeyReader::patience, [&](Key key) { keys.push_back(key); });
    return keys;
}

} // namespace

TEST_CASE("keys: characters are read as typed, and bytes that are not ASCII are skipped") {
    CHECK(read("q?") == Keys{typed('q'), typed('?')});
    CHECK(read("a\xc3\xa4\x01z") == Keys{typed('a'), typed('z')});
    CHECK(read("\r\n\x7f\b\x15\x0c") ==
          Keys{{Key::enter}, {Key::enter}, {Key::backspace}, {Key::backspace}, {Key::clear_line}, {Key::redraw}});
}

TEST_CASE("keys: arrows and their neighbours are known in the forms of all common terminals") {
    CHECK(read("\x1b[A\x1bOA\x1b[B\x1bOB") == Keys{{Key::up}, {Key::up}, {Key::down}, {Key::down}});
    CHECK(read("\x1b[5~\x1b[6~") == Keys{{Key::page_up}, {Key::page_down}});
    CHECK(read("\x1b[H\x1bOH\x1b[1~\x1b[7~") == Keys(4, {Key::home}));
    CHECK(read("\x1b[F\x1bOF\x1b[4~\x1b[8~") == Keys(4, {Key::end}));
}

TEST_CASE("keys: an unknown key is skipped as a whole, so that none of its bytes is taken for a key") {
    CHECK(read("\x1b[3~q") == Keys{typed('q')});
    CHECK(read("\x1b[1;5Cq") == Keys{typed('q')});
    CHECK(read("\x1bxq") == Keys{typed('q')});
    CHECK(read("\x1b[" + std::string(100, '1') + "~q").back() == typed('q'));
}

TEST_CASE("keys: Escape alone is a key if nothing comes after it") {
    Keys keys;
    const auto take = [&](Key key) { keys.push_back(key); };
    KeyReader reader;
    CHECK(!reader.due());
    reader.feed("\x1b", begin, take);
    CHECK(reader.due() == begin + KeyReader::patience);
    reader.finish(begin + KeyReader::patience - 1ns, take);
    CHECK(keys.empty());
    reader.finish(begin + KeyReader::patience, take);
    CHECK(keys == Keys{{Key::escape}});
    CHECK(!reader.due());
    CHECK(read("\x1b\x1b[A") == Keys{{Key::escape}, {Key::up}});
}

TEST_CASE("keys: an arrow is one key though its bytes come apart, as long as none is late") {
    Keys keys;
    const auto take = [&](Key key) { keys.push_back(key); };
    KeyReader reader;
    auto now = begin;
    for (const char byte : std::string_view{"\x1b[A"}) {
        reader.feed({&byte, 1}, now, take);
        for (int i = 0; i < 3; ++i) { // a picture is due and lines come, so keys are checked for several reasons
            reader.finish(now, take);
            reader.feed("", now, take);
            now += KeyReader::patience / 4;
        }
    }
    CHECK(keys == Keys{{Key::up}});
}

TEST_CASE("keys: it does not matter how the bytes of keys are cut into pieces") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    const std::vector<std::string> some{"q", "\x1b[A", "\x1bOB", "\x1b[5~", "\r", "/", "\x1b[1;2D", "\xe2\x94\x80"};
    std::string bytes;
    for (int i = 0; i < 500; ++i) {
        bytes += some[test::up_to(random, some.size() - 1)];
    }
    Keys keys;
    KeyReader reader;
    for (std::string_view rest = bytes; !rest.empty();) {
        const std::size_t size = test::up_to(random, 5) + 1;
        reader.feed(rest.substr(0, size), begin, [&](Key key) { keys.push_back(key); });
        rest.remove_prefix(std::min(size, rest.size()));
    }
    CHECK(keys == read(bytes));
}
