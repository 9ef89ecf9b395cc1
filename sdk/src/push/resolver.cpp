// SPDX-License-Identifier: MIT
#include "push/resolver.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <cstring>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "base/threads.hpp"

namespace tickertape::push {

namespace {

using boost::asio::ip::tcp;

} // namespace

/// A lookup in progress. Its thread may outlive the resolver and the io_context, so it posts only with the mutex held, and only
/// while `context` is not null.
struct Resolver::Pending {
    std::mutex mutex;
    boost::asio::io_context* context = nullptr;
    std::function<void(const Resolved&)> answer; // called on the io_context
};

Resolved resolve_now(const std::string& host, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
    Resolved resolved;
    if (error != 0) {
        resolved.failure = gai_strerror(error);
        return resolved;
    }
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> all{found, &freeaddrinfo};
    for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
        tcp::endpoint endpoint;
        if (each->ai_addrlen <= endpoint.capacity()) {
            std::memcpy(endpoint.data(), each->ai_addr, each->ai_addrlen);
            endpoint.resize(each->ai_addrlen);
            endpoint.port(port);
            resolved.endpoints.push_back(endpoint);
        }
    }
    if (resolved.endpoints.empty()) {
        resolved.failure = "it has no address";
    }
    return resolved;
}

Resolver::~Resolver() {
    for (const auto& [key, pending] : pending_) {
        const std::lock_guard lock{pending->mutex};
        pending->context = nullptr;
    }
}

void Resolver::resolve(const std::string& host, std::uint16_t port, Done done) {
    const std::uint64_t question = ++asked_;
    done_ = std::move(done);
    const auto answer = [this, question](const Resolved& resolved) {
        if (question == asked_ && done_) {
            std::exchange(done_, nullptr)(resolved);
        }
    };
    boost::system::error_code error;
    if (const auto address = boost::asio::ip::make_address(host, error); !error) {
        boost::asio::post(context_,
                          [answer, resolved = Resolved{{tcp::endpoint{address, port}}, {}}] { answer(resolved); });
        return;
    }
    const std::string key = host + ':' + std::to_string(port);
    std::shared_ptr<Pending>& pending = pending_[key];
    if (pending) {
        const std::lock_guard lock{pending->mutex};
        pending->answer = answer;
        return;
    }
    pending = std::make_shared<Pending>();
    pending->context = &context_;
    pending->answer = answer;
    try {
        base::make_quiet_thread("tt-resolve", [this, key, host, port, lookup = lookup_, shared = pending] {
            const Resolved resolved = lookup(host, port);
            const std::lock_guard lock{shared->mutex};
            if (shared->context != nullptr) { // then the resolver exists, too, until the posted function has run
                boost::asio::post(*shared->context, [this, key, shared, resolved] {
                    std::function<void(const Resolved&)> last;
                    {
                        const std::lock_guard answer_lock{shared->mutex};
                        if (shared->context == nullptr) {
                            return;
                        }
                        last = std::move(shared->answer);
                    }
                    pending_.erase(key);
                    last(resolved);
                });
            }
        }).detach();
    } catch (const std::system_error& refused) { // no thread can be started
        pending_.erase(key);
        boost::asio::post(context_, [answer, failed = Resolved{{}, refused.what()}] { answer(failed); });
    }
}

void Resolver::cancel() noexcept {
    ++asked_;
    done_ = nullptr;
}

} // namespace tickertape::push
