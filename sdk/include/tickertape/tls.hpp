// SPDX-License-Identifier: MIT
/// \file
/// tls: pushing over TLS. In the library tickertape::tls, which needs OpenSSL.
#pragma once

#include <filesystem>
#include <type_traits>

#include <tickertape/tls_layer.hpp>

namespace tickertape {

struct TlsOptions {
    /// Certificates of authorities in PEM form; empty: those that the system trusts.
    std::filesystem::path ca_file{};
    /// Whether the server has to prove with a certificate of such an authority that it is the host that the target names.
    /// Without that anybody on the way can read and answer in its place; false is reported on stderr.
    bool verify = true;
    /// Our own certificate, with those between it and its authority, and its key, both in PEM form: for a server that asks
    /// who we are. Either both or none, else UsageError.
    std::filesystem::path certificate_file{};
    std::filesystem::path key_file{};
};
static_assert(std::is_aggregate_v<TlsOptions>);

/// TLS 1.2 or later: `TsdHttp{"https://tsd.example.com/api/put", {.tls = tls()}}`. Throws UsageError when a file cannot be
/// read or has nothing in it that is meant, or the key is not the certificate's.
[[nodiscard]] push::TlsLayer tls(const TlsOptions& options = {});

} // namespace tickertape
