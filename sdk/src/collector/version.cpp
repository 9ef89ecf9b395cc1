// SPDX-License-Identifier: MIT
#include "collector/version.hpp"

#include <build_version.hpp>

#include "base/concat.hpp"

namespace tickertape::collector {

std::string_view version_text() noexcept { return build_version; }

std::string version_line(std::string_view name, Features features) {
    return base::concat(name, " ", version_text(), features.tls ? " +TLS" : " -TLS",
                        features.spool ? " +spool" : " -spool");
}

} // namespace tickertape::collector
