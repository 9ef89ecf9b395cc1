// SPDX-License-Identifier: MIT
#include <tickertape/host_tag.hpp>

#include <unistd.h>

#include <array>

namespace tickertape {

std::string HostTag::resolve() const {
    if (kind_ != Kind::automatic) {
        return name_;
    }
    std::array<char, 257> name{}; // one byte more than gethostname may write, so that the name ends with a zero
    if (::gethostname(name.data(), name.size() - 1) != 0) {
        return "unknown";
    }
    return sanitize(name.data());
}

} // namespace tickertape
