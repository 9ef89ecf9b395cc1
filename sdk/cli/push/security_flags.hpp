// SPDX-License-Identifier: MIT
/// \file
/// The flags of credentials and certificates.
#pragma once

#include <string>

#include <tickertape/credentials.hpp>
#include <tickertape/target.hpp>
#include <tickertape/tls_layer.hpp>

namespace CLI {
class App;
} // namespace CLI

namespace tickertape::cli::push {

struct SecurityFlags {
    std::string auth_file{};
    std::string ca_file{};
    std::string certificate_file{};
    std::string key_file{};
};

void add_flags(CLI::App& command, SecurityFlags& flags);
/// Returns the credentials, which come from a file or the environment, never from the command line. Throws UsageError.
[[nodiscard]] Credentials credentials_of(const SecurityFlags& flags);
/// Returns the TLS layer for the targets. Reading the certificates that the system trusts takes ten times as long as pushing a
/// line, so it is left out for targets without TLS. A named file is always checked. Throws UsageError.
[[nodiscard]] tickertape::push::TlsLayer tls_for(const Targets& targets, const SecurityFlags& flags);

} // namespace tickertape::cli::push
