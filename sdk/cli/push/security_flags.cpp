// SPDX-License-Identifier: MIT
#include "cli/push/security_flags.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include <tickertape/tls.hpp>

namespace tickertape::cli::push {

void add_flags(CLI::App& command, SecurityFlags& flags) {
    constexpr const char* security = "Credentials and TLS";
    command
        .add_option("--auth-file", flags.auth_file,
                    "Read 'user:password' or 'Bearer TOKEN' from this file of mode 0600; without it, the variable "
                    "TICKERTAPE_TSD_AUTH counts")
        ->type_name("FILE")
        ->group(security);
    command.add_option("--tls-ca", flags.ca_file, "Trust the certificate authorities in this PEM file")
        ->type_name("FILE")
        ->group(security);
    command.add_option("--tls-cert", flags.certificate_file, "Show the server this client certificate, in PEM form")
        ->type_name("FILE")
        ->group(security);
    command.add_option("--tls-key", flags.key_file, "Key of that certificate, in PEM form")
        ->type_name("FILE")
        ->group(security);
}

Credentials credentials_of(const SecurityFlags& flags) {
    return flags.auth_file.empty() ? Credentials::from_environment() : Credentials::from_file(flags.auth_file);
}

tickertape::push::TlsLayer tls_for(const Targets& targets, const SecurityFlags& flags) {
    const auto& all = targets.all();
    const bool any = std::any_of(all.begin(), all.end(), [](const Target& target) { return target.uses_tls(); });
    const bool is_asked_for = !flags.ca_file.empty() || !flags.certificate_file.empty() || !flags.key_file.empty();
    return any || is_asked_for
               ? tls({.ca_file = flags.ca_file, .certificate_file = flags.certificate_file, .key_file = flags.key_file})
               : tickertape::push::TlsLayer{};
}

} // namespace tickertape::cli::push
