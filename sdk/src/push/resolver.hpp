// SPDX-License-Identifier: MIT
/// \file
/// Resolver: looks up the addresses of a name without blocking.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tickertape::push {

struct Resolved {
    std::vector<boost::asio::ip::tcp::endpoint> endpoints{};
    std::string failure{}; ///< why there are no addresses
};

/// Asks the system, and blocks.
[[nodiscard]] Resolved resolve_now(const std::string& host, std::uint16_t port);

/// Looks names up on detached threads, because a lookup can hang for any time and cannot be cancelled. A name has at most one
/// lookup at a time; a second request gets the answer to the first.
///
/// Thread safety: the thread of its io_context only.
class Resolver {
public:
    using Done = std::function<void(const Resolved&)>;
    using Lookup = std::function<Resolved(const std::string& host, std::uint16_t port)>;

    explicit Resolver(boost::asio::io_context& context, Lookup lookup = &resolve_now)
        : context_{context}, lookup_{std::move(lookup)} {}
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;
    ~Resolver();

    /// Calls `done` on the io_context, unless `cancel` or another `resolve` comes first. An address needs no lookup.
    void resolve(const std::string& host, std::uint16_t port, Done done);
    void cancel() noexcept;

private:
    struct Pending;

    boost::asio::io_context& context_;
    Lookup lookup_;
    std::map<std::string, std::shared_ptr<Pending>> pending_;
    std::uint64_t asked_ = 0; // the last request; answers to earlier ones are ignored
    Done done_;
};

} // namespace tickertape::push
