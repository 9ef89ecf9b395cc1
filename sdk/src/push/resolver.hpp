// SPDX-License-Identifier: MIT
/// \file
/// Resolver: the addresses of a name, without blocking on the name service.
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
    std::string failure{}; ///< why there are none
};

/// Asks the system; blocks.
[[nodiscard]] Resolved resolve_now(const std::string& host, std::uint16_t port);

/// Looks names up on detached threads, as a lookup can hang for as long as the name service likes and cannot be called off.
/// A name has at most one lookup at a time. A second request meanwhile gets the answer to the first.
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

    /// `done` is called on the io_context, unless `cancel` or another `resolve` comes first. An address is its own answer.
    void resolve(const std::string& host, std::uint16_t port, Done done);
    void cancel() noexcept;

private:
    struct Pending;

    boost::asio::io_context& context_;
    Lookup lookup_;
    std::map<std::string, std::shared_ptr<Pending>> pending_;
    std::uint64_t asked_ = 0; // the last question; answers to others are not passed on
    Done done_;
};

} // namespace tickertape::push
