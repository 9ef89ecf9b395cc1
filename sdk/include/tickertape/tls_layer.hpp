// SPDX-License-Identifier: MIT
/// \file
/// TlsLayer: the option that a target of https needs.
#pragma once

#include <memory>
#include <utility>

namespace tickertape::push {

class TlsStreams;

/// Made by `tls()` of the library tickertape::tls, so only programs that link this library need OpenSSL. Empty by default:
/// then targets of https are refused.
///
/// Thread safety: a value; distinct objects may be used from any thread.
class TlsLayer {
public:
    TlsLayer() = default;
    explicit TlsLayer(std::shared_ptr<const TlsStreams> streams) noexcept : streams_{std::move(streams)} {}

    [[nodiscard]] bool empty() const noexcept { return streams_ == nullptr; }
    /// For the library itself.
    [[nodiscard]] const std::shared_ptr<const TlsStreams>& streams() const noexcept { return streams_; }

private:
    std::shared_ptr<const TlsStreams> streams_;
};

} // namespace tickertape::push
