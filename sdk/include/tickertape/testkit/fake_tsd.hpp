// SPDX-License-Identifier: MIT
/// \file
/// FakeTsd: a time series database for tests, which counts its received points and fails on request.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace tickertape::testkit {

/// The server that a fake TSD imitates. All accept `put` lines and `/api/put` on one port.
enum class Personality : std::uint8_t {
    opentsdb,         ///< 2.5: an error line for each bad put, `version`, JSON replies, bodies of at most 8192 bytes
    victoria_metrics, ///< never answers a line; hangs up with an HTTP 400 if the first one is not a put; HTTP 204
    influxdb,         ///< answers no line except `version`, without a newline; one bad point refuses a whole HTTP body
    silent            ///< takes any line and any request, and answers nothing at all
};

/// The ways in which a connection can break.
enum class Break : std::uint8_t {
    nothing,
    reset, ///< closed by RST: data that is not yet acknowledged or not yet read is lost
    close, ///< closed in order; by RST if unread data is left, as the kernel does
    stall, ///< not read any more, as from a process that is stopped; goes on when the faults change
    mute   ///< read and recorded, but never answered nor closed, not even after the peer's FIN; until the faults change
};

/// The number of a fault that never ends.
inline constexpr std::uint64_t always = std::numeric_limits<std::uint64_t>::max();

/// The way in which a connection breaks, and after how many lines or bytes; by default at once, before
/// anything is read. The last line or byte is still recorded. Later data is not read, and pending answers are
/// not sent. A point of an HTTP body counts as a line; the request with the last one is recorded whole and gets no answer.
struct Breakage {
    Break how = Break::nothing;
    std::uint64_t after_lines = 0; ///< 0 does not count if bytes are given
    std::uint64_t after_bytes = 0; ///< 0 does not count if lines are given
    /// The number of connections that break; later ones do not.
    std::uint64_t connections = always;
};

/// The reason to refuse points, each with OpenTSDB's answer. No refused point counts as stored.
enum class Refusal : std::uint8_t {
    nothing,
    unknown_metric, ///< `put: unknown metric: …`; HTTP 400; the others of the body are stored
    throttle,       ///< `put: Please throttle writes: …`; HTTP 204, with `?sync` 200 and the number that failed
    hbase_error,    ///< `put: HBase error: …`; HTTP 204, with `?sync` 200 and the number that failed
    unauthorized,   ///< `put: illegal argument: Unauthorized command: put`; HTTP 401
    read_only       ///< `unknown command: put.`; HTTP 404
};

/// A fixed answer to `/api/put`. Nothing of the request is stored.
struct HttpFault {
    /// 0: no fault. 200 reports that all points failed.
    unsigned status = 0;
    /// The number of requests that get this answer; later ones are answered as usual.
    std::uint64_t requests = always;
    std::optional<std::chrono::seconds> retry_after = {};
};

/// The faults of a fake TSD. By default none.
struct Faults {
    Breakage breakage = {};
    HttpFault http = {};
    Refusal refuse = Refusal::nothing;
    /// Refuses only points of metrics for which it returns true. Empty: all points. Called by the server's threads, by
    /// several at once.
    std::function<bool(std::string_view metric)> refuse_if = {};
    /// The delay before each read of up to 256 KiB.
    std::chrono::milliseconds read_delay{0};
    /// The delay before answers are written.
    std::chrono::milliseconds answer_delay{0};
    /// The delay after each byte of an answer.
    std::chrono::milliseconds byte_delay{0};
    /// The largest HTTP body, in bytes as sent. By default 8192 for OpenTSDB, which takes neither chunks nor `Expect` then,
    /// and 32 MiB for the others.
    std::optional<std::size_t> max_body = {};
    /// The answer to a larger body: 400 with `Chunked request not supported.`, as from OpenTSDB; 0 closes without an answer.
    unsigned large_body_status = 400;
    /// Sent, with a newline, after the first line of each connection: an error that belongs to no point.
    std::string complaint = {};
    /// False: `version` gets no answer.
    bool answer_version = true;
};

/// The data that a fake TSD remembers.
enum class Keep : std::uint8_t {
    lines,  ///< the text of each line and request, up to FakeTsdOptions::keep_at_most of each; and hashes
    hashes, ///< 64 bits for each distinct line, about 24 bytes of memory
    counts  ///< nothing; `distinct` and `duplicates` stay 0
};

/// The options of a FakeTsd.
struct FakeTsdOptions {
    /// The port on 127.0.0.1. 0 means any free one; `port()` returns it.
    std::uint16_t port = 0;
    Personality personality = Personality::opentsdb;
    Faults faults = {};
    Keep keep = Keep::lines;
    /// Lines beyond it are counted, and found by `contains`, but their text is not kept; so are requests.
    std::size_t keep_at_most = 1'000'000;
    /// Listens on ::1 as well, on the same port.
    bool ipv6 = false;
    /// Called with each line that is stored, without its newline, by the server's threads, one at a time. It must not call
    /// the FakeTsd.
    std::function<void(std::string_view line)> on_line = {};
};

