// SPDX-License-Identifier: MIT
/// \file
/// tls: pushing over TLS. In the library tickertape::tls, which needs OpenSSL.
#pragma once

#include <filesystem>
#include <type_traits>

#include <tickertape/tls_layer.hpp>

namespace tickertape {

struct TlsOptions {
    /// A file of authorities' certificates in PEM form. Empty: the authorities that the system trusts.
    std::filesystem::path ca_file{};
    /// Whether the server needs a certificate of such an authority for the host of the target. Without that check, anybody on the way can
    /// read the points and answer in the server's place; false is reported on stderr.
    bool verify = true;
    /// The client's certificate, with the certificates between it and its authority, and its key, both in PEM form: for a server that asks
    /// for a client certificate. Set both or none, else UsageError.
    std::filesystem::path certificate_file{};
    std::filesystem::path key_file{};
};
static_assert(std::is_aggregate_v<TlsOptions>);

/// TLS 1.2 or later: `TsdHttp{"https://tsd.example.com/api/put", {.tls = tls()}}`. Throws UsageError when a file cannot be
/// read or contains no certificate or key, or when the key does not belong to the certificate.
[[nodiscard]] push::TlsLayer tls(const TlsOptions& options = {});

} // namespace tickertape
