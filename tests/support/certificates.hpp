// SPDX-License-Identifier: MIT
/// \file
/// Keys and certificates that a test makes. Only for tests that were built with OpenSSL.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include <tickertape/tls.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace test {

template <class T, void (*Free)(T*)>
struct Freed {
    void operator()(T* object) const { Free(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509, X509_free>>;

/// A key and its certificate.
struct Identity {
    Key key;
    Certificate certificate;
};

struct CertificateOptions {
    std::string name = "localhost";
    std::string alternatives = "DNS:localhost"; ///< in the form of OpenSSL's configuration; empty for an authority
    std::chrono::seconds from = -std::chrono::hours{1}; ///< validity, relative to now
    std::chrono::seconds until = std::chrono::hours{1};
};

inline Identity make_identity(const CertificateOptions& options, const Identity* authority = nullptr) {
    Identity made{.key = Key{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")},
                  .certificate = Certificate{X509_new()}};
    X509* const x = made.certificate.get();
    X509_set_version(x, 2);
    static std::atomic<long> serial{1};
    ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
    X509_gmtime_adj(X509_getm_notBefore(x), options.from.count());
    X509_gmtime_adj(X509_getm_notAfter(x), options.until.count());
    X509_set_pubkey(x, made.key.get());
    X509_NAME* const name = X509_get_subject_name(x);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(options.name.c_str()),
                               -1, -1, 0);
    X509_set_issuer_name(x, authority == nullptr ? name : X509_get_subject_name(authority->certificate.get()));
    const auto extend = [x](int what, const std::string& value) {
        X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, what, value.c_str());
        REQUIRE(extension != nullptr);
        X509_add_ext(x, extension, -1);
        X509_EXTENSION_free(extension);
    };
    extend(NID_basic_constraints, authority == nullptr ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (authority != nullptr) {
        extend(NID_subject_alt_name, options.alternatives);
    }
    REQUIRE(X509_sign(x, authority == nullptr ? made.key.get() : authority->key.get(), EVP_sha256()) > 0);
    return made;
}

inline std::string pem(const Identity& identity) {
    BIO* const memory = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(memory, identity.certificate.get());
    char* text = nullptr;
    const auto size = static_cast<std::size_t>(BIO_get_mem_data(memory, &text));
    std::string copy{text, size};
    BIO_free(memory);
    return copy;
}

inline std::string key_pem(const Identity& identity) {
    BIO* const memory = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(memory, identity.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    char* text = nullptr;
    const auto size = static_cast<std::size_t>(BIO_get_mem_data(memory, &text));
    std::string copy{text, size};
    BIO_free(memory);
    return copy;
}

/// An authority, and its certificate as a file.
struct Authority {
    explicit Authority(const std::string& name = "An authority") : identity{make_identity({.name = name})} {
        directory.write("ca.pem", pem(identity));
    }
    [[nodiscard]] tickertape::push::TlsLayer layer(bool verify = true) const {
        return tickertape::tls({.ca_file = directory.path() / "ca.pem", .verify = verify});
    }

    TemporaryDirectory directory;
    Identity identity;
};

} // namespace test
