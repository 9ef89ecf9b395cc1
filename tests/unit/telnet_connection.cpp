// SPDX-License-Identifier: MIT
// TelnetConnection: its output, for sockets that take any part of it at once.
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <support/catch.hpp>

#include "push/stream.hpp"
#include "push/telnet_connection.hpp"

namespace {

using tickertape::push::LineBatch;
using tickertape::push::ReplyKind;
using tickertape::push::Stream;
using tickertape::push::TelnetConnection;

/// A stream that takes `most` bytes at once, and answers nothing.
class Narrow final : public Stream {
public:
    Narrow(boost::asio::io_context& context, std::size_t most) : context_{context}, most_{most} {}

    void start(Done done) override { finish(std::move(done), 0); }
    void read_some(boost::asio::mutable_buffer /*buffer*/, Done /*done*/) override {}
    void write_some(const Two& buffers, Done done) override {
        ++writes;
        std::size_t taken = 0;
        for (const boost::asio::const_buffer& each : buffers) {
            const std::size_t part = std::min(each.size(), most_ - taken);
            written.append(static_cast<const char*>(each.data()), part);
            taken += part;
        }
        finish(std::move(done), taken);
    }
    void finish_sending() noexcept override {}
    [[nodiscard]] bool all_was_taken() noexcept override { return false; }
    void close() noexcept override {}

    std::string written;
    int writes = 0;

private:
    void finish(Done done, std::size_t bytes) {
        boost::asio::post(context_, [done = keep(std::move(done)), bytes] { done({}, bytes); });
    }

    boost::asio::io_context& context_;
    std::size_t most_;
};

LineBatch batch_of(std::string_view text) {
    LineBatch batch;
    batch.bytes = text;
    batch.lines = static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n'));
    return batch;
}

} // namespace

TEST_CASE("lines and the question after them are one write, and arrive whole if a socket takes only parts") {
    constexpr std::string_view lines = "put a 1700000000 1 a=b\nput a 1700000001 2 a=b\n";
    const bool asks = GENERATE(true, false);
    const std::string all = std::string{lines} + (asks ? "version\n" : "");
    for (std::size_t most = 1; most <= all.size(); ++most) {
        CAPTURE(asks, most);
        boost::asio::io_context context;
        const auto stream = std::make_shared<Narrow>(context, most);
        const auto connection = std::make_shared<TelnetConnection>(context, stream, 0, std::chrono::hours{1});
        int times_written = 0;
        connection->start({.written = [&] { ++times_written; }, //
                           .replied = [](ReplyKind, std::string_view) {},
                           .ended = [](auto, std::string_view) {}});
        connection->send(batch_of(lines), asks);
        while (times_written == 0) {
            CHECK(connection->written_of_last() <= std::min(lines.size(), stream->written.size()));
            REQUIRE(context.run_one() == 1);
        }
        CHECK(stream->written == all);
        CHECK(stream->writes == static_cast<int>((all.size() + most - 1) / most));
        CHECK(connection->written_of_last() == lines.size());
        CHECK_FALSE(connection->is_writing());
        connection->close();
    }
}
