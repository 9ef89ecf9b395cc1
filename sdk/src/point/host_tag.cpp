// SPDX-License-Identifier: MIT
#include <tickertape/host_tag.hpp>

#include <unistd.h>

#include <array>

namespace tickertape {

std::string HostTag::resolve() const {
    if (kind_ != Kind::automatic) {
        return name_;
    }
    std::array<char, 257> name{}; // one byte more than gethostname gets, so that there is an end
    if (::gethostname(name.data(), name.size() - 1) != 0) {
        return "unknown";
    }
    return sanitize(name.data());
}

} // namespace tickertape
