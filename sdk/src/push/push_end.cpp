// SPDX-License-Identifier: MIT
#include "push/push_end.hpp"

#include <sys/socket.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <utility>

#include <tickertape/influx.hpp>
#include <tickertape/tsd_http.hpp>
#include <tickertape/tsd_telnet.hpp>

#include "base/concat.hpp"
#include "base/unique_fd.hpp"
#include "base/unix_socket.hpp"
#include "push/resolver.hpp"

namespace tickertape::push {

using boost::asio::ip::tcp;

namespace {

template <class End>
PushEnd push_end_of(std::unique_ptr<End> transmitter) {
    const End* const end = transmitter.get();
    return {.transmitter = std::move(transmitter), .status = [end] { return end->status(); }};
}

} // namespace

PushEnd make_push_end(Targets targets, const PushOptions& options) {
    switch (targets.protocol()) {
    case Target::Protocol::telnet: return push_end_of(std::make_unique<TsdTelnet>(std::move(targets), options));
    case Target::Protocol::http: return push_end_of(std::make_unique<TsdHttp>(std::move(targets), options));
    default: return push_end_of(std::make_unique<Influx>(std::move(targets), options));
    }
}

SpoolOptions spool_for(SpoolOptions options, const Targets& targets) {
    if (options.target.empty()) {
        options.target = targets.all().front().text();
    }
    return options;
}

namespace {

std::optional<Unreachable> try_socket(const std::string& path) {
    const base::UniqueFd fd{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    const int error = fd.valid() ? base::connect_socket(fd.get(), path) : errno;
    if (error == 0) {
        return std::nullopt;
    }
    return Unreachable{.sentence = base::describe_connect_error(error),
                       .error = std::error_code{error, std::generic_category()}};
}

/// Returns why no connection could be made; nothing if there was one.
std::optional<Unreachable> try_to_connect(const Target& target, std::chrono::milliseconds patience) {
    if (target.is_unix_socket()) {
        return try_socket(target.path());
    }
    boost::asio::io_context context;
    Resolver resolver{context};
    tcp::socket socket{context};
    std::vector<tcp::endpoint> endpoints; // must outlive the connection attempt
    bool is_over = false;
    bool is_there = false;
    Unreachable found{.sentence = "it does not answer", .error = std::make_error_code(std::errc::timed_out)};
    resolver.resolve(target.host(), target.port(), [&](const Resolved& resolved) {
        endpoints = resolved.endpoints;
        if (endpoints.empty()) {
            found = {.sentence = base::concat("cannot look up its name: ", resolved.failure),
                     .error = std::make_error_code(std::errc::host_unreachable)};
            is_over = true;
            return;
        }
        boost::asio::async_connect(socket, endpoints,
                                   [&](const boost::system::error_code& error, const tcp::endpoint& /*which*/) {
                                       is_over = true;
                                       is_there = !error;
                                       if (error) {
                                           found = {.sentence = error.message(), .error = error};
                                       }
                                   });
    });
    // The context does not count a lookup as work.
    const auto work = boost::asio::make_work_guard(context);
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!is_over && std::chrono::steady_clock::now() < deadline) {
        context.run_one_until(deadline);
    }
    return is_there ? std::nullopt : std::optional{found};
}

} // namespace

std::optional<Unreachable> find_unreachable(const Targets& targets, std::chrono::milliseconds patience) {
    Unreachable all;
    for (const Target& target : targets.all()) {
        const std::optional<Unreachable> found = try_to_connect(target, patience);
        if (!found) {
            return std::nullopt;
        }
        all.sentence.append(all.sentence.empty() ? "" : "; ")
            .append(target.text())
            .append(": ")
            .append(found->sentence);
        all.error = found->error;
    }
    return all;
}

} // namespace tickertape::push
