// SPDX-License-Identifier: MIT
#include "push/tls_targets.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <tickertape/name.hpp>

#include "base/concat.hpp"
#include "push/tls_streams.hpp"

namespace tickertape::push {

void check_tls(std::string_view name, const Targets& targets, const TlsLayer& tls, const Credentials& credentials) {
    const auto& all = targets.all();
    const auto with_tls = std::find_if(all.begin(), all.end(), [](const Target& target) { return target.uses_tls(); });
    const auto plain = std::find_if(all.begin(), all.end(), [](const Target& target) { return !target.uses_tls(); });
    if (with_tls == all.end()) {
        return;
    }
    if (tls.empty()) {
        throw UsageError{base::concat("the target ", with_tls->text(), " needs TLS: link tickertape::tls and give ",
                                      name, " its tls(), as in {.tls = tls()}")};
    }
    if (!credentials.empty() && plain != all.end()) {
        throw UsageError{base::concat("there are credentials for targets of ", describe(with_tls->protocol()),
                                      " and of ", describe(plain->protocol()), "; ", describe(plain->protocol()),
                                      " would send them unencrypted")};
    }
}

StreamFactory stream_factory(const TlsLayer& tls) {
    return [streams = tls.streams()](boost::asio::ip::tcp::socket socket, const Target& target) {
        return target.uses_tls() ? streams->make(std::move(socket), target)
                                 : make_plain_stream(std::move(socket), target);
    };
}

} // namespace tickertape::push