/// Counts of a fake TSD since it was made or cleared.
struct Received {
    std::uint64_t stored = 0;      ///< points that were accepted, by lines and by HTTP, duplicates included
    std::uint64_t distinct = 0;    ///< different ones among them, by all their bytes
    std::uint64_t duplicates = 0;  ///< stored less distinct
    std::uint64_t refused = 0;     ///< points and lines that were refused, with or without an answer
    std::uint64_t lines = 0;       ///< complete lines and points of HTTP bodies, good, bad and commands
    std::uint64_t bytes = 0;       ///< read, headers included
    std::uint64_t connections = 0; ///< accepted
    std::uint64_t open = 0;        ///< connections that are open now
    std::uint64_t requests = 0;    ///< of HTTP, to any path
    std::uint64_t versions = 0;    ///< `version` lines
};

/// A request to `/api/put` as it came.
struct HttpRequest {
    std::size_t connection = 0; ///< counted from 0, over all the life of the FakeTsd
    std::string target = {};    ///< `/api/put?details`
    std::string encoding = {};  ///< of the content: `gzip`, `deflate` or none
    std::size_t wire_size = 0;  ///< of the body as sent, in bytes
    bool chunked = false;
    bool expects_continue = false;
    std::string authorization = {};
    std::string body = {}; ///< decoded
    unsigned status = 0;   ///< of the answer that was made, though it may not have left
};

/// A TSD on loopback, for tests. It speaks the telnet and the HTTP form of the put protocol as a real server does, counts
/// the points that it received, and can be slow, break connections and refuse points. It has a thread for each connection. Tests compare a
/// sender's account with its counts.
///
/// Like OpenTSDB, it closes a connection without an answer at a line longer than 1024 bytes. (The real one does so only for some
/// lengths of packets.) A point that came by HTTP is remembered as the line `put METRIC TIMESTAMP VALUE TAG=VALUE…`, its tags in
/// the order of the body.
///
/// Thread safety: all functions may be called from any thread, except the destructor.
class FakeTsd {
public:
    /// Listens when it returns. Throws std::system_error when it cannot.
    explicit FakeTsd(FakeTsdOptions options = {});
    FakeTsd(const FakeTsd&) = delete;
    FakeTsd& operator=(const FakeTsd&) = delete;
    /// Does the same as `stop`.
    ~FakeTsd();

    /// The port, which stays the same after `stop` and `start`.
    [[nodiscard]] std::uint16_t port() const noexcept;
    /// Returns an address such as `127.0.0.1:4242`.
    [[nodiscard]] std::string address() const;

    /// Closes all connections and refuses new ones. Does not wait for peers, so it does not hang. Accounts are kept.
    void stop();
    /// Listens again on the same port. Throws std::system_error when something else has taken it meanwhile.
    void start();

    /// Sets the faults from now on, also for open connections. Progress towards the old faults is forgotten.
    void set_faults(Faults faults);
    [[nodiscard]] Faults faults() const;
    /// Breaks the open connections once, by `reset` or `close`; later connections are not affected. Other values of `how` do nothing.
    void break_connections(Break how);

    /// All counts at one moment.
    [[nodiscard]] Received received() const;
    [[nodiscard]] std::uint64_t stored() const { return received().stored; }
    [[nodiscard]] std::uint64_t distinct() const { return received().distinct; }
    [[nodiscard]] std::uint64_t connections() const { return received().connections; }
    /// Returns whether this line, without its newline, was stored. Always false when only counts are kept.
    [[nodiscard]] bool contains(std::string_view line) const;
    /// The lines that were stored, without newlines: their exact bytes, in the order in which they came; across connections, in
    /// that of the reads. Empty unless lines are kept.
    [[nodiscard]] std::vector<std::string> lines() const;
    /// All complete lines of a connection, counted as for HttpRequest, also bad ones and commands; of HTTP, the points. Empty as `lines`.
    [[nodiscard]] std::vector<std::string> lines_of(std::size_t connection) const;
    [[nodiscard]] std::vector<HttpRequest> requests() const;
    /// Forgets all of the above except open connections.
    void clear();

    /// Waits until this number of points is stored. Returns false after `at_most`.
    bool wait_for(std::uint64_t stored, std::chrono::milliseconds at_most = std::chrono::seconds{60}) const;
    /// Waits until `condition` returns true. Returns false after `at_most`. `condition` is called when a count has changed, with a lock
    /// held, so it must not call the FakeTsd.
    bool wait_until(const std::function<bool(const Received&)>& condition,
                    std::chrono::milliseconds at_most = std::chrono::seconds{60}) const;

private:
    struct Server;
    std::unique_ptr<Server> server_;
};

static_assert(std::is_aggregate_v<Breakage> && std::is_aggregate_v<HttpFault> && std::is_aggregate_v<Faults>);
static_assert(std::is_aggregate_v<FakeTsdOptions> && std::is_aggregate_v<HttpRequest>);

} // namespace tickertape::testkit
