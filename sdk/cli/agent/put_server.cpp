// SPDX-License-Identifier: MIT
#include "cli/agent/put_server.hpp"

#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <system_error>
#include <utility>

#include "base/concat.hpp"
#include "base/quote.hpp"
#include "cli/agent/now.hpp"
#include "cli/lines/put_line.hpp"

namespace tickertape::cli::agent {

namespace {

constexpr int backlog = 128;

/// Returns a text such as `process 12 of user 33`.
std::string name_of(int fd) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid > 0) {
        return base::concat("process ", peer.pid, " of user ", peer.uid);
    }
    return "a client of the port";
}

/// Returns a quarter of the limit of open files: programs and the spool need descriptors, too.
std::size_t most_connections() noexcept {
    rlimit files{};
    constexpr rlim_t share = 4;
    return getrlimit(RLIMIT_NOFILE, &files) == 0 ? std::max<std::size_t>(files.rlim_cur / share, 1) : 1;
}

/// Returns whether this host has no IPv6, or has it turned off.
bool is_no_ipv6(const std::system_error& error) {
    return error.code().value() == EAFNOSUPPORT || error.code().value() == EADDRNOTAVAIL;
}

} // namespace

PutServer::PutServer(boost::asio::io_context& context, Handlers handlers)
    : context_{context}, handlers_{std::move(handlers)}, watch_{context},
      intake_{std::make_shared<const IntakeOptions>()} {
    intake_.on_refusal([this](const Intake::Refusal& refusal, std::string_view) { refusal_ = refusal; });
}

PutServer::~PutServer() = default;

void PutServer::apply(PutOptions options, IntakeOptions intake) {
    if (options.socket != options_.socket || options.group != options_.group) {
        path_.reset(); // first: see ListeningPath::remove
        path_listener_.reset();
    }
    if (options.port != options_.port) {
        ipv4_.reset();
        ipv6_.reset();
    }
    options_ = std::move(options);
    if (const std::size_t most = most_connections(); options_.is_on() && options_.connections > most) {
        options_.connections = most;
        complain("files", [&] {
            // Message: put: at most NUMBER connections, a quarter of the files that the agent may open
            // Cause: --put-connections is more, and programs need descriptors, too.
            // Remedy: Raise the limit of open files (LimitNOFILE in the unit), or lower --put-connections.
            return base::concat("put: at most ", most, " connections, a quarter of the files that the agent may open");
        });
    }
    intake.checks_order = false; // applications may send unacknowledged lines again
    intake.puts_need_tags = true;
    intake_.set_options(std::make_shared<const IntakeOptions>(std::move(intake)));
    open();
}

void PutServer::open() {
    if (!options_.socket.empty() && (!path_ || !path_->is_in_place())) {
        path_.reset(); // first: see ListeningPath::remove
        path_listener_.reset();
        open_path();
    }
    if (options_.port != 0) {
        open_port(ipv4_, false);
        open_port(ipv6_, true);
    }
}

void PutServer::open_path() {
    try {
        path_ = std::make_unique<ListeningPath>(options_.socket, backlog, options_.group);
        path_listener_ = std::make_unique<Listener>(context_, path_->take_fd(), acceptor());
    } catch (const std::exception& error) {
        path_.reset();
        complain("socket", [&] {
            // Message: applications cannot push to the put socket: REASON
            // Cause: The socket of --put-socket cannot be made: no permission, no folder, or another process listens there.
            // Remedy: Correct --put-socket or --put-group. The agent tries again every 15 s.
            return base::concat("applications cannot push to the put socket: ", error.what());
        });
    }
}

void PutServer::open_port(std::unique_ptr<Listener>& listener, bool is_ipv6) {
    if (listener) {
        return;
    }
    try {
        listener =
            std::make_unique<Listener>(context_, listen_on_loopback(options_.port, is_ipv6, backlog), acceptor());
    } catch (const std::system_error& error) {
        if (is_ipv6 && is_no_ipv6(error)) {
            return;
        }
        complain(is_ipv6 ? "port of ::1" : "port", [&] {
            // Message: applications cannot push to the put port: REASON
            // Cause: The port of --put-port cannot be opened: another process listens there, or it needs a privilege.
            // Remedy: Correct --put-port, or end the other process. The agent tries again every 15 s.
            return base::concat("applications cannot push to the put port: ", error.what());
        });
    }
}

Listener::Accept PutServer::acceptor() {
    return [this](Listener::Socket socket) { accept(std::move(socket)); };
}

void PutServer::accept(Listener::Socket socket) {
    if (connections_.size() >= options_.connections && !make_place()) {
        ++report_.refused;
        complain("connections", [&] {
            // Message: put: NUMBER connections are open, which is the limit; CLIENT was refused
            // Cause: More applications connect than --put-connections allows, or one of them leaves its connections open.
            // Remedy: Look for the application, or raise --put-connections.
            return base::concat("put: ", connections_.size(), " connections are open, which is the limit; ",
                                name_of(socket.native_handle()), " was refused");
        });
        return;
    }
    PutSink& sink = *this;
    std::string name = name_of(socket.native_handle());
    const auto connection = std::make_shared<PutConnection>(std::move(socket), sink, std::move(name));
    connections_.emplace(connection.get(), connection);
    ++report_.accepted;
    connection->begin();
    watch();
}

