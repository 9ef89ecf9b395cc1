// SPDX-License-Identifier: MIT
#include "push/dialer.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <exception>
#include <string>
#include <utility>

#include "base/concat.hpp"
#include "base/diagnostics.hpp"
#include "base/log.hpp"
#include "base/unix_socket.hpp"

namespace tickertape::push {

using boost::asio::ip::tcp;
using boost::system::error_code;
using Local = boost::asio::generic::stream_protocol::socket;

namespace {

constexpr std::chrono::milliseconds patience_with_silence{2'500};

} // namespace

std::string kind_of_failure(std::string_view why) {
    constexpr std::string_view answers = "it answers ";
    constexpr std::size_t status = 3; // the digits of an HTTP status, which distinguish kinds
    std::string kind{why.substr(0, why.starts_with(answers) ? answers.size() + status : 0)};
    for (const char c : why.substr(kind.size())) {
        if (c < '0' || c > '9') {
            kind += c;
        } else if (!kind.ends_with('#')) {
            kind += '#';
        }
    }
    return kind;
}

Dialer::Dialer(boost::asio::io_context& context, Targets targets, DialerOptions options)
    : context_{context}, targets_{std::move(targets)}, options_{std::move(options)},
      resolver_{context, options_.lookup}, timer_{context}, socket_{context} {
    for (const Target& target : targets_.all()) {
        backoffs_.emplace_back(options_.seed + backoffs_.size());
        status_.push_back({.target = target.text()});
        has_accepted_.push_back(false);
        is_silent_.push_back(false);
    }
}

void Dialer::dial(Connected connected) {
    connected_ = std::move(connected);
    attempt();
}

void Dialer::cancel() {
    ++step_;
    connected_ = nullptr;
    resolver_.cancel();
    timer_.cancel();
    error_code ignored;
    socket_.close(ignored);
    if (stream_) {
        std::exchange(stream_, nullptr)->close();
    }
}

std::size_t Dialer::choose(SteadyTime now) const {
    std::size_t best = current_;
    for (std::size_t i = 0; i < backoffs_.size(); ++i) {
        const std::size_t each = (current_ + i) % backoffs_.size();
        if (std::max(backoffs_[each].not_before(), now) < std::max(backoffs_[best].not_before(), now)) {
            best = each;
        }
    }
    return best;
}

void Dialer::attempt() {
    const std::uint64_t step = ++step_;
    const SteadyTime now = std::chrono::steady_clock::now();
    current_ = choose(now);
    const SteadyTime when = backoffs_[current_].not_before();
    if (when <= now) {
        begin();
        return;
    }
    timer_.expires_at(when);
    timer_.async_wait([this, step](const error_code& /*cancelled*/) {
        if (step == step_) {
            begin();
        }
    });
    // A single failure may be chance: the next connection may work.
    const bool is_hopeless = has_tried_ || backoffs_[current_].failures() > 1;
    if (is_hopeless && !std::exchange(is_away_, true)) {
        boost::asio::post(context_, away_);
    }
}

void Dialer::limit_step(std::chrono::milliseconds patience, std::function<void()> late) {
    timer_.expires_after(patience);
    timer_.async_wait([this, step = step_, late = std::move(late)](const error_code& error) {
        if (!error && step == step_) {
            late();
        }
    });
}

void Dialer::begin() {
    if (target(current_).is_unix_socket()) {
        connect_to_path();
    } else {
        look_up();
    }
}

void Dialer::look_up() {
    const std::uint64_t step = ++step_;
    limit_step(options_.patience, [this] {
        resolver_.cancel();
        attempt_failed("looking up its name takes too long");
    });
    resolver_.resolve(target(current_).host(), target(current_).port(), [this, step](const Resolved& resolved) {
        if (step != step_) {
            return;
        }
        if (resolved.endpoints.empty()) {
            connect_failed(base::concat("cannot look up its name: ", resolved.failure), Backoff::cap_unreachable);
        } else {
            connect(resolved.endpoints, 0);
        }
    });
}

void Dialer::connect(std::vector<tcp::endpoint> endpoints, std::size_t next) {
    const std::uint64_t step = ++step_;
    socket_ = tcp::socket{context_};
    error_code error;
    socket_.open(endpoints[next].protocol(), error);
    if (error) { // for example, this machine has no IPv6
        if (next + 1 < endpoints.size()) {
            connect(std::move(endpoints), next + 1);
        } else {
            attempt_failed(base::concat("cannot open a socket: ", error.message()));
        }
        return;
    }
    set_socket_options(socket_);
    // A machine that is off does not answer. The kernel repeats its request after 1, 3 and 7 s; a new attempt sends one at once,
    // so it notices earlier that the machine is back.
    const auto limit = is_silent_[current_] ? std::min(options_.patience, patience_with_silence) : options_.patience;
    limit_step(limit, [this] {
        error_code ignored;
        socket_.close(ignored); // ends the connecting below
    });
    const tcp::endpoint endpoint = endpoints[next];
    socket_.async_connect(endpoint, [this, step, next, endpoints = std::move(endpoints)](const error_code& failure) {
        if (step != step_) {
            return;
        }
        is_silent_[current_] = failure == boost::asio::error::operation_aborted;
        if (!failure) {
            secure();
        } else if (next + 1 < endpoints.size()) {
            connect(endpoints, next + 1);
        } else if (is_silent_[current_]) {
            connect_failed("connecting to it takes too long", Backoff::floor); // the attempt itself was the wait
        } else {
            if (failure == boost::asio::error::connection_refused) {
                refused();
            }
            connect_failed(base::concat("cannot connect: ", failure.message()), Backoff::cap_unreachable);
        }
    });
}

/// Connects to a Unix socket, which succeeds or fails at once. Asio's own operation would take a listener without room for one that
/// has accepted.
void Dialer::connect_to_path() {
    ++step_;
    Local socket{context_};
    error_code error;
    socket.open({AF_UNIX, 0}, error);
    if (error) {
        attempt_failed(base::concat("cannot open a socket: ", error.message()));
        return;
    }
    fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
    socket.non_blocking(true, error);
    const int refusal = base::connect_socket(socket.native_handle(), target(current_).path());
    if (refusal == 0) {
        stream_ = make_local_stream(std::move(socket));
        hand_shake();
        return;
    }
    if (refusal == ECONNREFUSED || refusal == ENOENT) { // its process has ended
        refused();
    }
    connect_failed(base::concat("cannot connect: ", base::describe_connect_error(refusal)), Backoff::cap_unreachable);
}

/// Notes that no process listens at the present target.
void Dialer::refused() {
    has_lost_one_ = has_lost_one_ || has_accepted_[current_];
    has_accepted_[current_] = false;
}

/// Handles a failed attempt to connect: no listener, no route, or no name service.
void Dialer::connect_failed(std::string_view why, std::chrono::milliseconds longest_wait) {
    backoffs_[current_].failed(std::chrono::steady_clock::now(), longest_wait);
    note_failure(current_, why);
    has_tried_ = true;
    attempt();
}

void Dialer::secure() {
    try {
        stream_ = options_.make_stream(std::move(socket_), target(current_));
    } catch (const std::exception& error) {
        attempt_failed(error.what());
        return;
    }
    hand_shake();
}

void Dialer::hand_shake() {
    const std::uint64_t step = ++step_;
    limit_step(options_.patience, [this] { stream_->close(); });
    stream_->start([this, step](const error_code& failure, std::size_t /*bytes*/) {
        if (step != step_) {
            return;
        }
        std::shared_ptr<Stream> stream = std::exchange(stream_, nullptr);
        if (failure) {
            stream->close();
            attempt_failed(base::concat("cannot begin to talk: ", failure.message()));
            return;
        }
        ++step_;
        timer_.cancel();
        is_failing_ = false;
        has_tried_ = false;
        is_away_ = false;
        {
            const std::lock_guard lock{mutex_};
            status_[current_].connected = true;
            ++status_[current_].connects;
        }
        std::exchange(connected_, nullptr)(std::move(stream), current_);
    });
}

void Dialer::attempt_failed(std::string_view why) {
    failed(current_, why);
    has_tried_ = true;
    attempt();
}

void Dialer::failed(std::size_t target, std::string_view why, std::optional<std::chrono::seconds> retry_after) {
    const SteadyTime now = std::chrono::steady_clock::now();
    if (retry_after) {
        backoffs_[target].asked_to_wait(now, *retry_after);
    } else {
        backoffs_[target].failed(now);
    }
    note_failure(target, why);
}

void Dialer::note_failure(std::size_t target, std::string_view why) {
    is_failing_ = true;
    std::string sentence;
    {
        const std::lock_guard lock{mutex_};
        PushStatus::Target& status = status_[target];
        sentence.append(status.target).append(": ").append(why);
        ++status.failures;
        status.connected = false;
        status.last_failure = sentence;
    }
    const std::string kind = base::concat(targets_.all()[target].text(), ": ", kind_of_failure(why));
    // Message: TARGET: REASON: trying the next target / again
    // Cause: The server refused a connection, closed it, did not answer in time, or answered with an error.
    // Remedy: Start the server, or correct host, port and credentials. Points wait in the queue or the spool.
    base::report(base::concat(sentence, ": trying ", size() > 1 ? "the next target" : "again"), kind);
}

void Dialer::accepted(std::size_t target) noexcept {
    backoffs_[target].accepted();
    const bool is_news = !has_accepted_[target] && status_[target].failures > 0;
    has_accepted_[target] = true;
    if (!is_news) {
        return;
    }
    try {
        // Message: TARGET: it takes points now
        // Cause: The failure to connect that was reported before is over. Logged at --log-level info.
        // Remedy: None needed.
        base::log(base::Level::info, base::concat(targets_.all()[target].text(), ": it takes points now"));
    } catch (const std::exception&) { // NOLINT(bugprone-empty-catch): out of memory; there is nobody to tell
    }
}

void Dialer::closed(std::size_t target) {
    const std::lock_guard lock{mutex_};
    status_[target].connected = false;
}

void Dialer::set_confirmation(std::size_t target, PushStatus::Confirmation confirmation) {
    const std::lock_guard lock{mutex_};
    status_[target].confirmation = confirmation;
}

std::vector<PushStatus::Target> Dialer::status() const {
    const std::lock_guard lock{mutex_};
    return status_;
}

} // namespace tickertape::push
