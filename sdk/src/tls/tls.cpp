// SPDX-License-Identifier: MIT
#include <tickertape/tls.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/ssl.hpp>
#include <string>
#include <string_view>
#include <utility>

#include <tickertape/name.hpp>

#include "base/concat.hpp"
#include "base/diagnostics.hpp"
#include "base/quote.hpp"
#include "push/tls_streams.hpp"

namespace tickertape {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// Texts of OpenSSL for certificates that are not trusted.
class CertificateCategory final : public boost::system::error_category {
public:
    [[nodiscard]] const char* name() const noexcept override { return "certificate"; }
    [[nodiscard]] std::string message(int code) const override {
        return base::concat("its certificate is not trusted: ", X509_verify_cert_error_string(code));
    }
};

const CertificateCategory& certificate_category() noexcept {
    static const CertificateCategory category;
    return category;
}

/// Requires a certificate for this name or address.
void expect_host(SSL* ssl, const std::string& name) {
    const std::string host = name.substr(0, name.find('%')); // without the zone
    X509_VERIFY_PARAM* const rules = SSL_get0_param(ssl);
    if (X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1) {
        return;
    }
    X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (X509_VERIFY_PARAM_set1_host(rules, host.c_str(), host.size()) != 1) {
        throw std::runtime_error{"its name cannot be looked for in a certificate"};
    }
}

/// A stream whose end counts only with TLS's own end, so that nobody can cut the data short.
class TlsStream final : public push::Stream {
public:
    TlsStream(tcp::socket socket, asio::ssl::context& context, const std::string& host, bool verify)
        : stream_{std::move(socket), context} {
        SSL* const ssl = stream_.native_handle();
        if (verify) {
            expect_host(ssl, host);
        }
        if (host.find(':') == std::string::npos && host.find_first_not_of("0123456789.") != std::string::npos) {
            SSL_set_tlsext_host_name(ssl, host.c_str()); // only for names
        }
    }

    void start(Done done) override {
        stream_.async_handshake(asio::ssl::stream_base::client, [this, done = keep(std::move(done))](
                                                                    const error_code& error) {
            const long trust = SSL_get_verify_result(stream_.native_handle());
            const bool is_distrust = error && trust != X509_V_OK && error.category() == asio::error::get_ssl_category();
            done(is_distrust ? error_code{static_cast<int>(trust), certificate_category()} : error, 0);
        });
    }
    void read_some(asio::mutable_buffer buffer, Done done) override {
        stream_.async_read_some(buffer, keep(std::move(done)));
    }
    void write_some(const Two& buffers, Done done) override {
        stream_.async_write_some(buffers, keep(std::move(done)));
    }
    void finish_sending() noexcept override {
        // Sends TLS's own end; the socket stays open for reading.
        stream_.async_shutdown([self = shared_from_this()](const error_code&) {});
    }
    [[nodiscard]] bool all_was_taken() noexcept override {
        return push::all_was_taken(stream_.lowest_layer().native_handle());
    }
    void close() noexcept override {
        error_code ignored;
        stream_.lowest_layer().close(ignored);
    }

private:
    asio::ssl::stream<tcp::socket> stream_;
};

[[noreturn]] void refuse_file(std::string_view what, const std::filesystem::path& path, const error_code& error) {
    throw UsageError{base::concat(what, " ", base::quote(path.native()), " cannot be used: ", error.message())};
}

class OpenSslStreams final : public push::TlsStreams {
public:
    explicit OpenSslStreams(const TlsOptions& options) : verify_{options.verify} {
        SSL_CTX_set_min_proto_version(context_.native_handle(), TLS1_2_VERSION);
        present(options);
        if (!verify_) {
            context_.set_verify_mode(asio::ssl::verify_none);
            // Message: TLS: the server is not verified: others can read the points and answer in its place
            // Cause: TlsOptions::verify is false.
            // Remedy: Verify the server, with --tls-ca or the options' authorities if its certificate is your own.
            base::report("TLS: the server is not verified: others can read the points and answer in its place");
            return;
        }
        context_.set_verify_mode(asio::ssl::verify_peer);
        error_code error;
        if (options.ca_file.empty()) {
            context_.set_default_verify_paths(error);
        } else {
            context_.load_verify_file(options.ca_file.native(), error);
        }
        if (error) {
            refuse_file("the certificates of authorities", options.ca_file, error);
        }
    }

    [[nodiscard]] std::shared_ptr<push::Stream> make(tcp::socket socket, const Target& target) const override {
        return std::make_shared<TlsStream>(std::move(socket), context_, target.host(), verify_);
    }

private:
    /// Sets our own certificate, if there is one.
    void present(const TlsOptions& options) {
        if (options.certificate_file.empty() != options.key_file.empty()) {
            throw UsageError{"a client certificate needs its key, and a key its certificate"};
        }
        if (options.certificate_file.empty()) {
            return;
        }
        error_code error;
        context_.use_certificate_chain_file(options.certificate_file.native(), error);
        if (error) {
            refuse_file("the certificate", options.certificate_file, error);
        }
        context_.use_private_key_file(options.key_file.native(), asio::ssl::context::pem, error);
        if (error) { // the key may belong to another certificate
            refuse_file("the key", options.key_file, error);
        }
    }

    bool verify_;
    mutable asio::ssl::context context_{asio::ssl::context::tls_client}; // OpenSSL locks it where necessary
};

} // namespace

push::TlsLayer tls(const TlsOptions& options) { return push::TlsLayer{std::make_shared<OpenSslStreams>(options)}; }

} // namespace tickertape