/// Closes the connection that has been idle for longest, if it has been for `patience`. Returns whether there is a place now.
bool PutServer::make_place() {
    std::shared_ptr<PutConnection> idle;
    for (const auto& [key, connection] : connections_) {
        const auto since = connection->idle_since();
        if (since && (!idle || *since < *idle->idle_since())) {
            idle = connection;
        }
    }
    if (!idle || now() - *idle->idle_since() < options_.patience) {
        return false;
    }
    idle->end(PutEnd::idle);
    return connections_.size() < options_.connections;
}

/// Checks from time to time for slow connections, as long as one is open.
void PutServer::watch() {
    if (is_watching_ || connections_.empty()) {
        return;
    }
    is_watching_ = true;
    watch_.expires_after(std::clamp<std::chrono::milliseconds>(options_.patience / 4, std::chrono::milliseconds{10},
                                                               std::chrono::seconds{5}));
    watch_.async_wait([this](const boost::system::error_code& error) {
        if (error) {
            return;
        }
        is_watching_ = false;
        for (const auto& connection : all()) {
            connection->check(now(), options_.patience);
        }
        watch();
    });
}

std::string PutServer::take(std::string_view line, const PutConnection& from) {
    refusal_.reset();
    intake_.take(line, std::chrono::system_clock::now(), points_);
    if (!refusal_) {
        return {};
    }
    complain_about(*refusal_, line, from);
    const bool is_long =
        refusal_->why ==
        static_cast<std::size_t>(lines::LineFault::too_long); // it may be cut, so other errors mean nothing
    const std::string error = is_long ? std::string{} : rules_.check(line);
    return error.empty() ? base::concat("illegal argument: ", refusal_->text) : error;
}

void PutServer::cut_off(std::string_view line, const PutConnection& from) {
    refusal_.reset();
    intake_.cut_off(line);
    if (refusal_) {
        complain_about(*refusal_, line, from);
    }
}

void PutServer::complain_about(const Intake::Refusal& refusal, std::string_view line, const PutConnection& from) {
    complain(describe_refusal(refusal.why), [&] {
        // Message: put, CLIENT: REASON in 'LINE'
        // Cause: A line of an application is refused: no put line, one that no TSD stores, or one of another host.
        // Remedy: Correct the application, which gets the reason as an answer. --status and tickertape.agent.put.lines.refused
        //   count by reason.
        return base::concat("put, ", from.name(), ": ", refusal.text, " in ", base::quote(line));
    });
}

std::size_t PutServer::publish() {
    const std::size_t unqueued = points_.empty() ? 0 : handlers_.publish(points_);
    points_.clear();
    return unqueued;
}

void PutServer::ended(const PutConnection& connection, PutEnd why) {
    ++report_.ended[static_cast<std::size_t>(why)];
    report_.errors_left_out += connection.protocol().errors_left_out();
    if (why == PutEnd::slow || why == PutEnd::http) {
        complain(describe(why), [&] {
            // Message: put, CLIENT: it was too slow, and was disconnected` or `put, CLIENT: it speaks HTTP, and was disconnected
            // Cause: A client took longer than --put-timeout for a line, or for reading its answers; or it sent an HTTP request.
            //   Its lines before that are kept.
            // Remedy: Look for the application. The put socket and port take put lines only.
            return base::concat("put, ", connection.name(), ": ",
                                why == PutEnd::slow ? "it was too slow" : "it speaks HTTP", ", and was disconnected");
        });
    }
    connections_.erase(&connection);
}

void PutServer::close() {
    path_.reset();
    path_listener_.reset();
    ipv4_.reset();
    ipv6_.reset();
    for (const auto& connection : all()) {
        connection->finish();
    }
    watch_.cancel();
}

std::vector<std::shared_ptr<PutConnection>> PutServer::all() const {
    std::vector<std::shared_ptr<PutConnection>> all;
    all.reserve(connections_.size());
    std::transform(connections_.begin(), connections_.end(), std::back_inserter(all),
                   [](const auto& entry) { return entry.second; });
    return all;
}

PutReport PutServer::report() const {
    PutReport report = report_;
    report.open = connections_.size();
    report.counts = intake_.counts();
    for (const auto& [key, connection] : connections_) {
        report.errors_left_out += connection->protocol().errors_left_out();
    }
    return report;
}

/// Logs at most one message a minute of each kind.
void PutServer::complain(std::string_view kind, const std::function<std::string()>& sentence) {
    if (limit_.may_say(kind, now())) {
        handlers_.say(sentence());
    }
}

} // namespace tickertape::cli::agent
